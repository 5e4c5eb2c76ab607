import { listIn, type Api } from "../api.ts";
import type { Text } from "../text.ts";
import { ApiFailure } from "../api.ts";
import type { Stage, Step } from "./steps.ts";

interface Kind {
  readonly path: string;
  readonly list: string;
  readonly name: Text;
}

/** What an organisation has besides, and is not taken. */
const kinds: readonly Kind[] = [
  { path: "monitors", list: "monitors", name: { en: "monitors", ja: "監視ルール" } },
  { path: "channels", list: "channels", name: { en: "notification channels", ja: "通知チャンネル" } },
  { path: "notification-groups", list: "notificationGroups", name: { en: "notification groups", ja: "通知グループ" } },
  { path: "downtimes", list: "downtimes", name: { en: "downtimes", ja: "ダウンタイム" } },
  { path: "alert-group-settings", list: "alertGroupSettings", name: { en: "alert group settings", ja: "アラートグループ設定" } },
  { path: "users", list: "users", name: { en: "users (invite them)", ja: "ユーザー（招待してください）" } },
  { path: "aws-integrations", list: "aws_integrations", name: { en: "AWS integrations", ja: "AWS インテグレーション" } },
];

/** Counts what stays behind, so that nobody finds out later. */
export function remainderStage(source: Api): Stage {
  return {
    kind: "other",
    title: { en: "other", ja: "その他" },
    plan: async () => {
      const steps: Step[] = [];
      for (const { path, list, name } of kinds) {
        const count = await countOf(source, path, list);
        if (count > 0)
          steps.push({
            name: `${count} ${name.en}`,
            plan: "left-out",
            why: { en: "cannot be taken over yet", ja: `${name.ja} ${count} 件はまだ移せません` },
          });
      }
      steps.push({
        name: "graph definitions",
        plan: "left-out",
        why: {
          en: "the API does not give them; agents send them at their next start",
          ja: "グラフ定義は API で読めません。エージェントが次の起動時に送ります",
        },
      });
      return steps;
    },
  };
}

/** None where the source does not know the path, or the key may not see it. */
async function countOf(source: Api, path: string, list: string): Promise<number> {
  try {
    return listIn(await source.get(`/api/v0/${path}`), list).length;
  } catch (error) {
    if (error instanceof ApiFailure && error.answered >= 400 && error.answered < 500) return 0;
    throw error;
  }
}
