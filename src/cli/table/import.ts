import type { Command, Flag } from "../command.ts";

const dryRun: Flag = {
  name: "dry-run",
  short: "d",
  kind: "switch",
  does: { en: "show what would be done, and do nothing", ja: "何をするかを表示し、実行しない" },
};

const report: Flag = {
  name: "format",
  short: "f",
  kind: "text",
  value: "<form>",
  choices: ["text", "json"],
  does: { en: "form of the report", ja: "結果の形式" },
};

const overwrite: Flag = {
  name: "overwrite",
  kind: "switch",
  does: {
    en: "make what exists here already like the source; without it, that is kept and listed",
    ja: "すでにあるものも移行元に合わせる（なければそのまま残し、一覧に示す）",
  },
};

export const importCommands: readonly Command[] = [
  {
    name: "import",
    does: { en: "take over hosts and more from another product", ja: "ほかの製品からホストなどを移す" },
    commands: [
      {
        name: "mackerel",
        does: { en: "take over an organisation of Mackerel, or of another Hinoban", ja: "Mackerel（または別の Hinoban）の組織を移す" },
        more: [
          {
            en: "Takes services, roles, hosts with their ids, metadata, dashboards and annotations through the API. A second run changes nothing, and continues a run that was broken off. Since hosts keep their ids, their agents need nothing but a new apibase and apikey.",
            ja: "サービス・ロール・ホスト（ID もそのまま）・メタデータ・ダッシュボード・アノテーションを API で移します。二度目の実行では何も変わらず、中断した実行の続きにもなります。ホスト ID が変わらないので、エージェントは apibase と apikey を書き換えるだけです。",
          },
          {
            en: "The key for this server must have the right to administer. Monitors, channels and users are counted, not taken.",
            ja: "移行先のキーには管理の権限が必要です。監視ルール・通知チャンネル・ユーザーは数えるだけで移しません。",
          },
        ],
        flags: [
          {
            name: "from-apikey-file",
            kind: "file",
            value: "<file>",
            isRequired: true,
            does: { en: "file with an API key of the source that may read", ja: "移行元の APIキー（読み取り）の入ったファイル" },
          },
          {
            name: "from",
            kind: "text",
            value: "<url>",
            does: { en: "the source (https://api.mackerelio.com)", ja: "移行元の URL（https://api.mackerelio.com）" },
          },
          {
            name: "only",
            kind: "list",
            value: "<kind>",
            choices: ["services", "hosts", "metadata", "dashboards", "annotations", "metrics"],
            does: { en: "only these; services come first, then hosts", ja: "これだけを移す（サービス、ホストの順に先に移すこと）" },
          },
          {
            name: "annotations",
            kind: "duration",
            value: "<length>",
            does: { en: "how far back annotations are taken (400d)", ja: "どれだけ前までのアノテーションを移すか（400d）" },
          },
          {
            name: "metrics",
            kind: "duration",
            value: "<length>",
            does: {
              en: "also take the metrics of so long, at most 24h: a call for each metric of each host",
              ja: "この長さのメトリックも移す（24h まで。ホストのメトリックごとに 1 回の呼び出し）",
            },
          },
          {
            name: "new-ids",
            kind: "switch",
            does: {
              en: "give hosts new ids, for when the source is an organisation of the same server",
              ja: "ホストに新しい ID を付ける（移行元が同じサーバーの別の組織のとき）",
            },
          },
          overwrite,
          dryRun,
          report,
        ],
        examples: [
          {
            line: "hinoban import mackerel --from-apikey-file mackerel.key --dry-run",
            does: { en: "look first", ja: "まず確認する" },
          },
        ],
        load: async () => (await import("../import/mackerel.ts")).importMackerel,
      },
      {
        name: "zabbix",
        does: { en: "take over the hosts of a Zabbix export file", ja: "Zabbix のエクスポートファイルからホストを移す" },
        more: [
          {
            en: "Reads XML, JSON or YAML of Zabbix 5.0 to 7.4. A host group becomes a role: `Shop/Web` the role Shop:Web, `Linux servers` the role Zabbix:Linux-servers. Disabled hosts become standby. Tags, inventory, interfaces and templates are kept in the metadata `zabbix`.",
            ja: "Zabbix 5.0〜7.4 の XML・JSON・YAML を読みます。ホストグループはロールになります: `Shop/Web` はロール Shop:Web、`Linux servers` はロール Zabbix:Linux-servers。無効なホストは standby になります。タグ・インベントリ・インターフェース・テンプレートはメタデータ `zabbix` に残します。",
          },
          {
            en: "Items, triggers and macros are counted, not taken. A second run changes nothing.",
            ja: "アイテム・トリガー・マクロは数えるだけで移しません。二度目の実行では何も変わりません。",
          },
        ],
        flags: [
          {
            name: "service",
            short: "s",
            kind: "text",
            value: "<service>",
            does: { en: "service for groups without a slash (Zabbix)", ja: "スラッシュのないグループを入れるサービス（Zabbix）" },
          },
          {
            name: "groups",
            kind: "file",
            value: "<file>",
            does: {
              en: 'JSON that says what groups become: {"Linux servers": "Infra:linux", "Discovered hosts": null}',
              ja: 'グループの移し先を書いた JSON: {"Linux servers": "Infra:linux", "Discovered hosts": null}',
            },
          },
          overwrite,
          dryRun,
          report,
        ],
        operands: { name: "FILE", least: 1, most: 1, kind: "file", does: { en: "the export", ja: "エクスポートファイル" } },
        load: async () => (await import("../import/zabbix.ts")).importZabbix,
      },
    ],
  },
];
