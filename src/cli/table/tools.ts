import type { Command } from "../command.ts";

export const toolCommands: readonly Command[] = [
  {
    name: "wrap",
    does: { en: "run a job and report when it fails", ja: "ジョブを実行し、失敗を報告" },
    more: [
      {
        en: "Runs the command, passes its output and exit code through, and reports a check of this host: CRITICAL when it failed. Made for cron.",
        ja: "コマンドを実行し、出力と終了コードをそのまま渡し、失敗したらこのホストのチェックを CRITICAL で報告します。cron 向けです。",
      },
      {
        en: "The command runs even when key, server or host id are missing; that is told on standard error then.",
        ja: "キー・サーバー・ホスト ID がなくてもコマンドは実行し、その旨を標準エラーに出します。",
      },
    ],
    flags: [
      {
        name: "name",
        short: "n",
        kind: "text",
        value: "<check>",
        does: { en: "name of the check; made from the command when absent", ja: "チェック名（省略時はコマンドから作る）" },
      },
      {
        name: "detail",
        short: "d",
        kind: "switch",
        does: { en: "put the command's output into the report", ja: "コマンドの出力を報告に含める" },
      },
      {
        name: "note",
        short: "N",
        alias: ["memo"],
        kind: "text",
        value: "<text>",
        does: { en: "note in the report", ja: "報告に添えるメモ" },
      },
      { name: "host", short: "H", kind: "text", value: "<id>", does: { en: "id of the host", ja: "ホスト ID" } },
      {
        name: "warning",
        short: "w",
        kind: "switch",
        does: { en: "report WARNING instead of CRITICAL", ja: "CRITICAL ではなく WARNING で報告" },
      },
      {
        name: "auto-close",
        short: "a",
        kind: "switch",
        does: { en: "report OK when it succeeds, which closes the alert", ja: "成功したら OK を報告し、アラートを閉じる" },
      },
      {
        name: "notification-interval",
        short: "I",
        kind: "duration",
        value: "<length>",
        does: { en: "tell again after so long, at least 10m; 0 = never", ja: "再通知の間隔（10m 以上。0 = しない）" },
      },
    ],
    takesCommandLine: true,
    operands: { name: "COMMAND…", least: 1, most: 10_000, does: { en: "the command with its arguments", ja: "コマンドと引数" } },
    examples: [
      {
        line: "hinoban wrap -n backup -a -d -- /usr/local/bin/backup --all",
        does: { en: "a line for crontab", ja: "crontab の 1 行" },
      },
    ],
    load: async () => (await import("../run/wrap.ts")).wrapJob,
  },
  {
    name: "login",
    does: { en: "keep a server and an API key for later calls", ja: "サーバーと APIキーを保存" },
    more: [
      {
        en: "Asks for the key without showing it (or reads it from standard input), tries it, and keeps it in ~/.config/hinoban/profiles.json, mode 0600.",
        ja: "キーを画面に出さずに尋ね（標準入力からも読めます）、確かめてから ~/.config/hinoban/profiles.json に権限 0600 で保存します。",
      },
    ],
    load: async () => (await import("../run/login.ts")).logIn,
    examples: [
      {
        line: "hinoban login --apibase https://hinoban.example",
        does: { en: "for all calls without other words", ja: "既定の接続先にする" },
      },
      {
        line: "hinoban login --apibase https://other.example --profile other < key.txt",
        does: { en: "a second server, used with --profile other", ja: "2 つ目の接続先（--profile other で使う）" },
      },
    ],
  },
  {
    name: "logout",
    does: { en: "forget a server and its key", ja: "保存したサーバーとキーを消す" },
    load: async () => (await import("../run/login.ts")).logOut,
  },
  {
    name: "completion",
    does: { en: "print a completion script for a shell", ja: "シェルの補完スクリプトを表示" },
    operands: {
      name: "SHELL",
      least: 1,
      most: 1,
      choices: ["bash", "zsh", "fish"],
      does: { en: "bash, zsh or fish", ja: "bash、zsh、fish" },
    },
    examples: [
      {
        line: "hinoban completion bash > /etc/bash_completion.d/hinoban",
        does: { en: "for everybody on this machine", ja: "このマシンの全員に" },
      },
      { line: 'hinoban completion zsh > "${fpath[1]}/_hinoban"', does: { en: "for zsh", ja: "zsh の場合" } },
      { line: "hinoban completion fish > ~/.config/fish/completions/hinoban.fish", does: { en: "for fish", ja: "fish の場合" } },
    ],
    load: async () => (await import("../completion/run.ts")).printCompletion,
  },
];
