import { outputFlags, type Command, type Flag } from "../command.ts";

/** Written here, since the contracts that have them would take longer to load than the whole call; a test compares. */
export const kindsOfCalls = ["incident", "code", "test", "weekly", "incoming"] as const;
export const statesOfCalls = ["queued", "dialing", "ringing", "talking", "over", "open"] as const;

const oneCall = { name: "CALL", least: 1, most: 1, does: { en: "id of the call", ja: "通話の ID" } } as const;

const filters: readonly Flag[] = [
  {
    name: "state",
    kind: "text",
    value: "<state>",
    choices: statesOfCalls,
    does: { en: "only these; open: not over yet", ja: "状態で絞り込む（open は進行中のもの）" },
  },
  { name: "kind", kind: "text", value: "<kind>", choices: kindsOfCalls, does: { en: "only of this kind", ja: "用件で絞り込む" } },
  {
    name: "person",
    kind: "text",
    value: "<id or address>",
    does: { en: "only with this person", ja: "相手で絞り込む（ID またはメールアドレス）" },
  },
  {
    name: "line",
    kind: "text",
    value: "<line>",
    does: { en: "only over this line: an id or a name", ja: "回線で絞り込む（ID または名前）" },
  },
  { name: "incident", kind: "text", value: "<id>", does: { en: "only about this incident", ja: "インシデントで絞り込む" } },
  { name: "limit", short: "l", kind: "integer", value: "<n>", does: { en: "how many; 50 when absent", ja: "件数（省略時 50）" } },
];

export const telephoneCommands: readonly Command[] = [
  {
    name: "lines",
    does: { en: "telephone lines, their state and what they cost", ja: "電話回線の状態と料金" },
    flags: outputFlags,
    examples: [{ line: "hinoban lines --table", does: { en: "do they work?", ja: "使えるかどうかを表で" } }],
    load: async () => (await import("../run/telephone.ts")).listLines,
    commands: [
      {
        name: "show",
        does: { en: "show one with its use month by month", ja: "月ごとの利用状況を表示" },
        flags: outputFlags,
        operands: { name: "LINE", least: 1, most: 1, does: { en: "its id or name", ja: "回線の ID または名前" } },
        load: async () => (await import("../run/telephone.ts")).showLine,
      },
      {
        name: "check",
        does: { en: "fail unless every line that is on is ready", ja: "オンの回線がすべて使用可でなければ失敗" },
        flags: outputFlags,
        load: async () => (await import("../run/telephone.ts")).checkLines,
      },
    ],
  },
  {
    name: "sms",
    does: { en: "short messages: who carries them, and a test", ja: "SMS の送信設定と送信テスト" },
    commands: [
      {
        name: "show",
        does: { en: "show the sender, what it cost in 30 days, the last messages", ja: "送信設定、30 日間の料金、最近の送信を表示" },
        flags: outputFlags,
        examples: [{ line: "hinoban sms show --table", does: { en: "did they arrive?", ja: "届いたかどうかを表で" } }],
        load: async () => (await import("../run/sms.ts")).showSms,
      },
      {
        name: "test",
        does: { en: "send one at once; fail unless it could be handed over", ja: "すぐに 1 通送る。渡せなければ失敗" },
        flags: outputFlags,
        operands: { name: "NUMBER", least: 1, most: 1, does: { en: "such as 090-1234-5678", ja: "送信先（例：090-1234-5678）" } },
        load: async () => (await import("../run/sms.ts")).testSms,
      },
    ],
  },
  {
    name: "calls",
    does: { en: "telephone calls and what became of them", ja: "通話の一覧と操作" },
    flags: [...filters, ...outputFlags],
    load: async () => (await import("../run/telephone.ts")).listCalls,
    commands: [
      {
        name: "list",
        does: { en: "list them, as without a word", ja: "一覧を表示（省略時と同じ）" },
        flags: [...filters, ...outputFlags],
        load: async () => (await import("../run/telephone.ts")).listCalls,
      },
      {
        name: "show",
        does: { en: "show one with what was said and pressed", ja: "読み上げた内容とキー操作を表示" },
        flags: outputFlags,
        operands: oneCall,
        load: async () => (await import("../run/telephone.ts")).showCall,
      },
      {
        name: "hang-up",
        does: { en: "end one, or take it back while it waits", ja: "通話を終了、または待機中の通話を取り消す" },
        operands: oneCall,
        load: async () => (await import("../run/telephone.ts")).hangUp,
      },
      {
        name: "call-me",
        does: { en: "have somebody called at the number that they verified, to try it out", ja: "確認済みの番号に試しにかける" },
        flags: [
          {
            name: "person",
            kind: "text",
            value: "<id or address>",
            isRequired: true,
            does: { en: "who: an id or an e-mail address. An API key is nobody", ja: "誰にかけるか（ID またはメールアドレス）" },
          },
          {
            name: "line",
            kind: "text",
            value: "<line>",
            does: { en: "only over this line: an id or a name", ja: "この回線だけを使う（ID または名前）" },
          },
        ],
        examples: [
          {
            line: "hinoban calls call-me --person tanaka@example.jp",
            does: { en: "does the telephone ring?", ja: "電話が鳴るか確かめる" },
          },
        ],
        load: async () => (await import("../run/telephone.ts")).callMe,
      },
    ],
  },
];
