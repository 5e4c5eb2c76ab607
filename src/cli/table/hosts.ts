import { outputFlags, type Command, type Flag } from "../command.ts";

/** Mackerel's four. Written here, since the contracts that have them would take longer to load than the whole call; a test compares. */
export const hostStatuses = ["working", "standby", "maintenance", "poweroff"] as const;

const status = (en: string, ja: string): Flag => ({
  name: "status",
  alias: ["st"],
  kind: "text",
  value: "<status>",
  choices: hostStatuses,
  does: { en, ja },
});

const roles = (en: string, ja: string): Flag => ({
  name: "roleFullname",
  short: "R",
  kind: "list",
  value: "<service:role>",
  does: { en, ja },
});

const memo: Flag = { name: "memo", kind: "text", value: "<text>", does: { en: "note beside the host", ja: "ホストのメモ" } };

const verbose: Flag = {
  name: "verbose",
  short: "v",
  kind: "switch",
  does: { en: "print everything that the server knows about the host", ja: "サーバーの持つすべての項目を表示" },
};

const theseHosts = {
  en: "ids of hosts; without any, the host that this machine's agent registered",
  ja: "ホスト ID。省略するとこのマシンのエージェントのホスト",
};

export const hostCommands: readonly Command[] = [
  {
    name: "hosts",
    does: { en: "list hosts", ja: "ホストの一覧を表示" },
    more: [
      {
        en: "Lists working and standby hosts unless --status says otherwise. Retired hosts are never listed.",
        ja: "--status を指定しなければ working と standby のホストを表示します。退役したホストは表示しません。",
      },
    ],
    flags: [
      { name: "name", short: "n", kind: "text", value: "<name>", does: { en: "only hosts of this name", ja: "この名前のホストだけ" } },
      {
        name: "service",
        short: "s",
        kind: "text",
        value: "<service>",
        does: { en: "only hosts in this service", ja: "このサービスのホストだけ" },
      },
      {
        name: "role",
        short: "r",
        kind: "list",
        value: "<role>",
        does: { en: "only hosts in these roles of --service", ja: "--service のこのロールのホストだけ" },
      },
      {
        name: "status",
        alias: ["st"],
        kind: "list",
        value: "<status>",
        choices: hostStatuses,
        does: { en: "only hosts with these statuses", ja: "このステータスのホストだけ" },
      },
      {
        name: "customIdentifier",
        kind: "text",
        value: "<text>",
        does: { en: "only the host with this custom identifier", ja: "このカスタム識別子のホストだけ" },
      },
      verbose,
      ...outputFlags,
    ],
    examples: [
      {
        line: "hinoban hosts --service Shop --role db --table",
        does: { en: "the database hosts of a service, as a table", ja: "あるサービスの DB ホストを表で" },
      },
      {
        line: 'hinoban hosts -f \'{{range .}}{{(index .Interfaces 0).IPAddress}}{{"\\t"}}{{.Name}}{{"\\n"}}{{end}}\'',
        does: { en: "address and name, by mkr's template", ja: "アドレスと名前を mkr のテンプレートで" },
      },
    ],
    load: async () => (await import("../run/hosts.ts")).listHosts,
  },
  {
    name: "status",
    does: { en: "show a host", ja: "ホストを表示" },
    flags: [
      { ...verbose, does: { en: `${verbose.does.en}, and its metric names`, ja: `${verbose.does.ja}（メトリック名も）` } },
      ...outputFlags,
    ],
    operands: {
      name: "HOST_ID",
      least: 0,
      most: 1,
      does: { en: "without it, the host that this machine's agent registered", ja: "省略するとこのマシンのエージェントのホスト" },
    },
    load: async () => (await import("../run/hosts.ts")).showHost,
  },
  {
    name: "create",
    does: { en: "register a host that has no agent", ja: "エージェントのないホストを登録" },
    flags: [
      status("status to begin with", "最初のステータス"),
      roles("roles to put it into; unknown ones are created", "入れるロール（なければ作る）"),
      {
        name: "customIdentifier",
        kind: "text",
        value: "<text>",
        does: { en: "identifier of your own, unique among the hosts", ja: "カスタム識別子（ホスト間で一意）" },
      },
      { name: "displayName", kind: "text", value: "<text>", does: { en: "name shown instead of the host name", ja: "表示名" } },
      memo,
      {
        name: "format",
        short: "f",
        kind: "text",
        value: "<form>",
        does: { en: "print the new host: json, jsonl, table or a template", ja: "登録したホストを表示: json、jsonl、table、テンプレート" },
      },
    ],
    operands: { name: "HOST_NAME", least: 1, most: 1, does: { en: "its name", ja: "ホスト名" } },
    examples: [
      {
        line: "hinoban create --status standby -R Shop:db mydb001",
        does: { en: "a standby database host", ja: "待機系の DB ホスト" },
      },
    ],
    load: async () => (await import("../run/hosts.ts")).createHost,
  },
  {
    name: "update",
    does: { en: "change hosts", ja: "ホストを変更" },
    flags: [
      { name: "name", short: "n", kind: "text", value: "<name>", does: { en: "new name", ja: "新しい名前" } },
      { name: "displayName", kind: "text", value: "<text>", does: { en: "new display name", ja: "新しい表示名" } },
      status("new status", "新しいステータス"),
      roles("roles to put it into", "入れるロール"),
      {
        name: "overwriteRoles",
        short: "o",
        kind: "switch",
        does: { en: "take it out of all roles but those of --roleFullname", ja: "--roleFullname のロールだけにする（ほかからは外す）" },
      },
      memo,
    ],
    operands: { name: "HOST_ID…", least: 0, most: 1000, does: theseHosts },
    examples: [
      {
        line: "hinoban update --status maintenance 2eQGEaLxiYU",
        does: { en: "nobody is called about it meanwhile", ja: "その間は呼び出しをしない" },
      },
    ],
    load: async () => (await import("../run/hosts.ts")).updateHosts,
  },
  {
    name: "retire",
    does: { en: "retire hosts for good", ja: "ホストを退役させる（元に戻せない）" },
    more: [
      {
        en: "A retired host stays readable; it is never listed or watched again. Asks first unless --force is given.",
        ja: "退役したホストは参照できますが、一覧にも監視にも戻りません。--force がなければ確認します。",
      },
    ],
    flags: [{ name: "force", kind: "switch", does: { en: "do not ask", ja: "確認しない" } }],
    operands: { name: "HOST_ID…", least: 0, most: 1000, does: theseHosts },
    load: async () => (await import("../run/retire.ts")).retireHosts,
  },
];
