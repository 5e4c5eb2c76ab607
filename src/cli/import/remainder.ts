import { listIn, type Api } from "../api.ts";
import type { Text } from "../text.ts";
import { ApiFailure } from "../api.ts";
import type { Stage, Step } from "./steps.ts";

interface Remainder {
  readonly path: string;
  readonly list: string;
  readonly name: Text;
}

/** What an organisation has besides, and is not taken. */
const remainders: readonly Remainder[] = [
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
      for (const { path, list, name } of remainders) {
        const count = await countOf(source, path, list);
        if (count > 0)
          steps.push({
            name: { en: `${count} ${name.en}`, ja: `${name.ja} ${count} 件` },
            plan: "left-out",
            why: { en: "cannot be taken over yet", ja: "まだ移せません" },
          });
      }
      steps.push({
        name: { en: "graph definitions", ja: "グラフ定義" },
        plan: "left-out",
        why: {
          en: "the API does not give them; agents send them at their next start",
          ja: "API では読めません。エージェントが次の起動時に送ります",
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
