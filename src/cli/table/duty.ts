import { outputFlags, type Command, type Flag } from "../command.ts";

const schedule = {
  name: "SCHEDULE",
  least: 1,
  most: 1,
  does: { en: "id or name of a schedule", ja: "当番表の ID または名前" },
} as const;

const person = { en: "id or e-mail address", ja: "ID またはメールアドレス" } as const;
const from: Flag = { name: "from", kind: "time", value: "<time>", does: { en: "begins; now when absent", ja: "開始（省略時は現在）" } };
const to: Flag = { name: "to", kind: "time", value: "<time>", does: { en: "ends", ja: "終了" } };
const length: Flag = {
  name: "for",
  kind: "duration",
  value: "<length>",
  does: { en: "how long, instead of --to: 4h, 2d", ja: "長さ（--to の代わりに。4h、2d など）" },
};
const reason: Flag = { name: "reason", kind: "text", value: "<text>", does: { en: "why", ja: "理由" } };

const override: readonly Flag[] = [
  {
    name: "person",
    short: "p",
    kind: "text",
    value: "<person>",
    isRequired: true,
    does: { en: `who; ${person.en}`, ja: `担当（${person.ja}）` },
  },
  {
    name: "kind",
    kind: "text",
    value: "<kind>",
    choices: ["replace", "add", "remove"],
    does: { en: "replace (default), add besides, or remove", ja: "replace（代わりに入る。既定）、add（追加）、remove（外れる）" },
  },
  {
    name: "instead-of",
    kind: "text",
    value: "<person>",
    does: { en: "whom to replace; everybody on duty when absent", ja: "誰の代わりか（省略時は当番全員）" },
  },
  from,
  to,
  length,
  reason,
];

const swap: readonly Flag[] = [
  {
    name: "person",
    short: "p",
    kind: "text",
    value: "<person>",
    isRequired: true,
    does: { en: `who gives; ${person.en}`, ja: `渡す人（${person.ja}）` },
  },
  { name: "with", kind: "text", value: "<person>", isRequired: true, does: { en: "who takes it", ja: "引き受ける人" } },
  from,
  to,
  length,
  { name: "take-from", kind: "time", value: "<time>", does: { en: "given in return: begins", ja: "代わりに引き受ける開始" } },
  { name: "take-to", kind: "time", value: "<time>", does: { en: "given in return: ends", ja: "代わりに引き受ける終了" } },
  reason,
];

const load = async () => import("../run/duty.ts");

export const dutyCommands: readonly Command[] = [
  {
    name: "duty",
    does: { en: "who is on duty now, until when, and who follows", ja: "現在の当番・交代時刻・次の当番" },
    flags: [{ name: "at", kind: "time", value: "<time>", does: { en: "at another time", ja: "指定した時刻の当番" } }, ...outputFlags],
    examples: [{ line: "hinoban duty --table", does: { en: "everywhere, now", ja: "すべての当番表の現在の当番" } }],
    load: async () => (await load()).showDuty,
    commands: [
      {
        name: "list",
        does: { en: "all schedules", ja: "当番表の一覧" },
        flags: [{ name: "verbose", short: "v", kind: "switch", does: { en: "with their layers", ja: "レイヤーも表示" } }, ...outputFlags],
        load: async () => (await load()).listSchedules,
      },
      {
        name: "shifts",
        does: { en: "the shifts of a schedule", ja: "当番表のシフト" },
        operands: schedule,
        flags: [from, { ...to, does: { en: "ends; a week later when absent", ja: "終了（省略時は 1 週間後）" } }, ...outputFlags],
        load: async () => (await load()).listShifts,
      },
      {
        name: "override",
        does: { en: "override who is on duty for a while", ja: "一定時間の代行を設定" },
        operands: schedule,
        flags: override,
        examples: [
          {
            line: "hinoban duty override Night -p hanako@example.jp --for 4h",
            does: { en: "she is on duty instead of everybody", ja: "4 時間、当番全員の代わりに入る" },
          },
        ],
        load: async () => (await load()).overrideDuty,
      },
      {
        name: "swap",
        does: { en: "propose a swap; both answer in the console", ja: "交代を申し込む（承諾は本人がコンソールで行う）" },
        operands: schedule,
        flags: swap,
        load: async () => (await load()).proposeSwap,
      },
      {
        name: "swaps",
        does: { en: "swaps that wait for an answer", ja: "回答待ちの交代" },
        flags: outputFlags,
        load: async () => (await load()).listSwaps,
      },
      {
        name: "export",
        does: { en: "write the shifts of a schedule as iCalendar to stdout", ja: "シフトを iCalendar 形式で標準出力に書き出す" },
        operands: schedule,
        load: async () => (await load()).exportShifts,
      },
      {
        name: "import",
        does: { en: "read shifts from an .ics or .csv file into a layer", ja: ".ics・.csv ファイルのシフトをレイヤーに取り込む" },
        operands: schedule,
        flags: [
          { name: "file", kind: "file", value: "<file>", isRequired: true, does: { en: "the file", ja: "ファイル" } },
          {
            name: "layer",
            kind: "text",
            value: "<name>",
            does: {
              en: "name of the layer, which is replaced when there is one; the file's name when absent",
              ja: "レイヤー名（同名のレイヤーは置き換え。省略時はファイル名）",
            },
          },
        ],
        load: async () => (await load()).importShifts,
      },
    ],
  },
];
