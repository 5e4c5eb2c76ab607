import { outputFlags, type Command } from "../command.ts";

const channels = {
  name: "CHANNEL…",
  least: 1,
  most: 100,
  does: { en: "ids or names of the channels", ja: "通知チャンネルの ID または名前" },
} as const;
const oneOrNone = { ...channels, name: "[CHANNEL]", least: 0, most: 1 } as const;

export const channelCommands: readonly Command[] = [
  {
    name: "channels",
    does: { en: "channels that messages go to", ja: "通知チャンネルの一覧と操作" },
    more: [
      {
        en: "Prints what Mackerel's interface tells of them, as mkr does: channels of other kinds by id, name and type alone.",
        ja: "mkr と同じく Mackerel 互換 API の内容を表示します。Mackerel にない種類は ID・名前・種類だけです。",
      },
    ],
    flags: outputFlags,
    load: async () => (await import("../run/channels.ts")).listChannels,
    commands: [
      {
        name: "pull",
        does: { en: "keep them in a file", ja: "ファイルに保存" },
        flags: [
          {
            name: "file-path",
            short: "F",
            kind: "file",
            value: "<file>",
            does: { en: "the file; channels.json when absent", ja: "保存先（省略時 channels.json）" },
          },
        ],
        load: async () => (await import("../run/channels.ts")).pullChannels,
      },
      {
        name: "apply",
        does: {
          en: "create the channel of a JSON file, or change the one that is named",
          ja: "JSON ファイルから作成、または指定したチャンネルを変更",
        },
        flags: [
          {
            name: "file",
            short: "F",
            kind: "file",
            value: "<file>",
            isRequired: true,
            does: { en: "type, name and the fields of the type", ja: "type・name と種類ごとの項目を書いたファイル" },
          },
        ],
        operands: oneOrNone,
        load: async () => (await import("../run/channels.ts")).applyChannel,
      },
      {
        name: "test",
        does: { en: "send a test through them; the exit code is 1 when one fails", ja: "テストを送信（失敗があれば終了コード 1）" },
        flags: outputFlags,
        operands: channels,
        load: async () => (await import("../run/channels.ts")).testChannels,
      },
      {
        name: "messages",
        does: { en: "show what was sent of late, and what became of it", ja: "最近の通知とその結果を表示" },
        flags: [
          {
            name: "state",
            kind: "text",
            value: "<state>",
            choices: ["open", "pending", "held", "retrying", "sent", "failed", "cancelled", "unknown"],
            does: { en: "only these; open: not over yet", ja: "状態で絞り込む（open は完了していないもの）" },
          },
          { name: "limit", kind: "integer", value: "<n>", does: { en: "how many; 50 when absent", ja: "件数（省略時 50）" } },
          ...outputFlags,
        ],
        operands: oneOrNone,
        load: async () => (await import("../run/channels.ts")).listMessages,
      },
      {
        name: "suspend",
        does: { en: "let nothing go through them until somebody resumes them", ja: "再開するまで停止" },
        flags: [{ name: "reason", kind: "text", value: "<text>", does: { en: "why", ja: "理由" } }],
        operands: channels,
        load: async () => (await import("../run/channels.ts")).suspendChannels,
      },
      {
        name: "resume",
        does: { en: "let suspended ones go on", ja: "停止中のチャンネルを再開" },
        operands: channels,
        load: async () => (await import("../run/channels.ts")).resumeChannels,
      },
      {
        name: "delete",
        does: { en: "delete them", ja: "削除" },
        operands: channels,
        load: async () => (await import("../run/channels.ts")).deleteChannels,
      },
    ],
  },
];
