import { outputFlags, type Command, type Flag } from "../command.ts";

const language: Flag = {
  name: "language",
  kind: "text",
  value: "<language>",
  choices: ["en", "ja"],
  does: { en: "en or ja", ja: "言語（en または ja）" },
};

const named = {
  name: "REPORT",
  least: 1,
  most: 1,
  does: { en: "id of the report, or its month: the newest one of 2026-10", ja: "レポートの ID、または年月（2026-10 なら最新のもの）" },
} as const;

const fileFlag = (name: string, what: string): Flag => ({
  name,
  kind: "file",
  value: "<file>",
  does: { en: `write it as ${what} to this file`, ja: `${what} としてこのファイルに書く` },
});

export const reportCommands: readonly Command[] = [
  {
    name: "reports",
    does: { en: "monthly reports: list, make, fetch, send", ja: "月次レポートの一覧・作成・取得・送付" },
    flags: [
      { name: "month", kind: "text", value: "<month>", does: { en: "only those of 2026-10", ja: "この年月（2026-10 など）のものだけ" } },
      { name: "limit", short: "l", kind: "integer", value: "<number>", does: { en: "at most this many", ja: "最大件数" } },
      ...outputFlags,
    ],
    examples: [
      {
        line: "hinoban reports make --month 2026-10 --language ja",
        does: { en: "count October and keep the report", ja: "10 月分を集計して保存する" },
      },
      { line: "hinoban reports get 2026-10 --pdf october.pdf", does: { en: "fetch it as PDF", ja: "PDF で取得する" } },
    ],
    load: async () => (await import("../run/reports.ts")).listReports,
    commands: [
      {
        name: "list",
        does: { en: "list the reports that are kept, newest first", ja: "保存されているレポートを新しい順に表示" },
        flags: [
          {
            name: "month",
            kind: "text",
            value: "<month>",
            does: { en: "only those of 2026-10", ja: "この年月（2026-10 など）のものだけ" },
          },
          { name: "limit", short: "l", kind: "integer", value: "<number>", does: { en: "at most this many", ja: "最大件数" } },
          ...outputFlags,
        ],
        load: async () => (await import("../run/reports.ts")).listReports,
      },
      {
        name: "make",
        does: { en: "count a month or a year and keep the report", ja: "ひと月分または一年分を集計して保存" },
        flags: [
          {
            name: "month",
            kind: "text",
            value: "<month>",
            does: {
              en: "2026-10, or 2026 for the year; the month that goes on when absent",
              ja: "2026-10 など。2026 なら一年分。省略時は今月",
            },
          },
          language,
          ...outputFlags,
        ],
        load: async () => (await import("../run/reports.ts")).makeReport,
      },
      {
        name: "get",
        does: { en: "print the figures of a report, or write it to files", ja: "レポートの数値を表示、またはファイルに書き出す" },
        operands: named,
        flags: [fileFlag("pdf", "PDF"), fileFlag("html", "HTML"), fileFlag("csv", "CSV"), language, ...outputFlags],
        load: async () => (await import("../run/reports.ts")).fetchReport,
      },
      {
        name: "send",
        does: { en: "send a report now", ja: "レポートを今すぐ送る" },
        operands: named,
        more: [
          {
            en: "Without addresses it goes to those who get it by schedule.",
            ja: "宛先を指定しなければ、自動送付の送付先に送ります。",
          },
        ],
        flags: [{ name: "to", kind: "list", value: "<address>", does: { en: "mail addresses", ja: "メールアドレス" } }],
        load: async () => (await import("../run/reports.ts")).sendReport,
      },
    ],
  },
];
