import type { Command, Flag } from "../command.ts";

const dataDir: Flag = {
  name: "data-dir",
  kind: "file",
  value: "<dir>",
  does: {
    en: "the server's data directory (default ./hinoban-data, or HINOBAN_DATA_DIR)",
    ja: "サーバーのデータディレクトリ（既定は ./hinoban-data または HINOBAN_DATA_DIR）",
  },
};

/** Commands that work on this machine's own files; the server and the agent read their arguments themselves. */
export const localCommands: readonly Command[] = [
  {
    name: "server",
    isLocal: true,
    does: {
      en: "start the server with its database, and an agent for this machine",
      ja: "サーバーとデータベース、このマシンのエージェントを起動",
    },
    more: [
      {
        en: "Every setting may be a flag, an environment variable (HINOBAN_PORT …) or a line of hinoban.yaml; docs/reference/config.md lists them all.",
        ja: "すべての設定はフラグ、環境変数（HINOBAN_PORT など）、hinoban.yaml の行で指定できます。一覧は docs/reference/config.md にあります。",
      },
    ],
    flags: [
      {
        name: "port",
        kind: "integer",
        value: "<port>",
        does: { en: "port of API and console (8600)", ja: "API とコンソールのポート（8600）" },
      },
      dataDir,
      { name: "no-agent", kind: "switch", does: { en: "do not watch this machine", ja: "このマシンを監視しない" } },
    ],
  },
  {
    name: "agent",
    isLocal: true,
    does: { en: "watch this machine and report to a server", ja: "このマシンを監視し、サーバーに報告" },
    more: [{ en: "`hinoban agent --help` tells the rest.", ja: "詳しくは `hinoban agent --help` で表示します。" }],
    operands: {
      name: "run|once|install|uninstall|status|retire",
      least: 0,
      most: 1,
      choices: ["run", "once", "install", "uninstall", "status", "retire"],
      does: { en: "", ja: "" },
    },
  },
  {
    name: "doctor",
    isLocal: true,
    does: {
      en: "look at disk, clock, database, ports and permissions, and say what to do",
      ja: "ディスク・時計・データベース・ポート・権限を調べ、すべきことを示す",
    },
    flags: [{ name: "json", kind: "switch", does: { en: "as JSON", ja: "JSON で" } }, dataDir],
  },
  {
    name: "backup",
    isLocal: true,
    does: { en: "write everything into one file, while the server runs or not", ja: "すべてを 1 つのファイルに書き出す（稼働中でも可）" },
    flags: [
      { name: "overwrite", kind: "switch", does: { en: "replace FILE when it exists", ja: "FILE があれば置き換える" } },
      {
        name: "include-keys",
        kind: "switch",
        does: {
          en: "put the server's key file in too; keep such a file as safe as the key itself",
          ja: "サーバーの鍵ファイルも含める（鍵そのものと同じように守ること）",
        },
      },
      dataDir,
    ],
    operands: { name: "FILE", least: 1, most: 1, kind: "file", does: { en: "the file", ja: "ファイル" } },
  },
  {
    name: "restore",
    isLocal: true,
    does: { en: "fill an empty data directory from a backup", ja: "バックアップから空のデータディレクトリを作る" },
    flags: [dataDir],
    operands: { name: "FILE", least: 1, most: 1, kind: "file", does: { en: "the backup", ja: "バックアップ" } },
  },
  {
    name: "ledger",
    isLocal: true,
    does: { en: "check the history and name the first bad entry", ja: "履歴を検証し、最初の不正な記録を示す" },
    flags: [dataDir],
    operands: { name: "verify", least: 1, most: 1, choices: ["verify"], does: { en: "the only thing to do with it", ja: "履歴の検証" } },
  },
  {
    name: "reset-password",
    isLocal: true,
    does: {
      en: "give somebody a new password, on the machine where the server runs",
      ja: "サーバーの動くマシンで、ユーザーのパスワードを付け直す",
    },
    more: [
      {
        en: "Prints the password, ends all of their sessions and lifts a lock. The history records it.",
        ja: "パスワードを表示し、その人のセッションをすべて終了し、ロックを解除します。履歴に残ります。",
      },
    ],
    flags: [dataDir],
    operands: { name: "EMAIL", least: 1, most: 1, does: { en: "their address", ja: "メールアドレス" } },
  },
  { name: "version", isLocal: true, does: { en: "print the version", ja: "バージョンを表示" } },
  {
    name: "help",
    isLocal: true,
    does: { en: "tell about the commands, or one of them", ja: "コマンドの説明を表示" },
    operands: { name: "COMMAND", least: 0, most: 3, does: { en: "its name", ja: "コマンド名" } },
  },
];
