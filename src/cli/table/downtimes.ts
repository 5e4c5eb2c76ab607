import { outputFlags, type Command, type Flag } from "../command.ts";

/** Written here, since the contracts that have them would take longer to load than the whole call; a test compares. */
export const downtimeStates = ["active", "planned", "over"] as const;
export const recurrences = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;
export const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

const oneDowntime = { name: "DOWNTIME_ID", least: 1, most: 1, does: { en: "id of the downtime", ja: "ダウンタイムの ID" } } as const;

const list: readonly Flag[] = [
  {
    name: "state",
    kind: "text",
    value: "<state>",
    choices: downtimeStates,
    does: { en: "only those that hold now, come, or are over", ja: "実施中(active)・予定(planned)・終了(over)のどれかだけ" },
  },
  { name: "text", kind: "text", value: "<text>", does: { en: "words that name or memo contain", ja: "名前・メモに含まれる語" } },
  { name: "host", kind: "text", value: "<host id>", does: { en: "only those that cover this host", ja: "このホストが対象のものだけ" } },
  {
    name: "service",
    short: "s",
    kind: "text",
    value: "<service>",
    does: { en: "only those that name this service", ja: "このサービスを指定したものだけ" },
  },
  { name: "limit", short: "l", kind: "integer", value: "<number>", does: { en: "at most this many", ja: "最大件数" } },
  { name: "verbose", short: "v", kind: "switch", does: { en: "print everything", ja: "すべての項目を表示" } },
];

const scope: readonly Flag[] = [
  { name: "service", short: "s", kind: "list", value: "<service>", does: { en: "services", ja: "サービス" } },
  { name: "role", kind: "list", value: "<service:role>", does: { en: "roles", ja: "ロール" } },
  { name: "monitor", kind: "list", value: "<monitor id>", does: { en: "monitors", ja: "監視ルール" } },
  { name: "host", kind: "list", value: "<host id>", does: { en: "hosts", ja: "ホスト" } },
  { name: "except-service", kind: "list", value: "<service>", does: { en: "but not these services", ja: "除外するサービス" } },
  { name: "except-role", kind: "list", value: "<service:role>", does: { en: "but not these roles", ja: "除外するロール" } },
  { name: "except-monitor", kind: "list", value: "<monitor id>", does: { en: "but not these monitors", ja: "除外する監視ルール" } },
];

const length: Flag = {
  name: "for",
  kind: "duration",
  value: "<length>",
  isRequired: true,
  does: { en: "how long: 30m, 2h, 1d", ja: "長さ（30m、2h、1d など）" },
};
const name: Flag = { name: "name", short: "n", kind: "text", value: "<name>", does: { en: "what it is called", ja: "名前" } };
const memo: Flag = { name: "memo", kind: "text", value: "<text>", does: { en: "a word about it", ja: "メモ" } };

const times: readonly Flag[] = [
  {
    name: "start",
    kind: "time",
    value: "<time>",
    isRequired: true,
    does: { en: "when it begins: 2026-11-22T02:00", ja: "開始時刻（2026-11-22T02:00 など）" },
  },
  length,
  { name: "repeat", kind: "text", value: "<how>", choices: recurrences, does: { en: "how it comes again", ja: "繰り返し" } },
  { name: "interval", kind: "integer", value: "<number>", does: { en: "every so many; 1 when absent", ja: "間隔（省略時 1）" } },
  {
    name: "weekday",
    kind: "list",
    value: "<day>",
    choices: weekdays,
    does: { en: "on these days, for weekly", ja: "曜日（weekly のとき）" },
  },
  { name: "until", kind: "time", value: "<time>", does: { en: "begins no more after", ja: "繰り返しの終了時刻" } },
];

const covers = {
  en: "Kinds of --service, --role, --monitor and --host that are given must all match; none given covers everything.",
  ja: "--service、--role、--monitor、--host は指定した種類をすべて満たすものが対象です。何も指定しなければすべてが対象です。",
};

export const downtimeCommands: readonly Command[] = [
  {
    name: "downtimes",
    does: { en: "times in which monitors open no alerts", ja: "ダウンタイムの一覧、登録、終了" },
    flags: [...list, ...outputFlags],
    examples: [
      {
        line: "hinoban downtimes start --for 1h --host 2eQGEaLxiYU",
        does: { en: "make a host quiet for an hour", ja: "ホストを 1 時間静かにする" },
      },
      {
        line: 'hinoban downtimes add --name "Backup" --start 2026-11-29T02:00 --for 3h --repeat weekly --role shop:db',
        does: { en: "every week from then on", ja: "その日時から毎週" },
      },
    ],
    load: async () => (await import("../run/downtimes.ts")).listDowntimes,
    commands: [
      {
        name: "list",
        does: { en: "list them, as without a word", ja: "一覧を表示（省略時と同じ）" },
        flags: [...list, ...outputFlags],
        load: async () => (await import("../run/downtimes.ts")).listDowntimes,
      },
      {
        name: "start",
        does: { en: "start one now", ja: "今すぐ開始" },
        more: [covers],
        flags: [length, name, memo, ...scope, ...outputFlags],
        load: async () => (await import("../run/downtimes.ts")).startDowntime,
      },
      {
        name: "add",
        does: { en: "plan one", ja: "登録" },
        more: [covers],
        flags: [{ ...name, isRequired: true }, ...times, memo, ...scope, ...outputFlags],
        load: async () => (await import("../run/downtimes.ts")).addDowntime,
      },
      {
        name: "preview",
        does: { en: "show when one would hold, without planning it", ja: "登録せずに、いつ実施されるかを表示" },
        flags: [...times, ...outputFlags],
        load: async () => (await import("../run/downtimes.ts")).previewDowntime,
      },
      {
        name: "end",
        does: { en: "end one that holds now", ja: "実施中のダウンタイムを終了" },
        operands: oneDowntime,
        load: async () => (await import("../run/downtimes.ts")).endDowntime,
      },
      {
        name: "delete",
        does: { en: "delete one", ja: "削除" },
        operands: oneDowntime,
        load: async () => (await import("../run/downtimes.ts")).deleteDowntime,
      },
    ],
  },
];
