/** One setting: where it may come from and what it means. The table below is the only place that knows them; the reference page is generated from it. */
export interface Setting<T> {
  /** Key in hinoban.yaml. */
  readonly key: string;
  readonly env: string;
  readonly flag: string;
  readonly value: "text" | "number" | "boolean" | "list";
  readonly unit?: string;
  readonly default: T;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly choices?: readonly string[];
  /** What a text has to be, unless it is empty. */
  readonly form?: "ip";
  readonly en: string;
  readonly ja: string;
}

/** Empty texts mean "not set". */
export const settings = {
  config: text(
    "config",
    "",
    "File with settings; `hinoban.yaml` in the current or the data directory is read when it exists.",
    "設定ファイル。省略時はカレントまたはデータディレクトリの `hinoban.yaml`。",
  ),
  dataDir: text(
    "dataDir",
    "hinoban-data",
    "Folder for everything that must be kept: database, metrics, secrets.",
    "データベース・メトリック・鍵を置くディレクトリ。",
  ),
  host: text(
    "host",
    "0.0.0.0",
    "Address to listen on; `127.0.0.1` keeps other machines out.",
    "待ち受けアドレス。`127.0.0.1` なら他のマシンから接続できない。",
  ),
  port: number(
    "port",
    8600,
    0,
    65_535,
    undefined,
    "Port for console and API; 0 takes a free one.",
    "コンソールと API のポート。0 なら空きポートを使う。",
  ),
  zabbixPort: number(
    "zabbixPort",
    10_051,
    0,
    65_535,
    undefined,
    "Port for Zabbix agents and zabbix_sender, on the same address as the console; 0: none.",
    "Zabbix エージェントと zabbix_sender を受け付けるポート。0 なら受け付けない。",
  ),
  publicUrl: text(
    "publicUrl",
    "",
    "The address under which people and agents reach this server, for links. Default: the one they used.",
    "利用者とエージェントから見た URL。省略時はアクセスされた URL。",
  ),
  trustProxy: list(
    "trustProxy",
    "Addresses or networks of reverse proxies whose X-Forwarded-* headers are believed.",
    "X-Forwarded-* ヘッダーを信頼するリバースプロキシのアドレス。",
  ),
  databaseUrl: text(
    "databaseUrl",
    "",
    "A PostgreSQL 15 or newer of your own, `postgres://…`, as a role that may create tables and roles. Default: the embedded one.",
    "外部 PostgreSQL(15 以降)の URL。省略時は組み込みの PostgreSQL。",
  ),
  pgBin: text(
    "pgBin",
    "",
    "Folder with `initdb` and `postgres` to use instead of the ones that npm installed.",
    "npm の代わりに使う PostgreSQL の bin ディレクトリ。",
  ),
  keyFile: text(
    "keyFile",
    "",
    "File with the key that seals secrets; made at the first start with mode 0600. Default: `secrets/server.key` in the data directory.",
    "秘密情報を封印する鍵ファイル。初回起動時に 0600 で作成。",
  ),
  smtpUrl: text(
    "smtpUrl",
    "",
    "Mail server for organisations without one of their own: `smtp://user:password@host:587` (STARTTLS is required), `smtps://…:465`; `?tls=optional`, `?tls=none`, `?verify=no` loosen it.",
    "組織が独自に設定しない場合のメールサーバー。`smtp://user:password@host:587`（STARTTLS 必須）または `smtps://…:465`。`?tls=optional`・`?tls=none`・`?verify=no` で緩和できる。",
  ),
  mailFrom: text(
    "mailFrom",
    "",
    "Sender of mail through that server: `alert@example.jp` or `Hinoban <alert@example.jp>`.",
    "上記サーバーで送るメールの差出人。`alert@example.jp` または `Hinoban <alert@example.jp>`。",
  ),
  outgoingAllow: list(
    "outgoingAllow",
    "Networks that webhooks, chats and telephone lines may lead to although they are refused by default, such as `127.0.0.1/32` (this machine) or `169.254.0.0/16`.",
    "既定では拒否する宛先（このマシン自身の `127.0.0.1/32` など）のうち、Webhook・チャット・電話回線の接続先として許可するネットワーク。",
  ),
  outgoingDeny: list(
    "outgoingDeny",
    "Networks that webhooks, chats and telephone lines may not lead to besides those refused by default; private networks are allowed unless named here.",
    "既定の拒否先に加えて、Webhook・チャット・電話回線の接続先として拒否するネットワーク。プライベートネットワークはここに書かない限り許可される。",
  ),
  sipAddress: ipAddress(
    "sipAddress",
    "The IP address of this machine that telephone trunks reach, where a firewall translates addresses and the trunk does not find it out. Default: the one of the network to the trunk.",
    "電話トランクから見たこのマシンの IP アドレス。アドレス変換があり自動で分からない場合に指定する。省略時はトランク側ネットワークのアドレス。",
  ),
  rtpFrom: number(
    "rtpFrom",
    16_384,
    1024,
    65_534,
    undefined,
    "First UDP port for the sound of telephone calls; each call takes an even one.",
    "通話音声 (RTP) に使う UDP ポートの先頭。1 通話につき偶数番のポートを 1 つ使う。",
  ),
  rtpTo: number(
    "rtpTo",
    17_383,
    1025,
    65_535,
    undefined,
    "Last UDP port for the sound of telephone calls.",
    "通話音声 (RTP) に使う UDP ポートの末尾。",
  ),
  holidaysFile: text(
    "holidaysFile",
    "",
    "File with Japan's public holidays, as the Cabinet Office publishes them (CSV) or as JSON. Default: the list that came with this version.",
    "国民の祝日のファイル(内閣府の CSV または JSON)。省略時は同梱の一覧。",
  ),
  agent: boolean("agent", true, "Start an agent for this machine.", "このマシン用のエージェントを起動する。"),
  retentionDays: number(
    "retentionDays",
    460,
    1,
    36_500,
    "days",
    "How long one-minute points are kept; daily summaries stay for ever.",
    "1 分粒度の点を保持する日数。日次の集計は無期限。",
  ),
  sessionIdleMinutes: number(
    "sessionIdleMinutes",
    120,
    5,
    43_200,
    "minutes",
    "A session ends after this long without use.",
    "操作がないとセッションが切れるまでの分数。",
  ),
  sessionHours: number("sessionHours", 12, 1, 720, "hours", "A session ends after this long in any case.", "セッションの最長時間。"),
  logLevel: choice("logLevel", "info", ["debug", "info", "warn", "error"], "Least severe messages to log.", "出力するログの最低レベル。"),
  logFormat: choice(
    "logFormat",
    "auto",
    ["auto", "json", "text"],
    "`json` one object a line; `text` for eyes; `auto`: text on a terminal.",
    "`json` は 1 行 1 オブジェクト、`text` は人間用、`auto` は端末なら text。",
  ),
} as const;

export type SettingName = keyof typeof settings;

type ValueOf<S> =
  S extends Setting<infer T>
    ? T extends readonly string[]
      ? readonly string[]
      : T extends boolean
        ? boolean
        : T extends number
          ? number
          : string
    : never;

/** All settings with their values. */
export type Settings = { readonly [K in SettingName]: ValueOf<(typeof settings)[K]> };

function names(key: string): { key: string; env: string; flag: string } {
  const snake = key.replaceAll(/[A-Z]/gu, (c) => `_${c}`);
  return { key, env: `HINOBAN_${snake.toUpperCase()}`, flag: `--${snake.replaceAll("_", "-").toLowerCase()}` };
}

function text(key: string, fallback: string, en: string, ja: string): Setting<string> {
  return { ...names(key), value: "text", default: fallback, en, ja };
}

function ipAddress(key: string, en: string, ja: string): Setting<string> {
  return { ...text(key, "", en, ja), form: "ip" };
}

function number(
  key: string,
  fallback: number,
  minimum: number,
  maximum: number,
  unit: string | undefined,
  en: string,
  ja: string,
): Setting<number> {
  return { ...names(key), value: "number", default: fallback, minimum, maximum, ...(unit ? { unit } : {}), en, ja };
}

function boolean(key: string, fallback: boolean, en: string, ja: string): Setting<boolean> {
  return { ...names(key), value: "boolean", default: fallback, en, ja };
}

function list(key: string, en: string, ja: string): Setting<readonly string[]> {
  return { ...names(key), value: "list", default: [], en, ja };
}

function choice(key: string, fallback: string, choices: readonly string[], en: string, ja: string): Setting<string> {
  return { ...names(key), value: "text", default: fallback, choices, en, ja };
}
