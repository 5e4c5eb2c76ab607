import { outputFlags, type Command, type Flag } from "../command.ts";

const languages = ["ja", "en"] as const;
const kinds = ["person", "host", "service"] as const;

const language: Flag = {
  name: "language",
  kind: "text",
  value: "<ja|en>",
  choices: languages,
  does: { en: "which language; Japanese when absent", ja: "言語（省略時は日本語）" },
};

export const speechCommands: readonly Command[] = [
  {
    name: "speech",
    does: { en: "how calls read texts out: hear, correct, replace by recordings", ja: "電話の読み上げの試聴、よみと録音の管理" },
    commands: [
      {
        name: "say",
        does: { en: "show how a text is read, and keep the sound as a file", ja: "文章の読み方を表示し、音声をファイルに保存" },
        flags: [
          language,
          { name: "out", short: "o", kind: "file", value: "<file.wav>", does: { en: "write the sound there", ja: "音声の保存先" } },
          ...outputFlags,
        ],
        operands: { name: "TEXT", least: 1, most: 1, does: { en: "what is to be said", ja: "読み上げる文章" } },
        examples: [
          {
            line: 'hinoban speech say "web01 のディスク使用率が 95% です" --out try.wav',
            does: { en: "hear it with any player", ja: "try.wav を再生して確かめる" },
          },
        ],
        load: async () => (await import("../run/speech.ts")).say,
      },
      {
        name: "programs",
        does: { en: "with what the server speaks, and what is missing", ja: "音声合成プログラムの状態" },
        flags: outputFlags,
        load: async () => (await import("../run/speech.ts")).listPrograms,
      },
      {
        name: "words",
        does: { en: "the reading dictionary", ja: "読み辞書" },
        flags: outputFlags,
        load: async () => (await import("../run/speech.ts")).listWords,
        commands: [
          {
            name: "list",
            does: { en: "list its words, as without a word", ja: "一覧を表示（省略時と同じ）" },
            flags: outputFlags,
            load: async () => (await import("../run/speech.ts")).listWords,
          },
          {
            name: "set",
            does: { en: "say how a word is read", ja: "語のよみを登録・変更" },
            flags: [language],
            operands: { name: "WRITTEN SPOKEN", least: 2, most: 2, does: { en: "the word, and how it is said", ja: "表記とよみ" } },
            examples: [{ line: "hinoban speech words set 七海商事 ななみしょうじ", does: { en: "a customer's name", ja: "顧客名のよみ" } }],
            load: async () => (await import("../run/speech.ts")).setWord,
          },
          {
            name: "remove",
            does: { en: "take a word out", ja: "語を削除" },
            flags: [language],
            operands: { name: "WRITTEN", least: 1, most: 1, does: { en: "the word", ja: "表記" } },
            load: async () => (await import("../run/speech.ts")).removeWord,
          },
        ],
      },
      {
        name: "names",
        does: { en: "readings of people, hosts and services", ja: "ユーザー・ホスト・サービスのよみ" },
        flags: [
          { name: "kind", kind: "text", value: "<kind>", choices: kinds, does: { en: "only of this kind", ja: "種類で絞り込む" } },
          { name: "text", kind: "text", value: "<text>", does: { en: "part of a name or a reading", ja: "名前・よみの一部" } },
          {
            name: "limit",
            short: "l",
            kind: "integer",
            value: "<number>",
            does: { en: "at most this many; 200 when absent", ja: "最大件数（省略時 200）" },
          },
          ...outputFlags,
        ],
        load: async () => (await import("../run/speech.ts")).listNames,
        commands: [
          {
            name: "set",
            does: { en: "say in kana how a name is read; an empty reading removes it", ja: "名前のよみをかなで登録（空文字で削除）" },
            flags: [
              {
                name: "kind",
                kind: "text",
                value: "<kind>",
                choices: kinds,
                isRequired: true,
                does: { en: "what it is", ja: "種類" },
              },
            ],
            operands: {
              name: "NAME READING",
              least: 2,
              most: 2,
              does: { en: "id or name, and its reading", ja: "ID または名前と、そのよみ" },
            },
            examples: [
              { line: "hinoban speech names set --kind person 七海 ななみ", does: { en: "how somebody is called", ja: "人名のよみ" } },
            ],
            load: async () => (await import("../run/speech.ts")).setName,
          },
        ],
      },
      {
        name: "recordings",
        does: { en: "recordings that replace sentences of calls", ja: "定型文の録音" },
        flags: outputFlags,
        load: async () => (await import("../run/speech.ts")).listRecordings,
        commands: [
          {
            name: "upload",
            does: {
              en: "replace a sentence by a recording (WAV, or µ-law as .ulaw)",
              ja: "定型文を録音（WAV、または µ-law の .ulaw）に差し替え",
            },
            flags: [language],
            operands: {
              name: "KEY FILE",
              least: 2,
              most: 2,
              kind: "file",
              does: { en: "which sentence, such as hinoban, and the file", ja: "定型文のキー（hinoban など）とファイル" },
            },
            load: async () => (await import("../run/speech.ts")).uploadRecording,
          },
          {
            name: "remove",
            does: { en: "have the sentence spoken again", ja: "録音を削除して合成音声に戻す" },
            flags: [language],
            operands: { name: "KEY", least: 1, most: 1, does: { en: "which sentence", ja: "定型文のキー" } },
            load: async () => (await import("../run/speech.ts")).removeRecording,
          },
        ],
      },
    ],
  },
];
