import { readFile } from "node:fs/promises";
import holidayJp from "@holiday-jp/holiday_jp";
import { HinobanError, messageOf } from "#base/errors";
import { parseDay } from "#base/wall-time";
import type { HolidayName, Holidays } from "./calendar/model.ts";

type Table = ReadonlyMap<string, HolidayName>;

/**
 * Japan's public holidays as the package @holiday-jp/holiday_jp keeps them, 1970-2050. Looked up by local date: the package's own
 * `isHoliday` asks the server's zone, which is another one than the reader's.
 */
export function packagedHolidays(): Holidays {
  return tableOf(new Map(Object.entries(holidayJp.holidays).map(([date, { name, name_en: en }]) => [date, { ja: name, en }])));
}

const tableOf = (table: Table): Holidays => ({ nameOf: (date) => table.get(date) });

/**
 * The holidays of a file, for the years from its first to its last one; those of `otherwise` for others. Reads the list that the Cabinet
 * Office publishes (`2027/1/1,元日`, Shift_JIS or UTF-8) and JSON (`{"2027-01-01": "元日"}`, or with `{"ja", "en"}`).
 * @throws HinobanError "invalid-input" that names the line
 */
export function holidaysWith(file: Uint8Array, otherwise: Holidays): Holidays {
  const text = decoded(file);
  const table = text.trimStart().startsWith("{") ? fromJson(text) : fromCsv(text);
  const dates = [...table.keys()].sort();
  const [first, last] = [dates[0]?.slice(0, 4), dates.at(-1)?.slice(0, 4)];
  if (first === undefined || last === undefined) throw wrong("the file names no holiday");
  return {
    nameOf: (date) => {
      const year = date.slice(0, 4);
      if (year < first || year > last) return otherwise.nameOf(date);
      const own = table.get(date);
      if (own === undefined) return undefined;
      return own.en === "" ? { ja: own.ja, en: otherwise.nameOf(date)?.en ?? own.ja } : own;
    },
  };
}

/** The holidays that the installation uses. A file that cannot be used keeps no server from starting: the packaged list serves then. */
export async function openHolidays(path: string, onProblem: (problem: string) => void): Promise<Holidays> {
  const packaged = packagedHolidays();
  if (path === "") return packaged;
  try {
    return holidaysWith(await readFile(path), packaged);
  } catch (error) {
    onProblem(messageOf(error));
    return packaged;
  }
}

function decoded(file: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(file);
  } catch {
    return new TextDecoder("shift_jis").decode(file);
  }
}

function fromJson(text: string): Table {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw wrong(`the file is no JSON: ${messageOf(error)}`);
  }
  const table = new Map<string, HolidayName>();
  const entries = Object.entries(Object(read) as Record<string, unknown>); // each value is looked at below
  for (const [date, value] of entries) {
    if (parseDay(date) === undefined) throw wrong(`there is no day ${date}; write 2027-01-01`);
    table.set(date, nameIn(value, date));
  }
  return table;
}

function nameIn(value: unknown, date: string): HolidayName {
  if (typeof value === "string" && value !== "") return { ja: value, en: "" };
  const { ja, name, en, name_en: nameEn } = Object(value) as Record<string, unknown>; // each member is looked at
  const own = typeof ja === "string" ? ja : name;
  const english = typeof en === "string" ? en : nameEn;
  if (typeof own !== "string" || own === "") throw wrong(`${date} has no name`);
  return { ja: own, en: typeof english === "string" ? english : "" };
}

function fromCsv(text: string): Table {
  const table = new Map<string, HolidayName>();
  text.split(/\r?\n/u).forEach((line, index) => {
    const [day = "", name = ""] = line.split(",").map((cell) => cell.trim().replaceAll(/^"|"$/gu, ""));
    if (day === "") return;
    const match = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/u.exec(day);
    if (!match && index === 0) return; // the head line
    const date = match ? `${match[1]}-${match[2]?.padStart(2, "0")}-${match[3]?.padStart(2, "0")}` : "";
    if (parseDay(date) === undefined || name === "") throw wrong(`line ${index + 1} is not a date and a name, such as 2027/1/1,元日`);
    table.set(date, { ja: name, en: "" });
  });
  return table;
}

const wrong = (problem: string): HinobanError => new HinobanError("invalid-input", `The file of holidays cannot be used: ${problem}.`);
