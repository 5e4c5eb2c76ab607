import { outputFlags, type Command, type Flag } from "../command.ts";

const file: Flag = {
  name: "file-path",
  short: "F",
  kind: "file",
  value: "<file>",
  does: { en: "the file; monitors.json when absent", ja: "ファイル（省略時 monitors.json）" },
};
const verbose: Flag = { name: "verbose", short: "v", kind: "switch", does: { en: "print the rules too", ja: "ルールの内容も表示" } };
const ids = { name: "MONITOR_ID…", least: 1, most: 200, does: { en: "ids of the monitors", ja: "監視ルールの ID" } } as const;

export const monitorCommands: readonly Command[] = [
  {
    name: "monitors",
    does: { en: "list monitors, or keep them as a file", ja: "監視ルールの一覧、ファイルとの出し入れ" },
    flags: outputFlags,
    load: async () => (await import("../run/monitors.ts")).listMonitors,
    commands: [
      {
        name: "pull",
        does: { en: "write all monitors to a file", ja: "すべての監視ルールをファイルに書き出す" },
        flags: [file, verbose],
        load: async () => (await import("../run/monitors.ts")).pullMonitors,
      },
      {
        name: "diff",
        does: { en: "show what a push would change", ja: "push で何が変わるかを表示" },
        flags: [
          file,
          { name: "exit-code", short: "e", kind: "switch", does: { en: "end with 1 when anything differs", ja: "差があれば終了コード 1" } },
          { name: "reverse", kind: "switch", does: { en: "the other way round: from the file to the server", ja: "逆向きに比べる" } },
        ],
        load: async () => (await import("../run/monitors.ts")).diffMonitors,
      },
      {
        name: "push",
        does: { en: "make the monitors those of a file", ja: "ファイルの内容に合わせる" },
        more: [
          {
            en: "Rules of the file that the server does not have are created, those that differ are changed, and those that the file does not have are deleted. Rules of types that Mackerel does not know (ping, TCP …) are left alone.",
            ja: "サーバーにないルールは作成し、違うルールは更新し、ファイルにないルールは削除します。Mackerel にない種類のルール（ping、TCP など）には触れません。",
          },
        ],
        flags: [
          file,
          verbose,
          { name: "dry-run", short: "d", kind: "switch", does: { en: "only say what would be done", ja: "実行せず、内容だけを表示" } },
        ],
        load: async () => (await import("../run/monitors.ts")).pushMonitors,
      },
      {
        name: "mute",
        does: { en: "raise alerts but tell nobody", ja: "アラートは発生させるが通知しない" },
        operands: ids,
        load: async () => (await import("../run/monitors.ts")).muteMonitors,
      },
      {
        name: "unmute",
        does: { en: "let them speak again", ja: "ミュートを解除" },
        operands: ids,
        load: async () => (await import("../run/monitors.ts")).unmuteMonitors,
      },
    ],
  },
];
