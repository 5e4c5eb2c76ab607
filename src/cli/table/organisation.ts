import { outputFlags, type Command, type Flag } from "../command.ts";

const serviceOf: Flag = {
  name: "service",
  short: "s",
  kind: "text",
  value: "<service>",
  isRequired: true,
  does: { en: "name of the service", ja: "サービス名" },
};

const time = (name: string, en: string, ja: string): Flag => ({
  name,
  kind: "time",
  value: "<time>",
  isRequired: true,
  does: { en: `${en}: seconds since 1970, 2026-11-22T09:00, now, or -6h`, ja: `${ja}: UNIX 秒、2026-11-22T09:00、now、-6h のどれか` },
});

const id: Flag = {
  name: "id",
  kind: "text",
  value: "<id>",
  isRequired: true,
  does: { en: "id of the annotation", ja: "アノテーションの ID" },
};

const description: readonly Flag[] = [
  { name: "description", kind: "text", value: "<text>", does: { en: "text shown with it", ja: "説明" } },
  {
    name: "description-file",
    kind: "file",
    value: "<file>",
    does: { en: "read the description from a file; - is standard input", ja: "説明をファイルから読む（- は標準入力）" },
  },
  {
    name: "role",
    short: "r",
    kind: "list",
    value: "<role>",
    does: { en: "only for these roles of the service", ja: "サービスのこのロールだけ" },
  },
];

export const organisationCommands: readonly Command[] = [
  {
    name: "services",
    does: { en: "list services with their roles", ja: "サービスとロールの一覧を表示" },
    flags: outputFlags,
    load: async () => (await import("../run/lists.ts")).listServices,
  },
  {
    name: "org",
    does: { en: "show the organisation of the API key", ja: "APIキーの組織を表示" },
    flags: outputFlags,
    load: async () => (await import("../run/lists.ts")).showOrganisation,
  },
  {
    name: "users",
    does: { en: "list the people of the organisation", ja: "組織のユーザー一覧を表示" },
    flags: [
      { name: "verbose", short: "v", kind: "switch", does: { en: "print the answer as it came", ja: "応答をそのまま表示" } },
      ...outputFlags,
    ],
    load: async () => (await import("../run/lists.ts")).listUsers,
  },
  {
    name: "dashboards",
    does: { en: "list dashboards, or keep them as files", ja: "ダッシュボードの一覧、ファイルとの出し入れ" },
    flags: outputFlags,
    load: async () => (await import("../run/dashboards.ts")).listDashboards,
    commands: [
      {
        name: "pull",
        does: { en: "write dashboards to files dashboard-<id>.json", ja: "ダッシュボードを dashboard-<id>.json に書き出す" },
        flags: [
          { name: "id", kind: "text", value: "<id>", does: { en: "only this one; all when absent", ja: "これだけ（省略時はすべて）" } },
        ],
        load: async () => (await import("../run/dashboards.ts")).pullDashboards,
      },
      {
        name: "push",
        does: { en: "create or change a dashboard from a file", ja: "ファイルからダッシュボードを作成・更新" },
        more: [
          {
            en: "With an `id` in the file that dashboard is replaced, else a new one is made.",
            ja: "ファイルに `id` があればその内容に置き換え、なければ新しく作ります。",
          },
        ],
        flags: [
          { name: "file-path", short: "F", kind: "file", value: "<file>", isRequired: true, does: { en: "the file", ja: "ファイル" } },
        ],
        load: async () => (await import("../run/dashboards.ts")).pushDashboard,
      },
    ],
  },
  {
    name: "annotations",
    does: { en: "notes on graphs", ja: "グラフアノテーション" },
    commands: [
      {
        name: "create",
        does: { en: "write a note", ja: "アノテーションを作成" },
        flags: [
          { name: "title", kind: "text", value: "<text>", isRequired: true, does: { en: "its title", ja: "タイトル" } },
          time("from", "beginning", "開始"),
          time("to", "end", "終了"),
          serviceOf,
          ...description,
        ],
        examples: [
          {
            line: 'hinoban annotations create -s Shop --title "Release 1.2" --from now --to now',
            does: { en: "marks a release", ja: "リリースの印を付ける" },
          },
        ],
        load: async () => (await import("../run/annotations.ts")).createAnnotation,
      },
      {
        name: "list",
        does: { en: "list the notes of a service", ja: "サービスのアノテーションを表示" },
        flags: [time("from", "beginning", "開始"), time("to", "end", "終了"), serviceOf, ...outputFlags],
        load: async () => (await import("../run/annotations.ts")).listAnnotations,
      },
      {
        name: "update",
        does: { en: "replace a note", ja: "アノテーションを置き換える" },
        flags: [
          id,
          { name: "title", kind: "text", value: "<text>", does: { en: "its title", ja: "タイトル" } },
          time("from", "beginning", "開始"),
          time("to", "end", "終了"),
          serviceOf,
          ...description,
        ],
        load: async () => (await import("../run/annotations.ts")).updateAnnotation,
      },
      {
        name: "delete",
        does: { en: "delete a note", ja: "アノテーションを削除" },
        flags: [id],
        load: async () => (await import("../run/annotations.ts")).deleteAnnotation,
      },
    ],
  },
];
