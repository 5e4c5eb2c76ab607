import { outputFlags, type Command, type Flag } from "../command.ts";

const group = { name: "GROUP", least: 1, most: 1, does: { en: "name or id of the group", ja: "グループの名前または ID" } } as const;

const file: Flag = {
  name: "file-path",
  short: "f",
  kind: "file",
  value: "<file>",
  isRequired: true,
  does: { en: "YAML or JSON, as show prints it", ja: "show が表示する形の YAML または JSON" },
};

const tried: readonly Flag[] = [
  { name: "monitor", short: "m", kind: "text", value: "<monitor id>", does: { en: "the monitor", ja: "監視ルール" } },
  { name: "host", kind: "text", value: "<host id>", does: { en: "the host that the alert is about", ja: "アラートの対象ホスト" } },
  {
    name: "service",
    short: "s",
    kind: "text",
    value: "<service>",
    does: { en: "the service that it is about", ja: "アラートの対象サービス" },
  },
  {
    name: "status",
    kind: "text",
    value: "<status>",
    choices: ["OK", "WARNING", "CRITICAL", "UNKNOWN"],
    does: { en: "its status; CRITICAL when absent", ja: "アラートの状態（省略時 CRITICAL）" },
  },
];

export const routingCommands: readonly Command[] = [
  {
    name: "notification-groups",
    does: { en: "which alert goes to which channel", ja: "通知グループの一覧、変更、確認" },
    flags: outputFlags,
    examples: [
      {
        line: "hinoban notification-groups try --host 2eQGEaLxiYU --status WARNING",
        does: { en: "who would be told?", ja: "誰に通知されるかを確かめる" },
      },
    ],
    load: async () => (await import("../run/routing.ts")).listGroups,
    commands: [
      {
        name: "show",
        does: { en: "show a group in the form that apply reads", ja: "グループを apply で読み込める形で表示" },
        operands: group,
        flags: outputFlags,
        load: async () => (await import("../run/routing.ts")).showGroup,
      },
      {
        name: "apply",
        does: { en: "create a group, or change the one of the same name", ja: "グループを作成、同名のものがあれば変更" },
        flags: [file],
        load: async () => (await import("../run/routing.ts")).applyGroup,
      },
      {
        name: "delete",
        does: { en: "delete a group; the default one stays", ja: "グループを削除（デフォルトは削除できない）" },
        operands: group,
        load: async () => (await import("../run/routing.ts")).deleteGroup,
      },
      {
        name: "try",
        does: { en: "show who would be told of an alert; nobody is told", ja: "誰に通知されるかを表示（実際には通知しない）" },
        flags: [...tried, ...outputFlags],
        load: async () => (await import("../run/routing.ts")).tryRouting,
      },
    ],
  },
  {
    name: "alert-groups",
    does: { en: "alerts that are told together", ja: "アラートグループ設定の一覧と変更" },
    flags: outputFlags,
    load: async () => (await import("../run/routing.ts")).listAlertGroups,
    commands: [
      {
        name: "apply",
        does: { en: "create a setting, or change the one of the same name", ja: "設定を作成、同名のものがあれば変更" },
        flags: [file],
        load: async () => (await import("../run/routing.ts")).applyAlertGroup,
      },
      {
        name: "delete",
        does: { en: "delete a setting", ja: "設定を削除" },
        operands: { ...group, does: { en: "name or id of the setting", ja: "設定の名前または ID" } },
        load: async () => (await import("../run/routing.ts")).deleteAlertGroup,
      },
    ],
  },
];
