import type { LocalMs } from "#base/wall-time";
import type { Rule } from "./recurrence.ts";

const weekdays = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
/** Times of one day that a rule may name. */
const mostTimes = 48;
const frequencies = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;

/** What a rule says that is not understood, for people. */
export class RuleProblem extends Error {}

/**
 * Reads the rule that ical.js made of the text of RRULE.
 * @param time milliseconds since midnight of the start, from which open hours, minutes and seconds are taken
 * @param readUntil reads UNTIL as a local time
 * @throws RuleProblem
 */
export function readRule(value: unknown, time: number, readUntil: (text: string) => LocalMs): Rule {
  if (typeof value !== "object" || value === null) throw new RuleProblem("its rule of repetition cannot be read");
  const parts = new Map<string, unknown>(Object.entries(value).map(([key, part]) => [key.toLowerCase(), part]));
  const freq = frequencies.find((one) => one === parts.get("freq"));
  if (!freq) throw new RuleProblem(`it repeats ${textOf(parts.get("freq"))}: only DAILY, WEEKLY, MONTHLY and YEARLY are read`);
  const until = parts.get("until");
  const weekStart = parts.get("wkst");
  return {
    freq,
    interval: whole(parts, "interval", 1, 10_000)[0] ?? 1,
    count: whole(parts, "count", 1, 1_000_000)[0],
    until: until === undefined ? undefined : readUntil(textOf(until)),
    byDay: listOf(parts.get("byday")).map(dayOf),
    byMonthDay: signed(parts, "bymonthday", 31),
    byMonth: whole(parts, "bymonth", 1, 12),
    byYearDay: signed(parts, "byyearday", 366),
    byWeekNo: signed(parts, "byweekno", 53),
    bySetPos: signed(parts, "bysetpos", 366),
    times: timesOf(parts, time),
    weekStart: weekStart === undefined ? 1 : weekStartOf(weekStart),
  };
}

/** Either a number from ical.js (1 = Sunday) or a text such as MO. */
function weekStartOf(value: unknown): number {
  const index = typeof value === "number" ? value - 1 : weekdays.indexOf(textOf(value));
  if (index < 0 || index > 6) throw new RuleProblem(`its week begins on ${textOf(value)}`);
  return index;
}

const textOf = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "in an unknown way");

const listOf = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

function whole(parts: ReadonlyMap<string, unknown>, key: string, least: number, most: number): number[] {
  return listOf(parts.get(key)).map((value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < least || number > most) {
      throw new RuleProblem(`its rule says ${key.toUpperCase()}=${textOf(value)}, which is not ${least} to ${most}`);
    }
    return number;
  });
}

function signed(parts: ReadonlyMap<string, unknown>, key: string, most: number): number[] {
  const numbers = whole(parts, key, -most, most);
  if (numbers.includes(0)) throw new RuleProblem(`its rule says ${key.toUpperCase()}=0`);
  return numbers;
}

function dayOf(value: unknown): { readonly weekday: number; readonly nth: number } {
  const match = /^([+-]?\d{1,2})?(SU|MO|TU|WE|TH|FR|SA)$/u.exec(textOf(value));
  if (!match) throw new RuleProblem(`its rule names the day ${textOf(value)}`);
  return { weekday: weekdays.indexOf(match[2] ?? ""), nth: Number(match[1] ?? 0) };
}

function timesOf(parts: ReadonlyMap<string, unknown>, time: number): number[] {
  const [hours, minutes, seconds] = [whole(parts, "byhour", 0, 23), whole(parts, "byminute", 0, 59), whole(parts, "bysecond", 0, 59)];
  if (hours.length + minutes.length + seconds.length === 0) return [];
  const or = (list: readonly number[], otherwise: number): readonly number[] => (list.length > 0 ? list : [otherwise]);
  const times = new Set<number>();
  for (const hour of or(hours, Math.floor(time / 3_600_000))) {
    for (const minute of or(minutes, Math.floor(time / 60_000) % 60)) {
      for (const second of or(seconds, Math.floor(time / 1000) % 60)) times.add(((hour * 60 + minute) * 60 + second) * 1000);
    }
  }
  if (times.size > mostTimes) throw new RuleProblem(`it repeats ${times.size} times a day`);
  return [...times].sort((a, b) => a - b);
}
