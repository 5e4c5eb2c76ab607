import { invalidInput } from "#base/errors";
import { dayLength, minuteLength, parseDay, parseTimeOfDay, type WallClock } from "#base/wall-time";

/** One line of a shift table. */
export interface TableRow {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const mostRows = 10_000;

/** What the columns of a head line may be called. */
const heads: Readonly<Record<"date" | "from" | "to" | "name", readonly string[]>> = {
  date: ["date", "day", "日付", "日", "年月日"],
  from: ["from", "start", "開始", "開始時刻", "自"],
  to: ["to", "end", "終了", "終了時刻", "至"],
  name: ["person", "name", "who", "担当", "担当者", "当番", "氏名", "名前"],
};

interface Columns {
  readonly date: number;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly name: number;
}

/**
 * Reads a shift table: a line for each shift, `2026-11-22,09:00,17:30,Hanako` or, for whole days, `2026-11-22,Hanako`; separated by commas,
 * semicolons or tabs; with or without a head line, in whose order the columns then are. A shift that ends no later than it begins ends on
 * the next day.
 * @throws HinobanError "invalid-input" that names the line
 */
export function readTable(text: string, clock: WallClock): TableRow[] {
  const lines = cellsOf(text.replace(/^\uFEFF/u, ""));
  if (lines.length > mostRows) throw invalidInput([{ field: "text", problem: `has ${lines.length} lines; ${mostRows} are allowed` }]);
  const [first, ...others] = lines;
  const columns = first && columnsOf(first.cells);
  return (columns ? others : lines).map((line) => rowOf(line, columns ?? guessed(line.cells), clock));
}

interface Line {
  readonly number: number;
  readonly cells: readonly string[];
}

/** Cells by lines; empty lines are left out. Quoted cells may hold separators and line ends. */
function cellsOf(text: string): Line[] {
  const separator = [",", "\t", ";"].find((one) => (text.split(/\r?\n/u, 1)[0] ?? "").includes(one)) ?? ",";
  const lines: { number: number; cells: string[] }[] = [];
  let number = 1;
  let line = { number, cells: [] as string[] }; // filled below
  let cell = "";
  let isQuoted = false;
  const endCell = (): void => {
    line.cells.push(cell.trim());
    cell = "";
  };
  for (const character of `${text}\n`) {
    if (character === '"' && (isQuoted || cell.trim() === "")) isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) endCell();
    else if (character === "\n" && !isQuoted) {
      endCell();
      if (line.cells.some((one) => one !== "")) lines.push(line);
      line = { number: number + 1, cells: [] };
    } else cell += character;
    if (character === "\n") number += 1;
  }
  return lines;
}

function columnsOf(cells: readonly string[]): Columns | undefined {
  const find = (names: readonly string[]): number | undefined => {
    const index = cells.findIndex((cell) => names.includes(cell.toLowerCase()));
    return index === -1 ? undefined : index;
  };
  const [date, name] = [find(heads.date), find(heads.name)];
  return date === undefined || name === undefined ? undefined : { date, name, from: find(heads.from), to: find(heads.to) };
}

const guessed = (cells: readonly string[]): Columns =>
  cells.length >= 4 ? { date: 0, from: 1, to: 2, name: 3 } : { date: 0, from: undefined, to: undefined, name: 1 };

function rowOf({ number, cells }: Line, columns: Columns, clock: WallClock): TableRow {
  const wrong = (problem: string): Error => invalidInput([{ field: "text", problem: `line ${number}: ${problem}` }]);
  const cell = (index: number | undefined): string => (index === undefined ? "" : (cells[index] ?? ""));
  const day = parseDay(dateIn(cell(columns.date)));
  if (day === undefined) throw wrong(`“${cell(columns.date)}” is no date such as 2026-11-22`);
  const name = cell(columns.name);
  if (name === "") throw wrong("nobody is named");
  const from = timeIn(cell(columns.from), 0);
  const to = timeIn(cell(columns.to), 1440);
  if (from === undefined || from === 1440) throw wrong(`“${cell(columns.from)}” is no time such as 09:00`);
  if (to === undefined) throw wrong(`“${cell(columns.to)}” is no time such as 17:30`);
  const end = to <= from ? to + 1440 : to;
  return {
    name,
    from: clock.toInstant(day * dayLength + from * minuteLength),
    to: clock.toInstant(day * dayLength + end * minuteLength),
  };
}

/** Also 2026/11/2 and 2026.11.2, as spreadsheets write dates. */
function dateIn(text: string): string {
  const match = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/u.exec(text);
  return match ? `${match[1]}-${match[2]?.padStart(2, "0")}-${match[3]?.padStart(2, "0")}` : "";
}

const timeIn = (text: string, otherwise: number): number | undefined =>
  text === "" ? otherwise : parseTimeOfDay(/^\d:/u.test(text) ? `0${text}` : text.slice(0, 5));
