import { outputFlags, type Command, type Flag } from "../command.ts";
import { hostStatuses } from "./hosts.ts";

/** Written here, since the contracts that have them would take longer to load than the whole call; a test compares. */
export const incidentStates = ["open", "taken", "resolved"] as const;
export const incidentSeverities = ["information", "warning", "error", "critical"] as const;

const which = (more: number, does: { en: string; ja: string }) => ({
  name: "INCIDENT",
  least: 1 + more,
  most: more === 0 ? 1 : 1000,
  does,
});
const oneIncident = which(0, { en: "its number or id", ja: "インシデントの番号または ID" });

const note: Flag = {
  name: "note",
  short: "n",
  kind: "text",
  value: "<text>",
  does: { en: "a word about it, for the timeline", ja: "タイムラインに残すメモ" },
};

const person: Flag = {
  name: "person",
  kind: "text",
  value: "<id or address>",
  does: {
    en: "who: an id or an e-mail address. An API key is nobody",
    ja: "誰が行うか（ID またはメールアドレス）。API キーだけでは誰でもない",
  },
};

const list: readonly Flag[] = [
  {
    name: "state",
    kind: "list",
    value: "<state>",
    choices: incidentStates,
    does: { en: "only these; those that are not resolved when absent", ja: "この状態だけ（省略時は未解決）" },
  },
  { name: "all", short: "a", kind: "switch", does: { en: "also those that are resolved", ja: "解決済みも表示" } },
  {
    name: "severity",
    kind: "list",
    value: "<severity>",
    choices: incidentSeverities,
    does: { en: "only these severities", ja: "この重大度だけ" },
  },
  { name: "service", short: "s", kind: "text", value: "<service>", does: { en: "only of this service", ja: "このサービスだけ" } },
  {
    name: "text",
    kind: "text",
    value: "<text>",
    does: { en: "words that title, message or host contain", ja: "件名・メッセージ・ホストに含まれる語" },
  },
];

const limit: Flag = { name: "limit", short: "l", kind: "integer", value: "<number>", does: { en: "at most this many", ja: "最大件数" } };
const verbose: Flag = { name: "verbose", short: "v", kind: "switch", does: { en: "print everything", ja: "すべての項目を表示" } };

type Act =
  | "takeIncident"
  | "passIncident"
  | "declineIncident"
  | "releaseIncident"
  | "snoozeIncident"
  | "resolveIncident"
  | "commentIncident";

const act = (name: string, run: Act, does: Command["does"], flags: readonly Flag[], more: Partial<Command> = {}): Command => ({
  name,
  does,
  flags: [...flags, ...outputFlags],
  operands: oneIncident,
  load: async () => (await import("../run/incidents.ts"))[run],
  ...more,
});

const incidents: Command = {
  name: "incidents",
  does: { en: "what is wrong, and who has it", ja: "インシデントと担当者" },
  flags: [...list, limit, verbose, ...outputFlags],
  examples: [
    { line: "hinoban incidents --table", does: { en: "what is not resolved", ja: "未解決のインシデントを表で" } },
    { line: "hinoban incidents take 12 --person tanaka@example.jp", does: { en: "somebody takes number 12", ja: "12 番の担当者になる" } },
  ],
  load: async () => (await import("../run/incidents.ts")).listIncidents,
  commands: [
    {
      name: "list",
      does: { en: "list them, as without a word", ja: "一覧を表示（省略時と同じ）" },
      flags: [...list, limit, verbose, ...outputFlags],
      load: async () => (await import("../run/incidents.ts")).listIncidents,
    },
    {
      name: "show",
      does: { en: "show one with its alerts and what happened", ja: "アラートと経過を表示" },
      flags: [limit, ...outputFlags],
      operands: oneIncident,
      load: async () => (await import("../run/incidents.ts")).showIncident,
    },
    act(
      "take",
      "takeIncident",
      { en: "take one; fails and says who has it when somebody was faster", ja: "担当する（先に担当した人がいれば失敗して表示）" },
      [person],
    ),
    act("pass", "passIncident", { en: "pass one on to somebody", ja: "引き継ぐ" }, [
      {
        name: "to",
        kind: "text",
        value: "<id or address>",
        isRequired: true,
        does: { en: "to whom: an id or an e-mail address", ja: "引き継ぐ相手（ID またはメールアドレス）" },
      },
      note,
    ]),
    act(
      "cannot",
      "declineIncident",
      { en: "say that somebody cannot: the next person is told", ja: "対応できないことを伝える（次の人へ連絡）" },
      [person, note],
    ),
    act("release", "releaseIncident", { en: "give one back: nobody has it then", ja: "担当を外れる" }, [note]),
    act("snooze", "snoozeIncident", { en: "disturb nobody about it for a while", ja: "一定時間、誰にも連絡しない" }, [
      { name: "for", kind: "duration", value: "<length>", does: { en: "how long: 30m, 2h", ja: "期間（30m、2h など）" } },
      { name: "until", kind: "time", value: "<time>", does: { en: "until when", ja: "終了時刻" } },
      note,
    ]),
    act("resolve", "resolveIncident", { en: "it is over", ja: "解決にする" }, [note]),
    act("comment", "commentIncident", { en: "write a comment into the timeline", ja: "タイムラインにコメントを書く" }, [], {
      operands: { ...which(1, { en: "its number or id, and the comment", ja: "番号または ID と、コメント" }), name: "INCIDENT TEXT" },
    }),
    {
      name: "watch",
      does: { en: "print a line for each change, until it is interrupted", ja: "変化があるたびに 1 行表示（中断するまで）" },
      flags: [
        ...list,
        {
          name: "every",
          kind: "duration",
          value: "<length>",
          does: { en: "how often it looks; 10s when absent", ja: "確認の間隔（省略時 10s）" },
        },
        { name: "for", kind: "duration", value: "<length>", does: { en: "end after this long", ja: "この時間で終了" } },
        ...outputFlags,
      ],
      load: async () => (await import("../run/watch-incidents.ts")).watchIncidents,
    },
  ],
};

const withClosed: Flag = {
  name: "with-closed",
  short: "w",
  kind: "switch",
  does: { en: "also those that are closed", ja: "クローズ済みも表示" },
};

const alerts: Command = {
  name: "alerts",
  does: { en: "what monitors and checks found", ja: "アラートを表示" },
  flags: [withClosed, limit, ...outputFlags],
  load: async () => (await import("../run/alerts.ts")).retrieveAlerts,
  commands: [
    {
      name: "list",
      does: { en: "one line each, with monitor and host", ja: "監視ルールとホストを添えて 1 行ずつ表示" },
      flags: [
        { name: "service", short: "s", kind: "list", value: "<service>", does: { en: "only of these services", ja: "このサービスだけ" } },
        {
          name: "host-status",
          short: "S",
          kind: "list",
          value: "<status>",
          choices: hostStatuses,
          does: { en: "only of hosts with these statuses", ja: "このステータスのホストだけ" },
        },
        withClosed,
        limit,
        { name: "color", short: "c", kind: "switch", does: { en: "colour the status", ja: "ステータスに色を付ける" } },
      ],
      examples: [{ line: "hinoban alerts list --service Shop", does: { en: "what is wrong in a service", ja: "あるサービスのアラート" } }],
      load: async () => (await import("../run/alerts.ts")).listAlerts,
    },
    {
      name: "close",
      does: { en: "close alerts by hand", ja: "アラートを手動でクローズ" },
      flags: [
        { name: "reason", short: "r", kind: "text", value: "<text>", does: { en: "why", ja: "理由" } },
        { ...verbose, does: { en: "print the alerts", ja: "アラートを表示" } },
      ],
      operands: { name: "ALERT_ID…", least: 1, most: 1000, does: { en: "ids of alerts", ja: "アラート ID" } },
      load: async () => (await import("../run/alerts.ts")).closeAlerts,
    },
    {
      name: "logs",
      does: { en: "each change of an alert, newest first", ja: "アラートの変化を新しい順に表示" },
      flags: [limit, ...outputFlags],
      operands: { name: "ALERT_ID", least: 1, most: 1, does: { en: "id of the alert", ja: "アラート ID" } },
      load: async () => (await import("../run/alerts.ts")).listAlertLogs,
    },
  ],
};

export const incidentCommands: readonly Command[] = [incidents, alerts];
