import { unixMs, type UnixMs } from "#base/duration";
import {
  addMonths,
  dateText,
  dayLength,
  localDay,
  parseDay,
  parseTimeOfDay,
  minuteLength,
  weekdayOf,
  type WallClock,
} from "#base/wall-time";
import type { Range } from "../model.ts";

const firstDay = (period: string): number => parseDay(period.length === 4 ? `${period}-01-01` : `${period}-01`) ?? 0;
const monthsIn = (period: string): number => (period.length === 4 ? 12 : 1);
const isYear = (period: string): boolean => period.length === 4;

/** From the first midnight of a month or year to the one after its last day, on a clock: an hour shorter or longer where clocks change. */
export function periodRange(period: string, clock: WallClock): { readonly from: UnixMs; readonly to: UnixMs } {
  const first = firstDay(period);
  return { from: clock.toInstant(first * dayLength), to: clock.toInstant(addMonths(first, monthsIn(period)) * dayLength) };
}

/** The month or year before. */
export function periodBefore(period: string): string {
  const text = dateText(addMonths(firstDay(period), -monthsIn(period)));
  return isYear(period) ? text.slice(0, 4) : text.slice(0, 7);
}

/** The month in which a moment lies. */
export const monthOf = (at: UnixMs, clock: WallClock): string => dateText(localDay(clock.toLocal(at))).slice(0, 7);

export interface Day {
  /** `2026-10-03`; in a year its month, `2026-10`. */
  readonly date: string;
  readonly isWeekend: boolean;
}

/** What the bars of a period stand for: its days, or the months of a year. */
export function daysOf(period: string): Day[] {
  const first = firstDay(period);
  if (isYear(period))
    return Array.from({ length: 12 }, (_, month) => ({ date: dateText(addMonths(first, month)).slice(0, 7), isWeekend: false }));
  const length = addMonths(first, 1) - first;
  return Array.from({ length }, (_, day) => ({ date: dateText(first + day), isWeekend: [0, 6].includes(weekdayOf(first + day)) }));
}

/** The name of the bar to which a moment belongs. */
export const dayOf = (at: number, period: string, clock: WallClock): string =>
  dateText(localDay(clock.toLocal(unixMs(at)))).slice(0, isYear(period) ? 7 : 10);

const nightBegins = 22;
const nightEnds = 7;
const hourLength = 60 * minuteLength;

/** The evening with which the night begins in which a moment lies, `2026-10-03`; undefined by day. */
export function nightOf(at: number, clock: WallClock): string | undefined {
  const local = clock.toLocal(unixMs(at));
  const day = localDay(local);
  const hour = Math.floor((local - day * dayLength) / hourLength);
  if (hour >= nightBegins) return dateText(day);
  return hour < nightEnds ? dateText(day - 1) : undefined;
}

/** What of a range is over at a moment. */
export const elapsed = ({ from, to }: Range, at: number): Range => ({ from, to: Math.max(from, Math.min(to, at)) });

export interface Plan {
  readonly day: "first-day" | "first-working-day";
  /** `09:00` */
  readonly time: string;
  readonly clock: WallClock;
  /** Whether a local day, counted from 1970-01-01, is worked. */
  readonly isWorking: (day: number) => boolean;
}

/** After so many days without work the first day of the month will do. */
const longestHoliday = 20;

/** The first moment after `after` at which the report of a month before is due. */
export function nextSending({ day, time, clock, isWorking }: Plan, after: UnixMs): UnixMs {
  const minute = parseTimeOfDay(time) ?? 0;
  const thisMonth = firstDay(monthOf(after, clock));
  for (let month = 0; ; month += 1) {
    const first = addMonths(thisMonth, month);
    let chosen = first;
    if (day === "first-working-day")
      for (let later = 0; later < longestHoliday; later += 1)
        if (isWorking(first + later)) {
          chosen = first + later;
          break;
        }
    const at = clock.toInstant(chosen * dayLength + minute * minuteLength);
    if (at > after) return at;
  }
}
