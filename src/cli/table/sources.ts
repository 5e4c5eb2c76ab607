import { outputFlags, type Command, type Flag } from "../command.ts";

const ids = {
  name: "SOURCE_ID…",
  least: 1,
  most: 100,
  does: { en: "ids of the sources", ja: "受信元の ID" },
} as const;

const create: readonly Flag[] = [
  {
    name: "kind",
    kind: "text",
    value: "<kind>",
    choices: ["alertmanager", "grafana", "zabbix", "mackerel", "pagerduty", "opsgenie", "mail", "generic", "heartbeat"],
    isRequired: true,
    does: { en: "whose messages it understands", ja: "受信する製品" },
  },
  { name: "name", short: "n", kind: "text", value: "<name>", isRequired: true, does: { en: "its name", ja: "名前" } },
  {
    name: "service",
    short: "s",
    kind: "text",
    value: "<service>",
    does: { en: "service whose escalation policy holds", ja: "エスカレーションポリシーを適用するサービス" },
  },
  {
    name: "severity",
    kind: "text",
    value: "<severity>",
    choices: ["information", "warning", "error", "critical"],
    does: {
      en: "severity when a message says none (error), or when a heartbeat is missed (critical)",
      ja: "重大度の指定がないとき（既定 error）、ハートビートが途絶えたとき（既定 critical）の重大度",
    },
  },
  {
    name: "every",
    kind: "duration",
    value: "<length>",
    does: { en: "how often a heartbeat comes: 60s, 5m, 1d; 1h when absent", ja: "ハートビートの間隔（60s、5m、1d など。省略時 1h）" },
  },
  {
    name: "grace",
    kind: "duration",
    value: "<length>",
    does: { en: "how late it may be; 10m when absent", ja: "ハートビートの猶予（省略時 10m）" },
  },
  {
    name: "mapping",
    kind: "file",
    value: "<file>",
    does: { en: "JSON that says how messages of the kind generic are read", ja: "generic の読み取り方を書いた JSON ファイル" },
  },
  {
    name: "mailbox",
    kind: "file",
    value: "<file>",
    does: {
      en: "JSON with the mailbox of the kind mail, its password and rules",
      ja: "mail のメールボックス・パスワード・ルールを書いた JSON ファイル",
    },
  },
];

export const sourceCommands: readonly Command[] = [
  {
    name: "sources",
    does: { en: "where alerts of other products come in, and heartbeats", ja: "ほかの製品のアラートの受信元とハートビート" },
    flags: outputFlags,
    load: async () => (await import("../run/sources.ts")).listSources,
    commands: [
      {
        name: "create",
        does: { en: "create one; its address is printed this once", ja: "作成（URL の表示はこのときだけ）" },
        flags: create,
        examples: [
          {
            line: "hinoban sources create --kind alertmanager -n Prometheus",
            does: { en: "prints the address for alertmanager.yml", ja: "alertmanager.yml に書く URL を表示" },
          },
          {
            line: "hinoban sources create --kind heartbeat -n backup --every 1d --grace 2h",
            does: { en: "expects a call a day", ja: "1 日 1 回の呼び出しを待つ" },
          },
        ],
        load: async () => (await import("../run/sources.ts")).createSource,
      },
      {
        name: "messages",
        does: { en: "show what came, and what became of it", ja: "受信した内容と結果を表示" },
        flags: outputFlags,
        operands: { ...ids, name: "SOURCE_ID", most: 1 },
        load: async () => (await import("../run/sources.ts")).listSignals,
      },
      {
        name: "mute",
        does: { en: "open no alerts from them for a while; without --for, end that", ja: "一定時間アラートにしない（--for なしで解除）" },
        flags: [
          { name: "for", kind: "duration", value: "<length>", does: { en: "how long: 30m, 8h, 2d", ja: "期間（30m、8h、2d など）" } },
          { name: "reason", kind: "text", value: "<text>", does: { en: "why", ja: "理由" } },
        ],
        operands: ids,
        load: async () => (await import("../run/sources.ts")).muteSource,
      },
      {
        name: "delete",
        does: { en: "delete them; their open alerts are closed", ja: "削除（発生中のアラートはクローズ）" },
        operands: ids,
        load: async () => (await import("../run/sources.ts")).deleteSource,
      },
    ],
  },
];
