import { outputFlags, type Command, type Flag } from "../command.ts";

const host: Flag = {
  name: "host",
  short: "H",
  kind: "text",
  value: "<id>",
  does: { en: "id of the host", ja: "ホスト ID" },
};
const service: Flag = {
  name: "service",
  short: "s",
  kind: "text",
  value: "<service>",
  does: { en: "name of the service", ja: "サービス名" },
};

const neither = {
  en: "Without --host and --service it is about the host that this machine's agent registered.",
  ja: "--host も --service もなければ、このマシンのエージェントのホストが対象です。",
};

const times = {
  en: "a time: seconds since 1970, 2026-11-22T09:00, now, or -6h for six hours ago",
  ja: "時刻: UNIX 秒、2026-11-22T09:00、now、または -6h（6時間前）",
};

export const metricCommands: readonly Command[] = [
  {
    name: "throw",
    does: { en: "post metrics from standard input", ja: "標準入力のメトリックを投稿" },
    more: [
      {
        en: "Each line is `name value time`, separated by tabs or blanks, as Sensu and Mackerel plugins print it. Names of host metrics get `custom.` in front unless they have it. Lines of another form are left out. Points older than 24 hours are not taken by the server.",
        ja: "各行は `名前 値 時刻` です（タブか空白で区切る。Sensu や Mackerel のプラグインの出力と同じ）。ホストメトリックの名前には、なければ `custom.` を付けます。形の違う行は無視します。24 時間より古い点をサーバーは受け付けません。",
      },
      neither,
    ],
    flags: [
      host,
      service,
      {
        name: "retry",
        short: "r",
        kind: "integer",
        value: "<n>",
        does: {
          en: "try again up to n times, after 15 s, 30 s … 5 min, when the server cannot be reached or answer",
          ja: "サーバーに届かない・応答できないとき n 回まで再試行（15 秒、30 秒…5 分後）",
        },
      },
    ],
    examples: [
      {
        line: 'printf "shop.orders\\t42\\t$(date +%s)\\n" | hinoban throw --service Shop',
        does: { en: "one point of a service metric", ja: "サービスメトリックを 1 点" },
      },
    ],
    load: async () => (await import("../run/throw.ts")).throwMetrics,
  },
  {
    name: "metrics",
    does: { en: "print the points of a metric", ja: "メトリックの値を表示" },
    more: [neither],
    flags: [
      host,
      service,
      {
        name: "name",
        short: "n",
        kind: "text",
        value: "<metric>",
        isRequired: true,
        does: { en: "name of the metric", ja: "メトリック名" },
      },
      {
        name: "from",
        kind: "time",
        value: "<time>",
        does: { en: `beginning, an hour before --to when absent; ${times.en}`, ja: `開始（省略時は --to の 1 時間前）。${times.ja}` },
      },
      { name: "to", kind: "time", value: "<time>", does: { en: "end, now when absent", ja: "終了（省略時は現在）" } },
      ...outputFlags,
    ],
    examples: [
      { line: "hinoban metrics -n loadavg5 --from -24h", does: { en: "this machine's load over a day", ja: "このマシンの 1 日の負荷" } },
    ],
    load: async () => (await import("../run/metrics.ts")).printMetrics,
  },
  {
    name: "metric-names",
    does: { en: "list the metrics of a host or service", ja: "ホストやサービスのメトリック名を表示" },
    more: [neither],
    flags: [host, service, ...outputFlags],
    load: async () => (await import("../run/metrics.ts")).printMetricNames,
  },
  {
    name: "fetch",
    does: { en: "print the newest points of hosts", ja: "ホストの最新の値を表示" },
    flags: [
      { name: "name", short: "n", kind: "list", value: "<metric>", isRequired: true, does: { en: "name of a metric", ja: "メトリック名" } },
      ...outputFlags,
    ],
    operands: {
      name: "HOST_ID…",
      least: 0,
      most: 10_000,
      does: {
        en: "ids of hosts; without any, the host that this machine's agent registered",
        ja: "ホスト ID。省略するとこのマシンのエージェントのホスト",
      },
    },
    examples: [
      {
        line: "hinoban fetch -n loadavg5 $(hinoban hosts -s Shop --jq '.[].id')",
        does: { en: "the load of all hosts of a service", ja: "あるサービスの全ホストの負荷" },
      },
    ],
    load: async () => (await import("../run/metrics.ts")).fetchLatest,
  },
];
