import { unixMs } from "#base/duration";
import { localText, type WallClock } from "#base/wall-time";
import type { Words } from "./shape.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** "3 d 4 h", "1 h 12 min", "45 s": two units at the most, rounded down to the smaller one. */
export function lengthText(length: number, words: Words): string {
  const units = [
    [day, words.days],
    [hour, words.hours],
    [minute, words.minutes],
    [second, words.seconds],
  ] as const;
  const first = Math.max(
    0,
    units.findIndex(([unit]) => length >= unit),
  );
  const [unit, text] = length < second ? [second, words.seconds] : (units[first] ?? [second, words.seconds]);
  const whole = Math.floor(length / unit);
  const next = length < second ? undefined : units[first + 1];
  const rest = next ? Math.floor((length - whole * unit) / next[0]) : 0;
  return next && rest > 0 ? `${text(whole)}${words.joiner}${next[1](rest)}` : text(whole);
}

/**
 * "99.95 %". Rounded down, so that what was not always up never reads as 100 %, and with more digits where two would say nothing.
 * @param share 0 … 1
 */
export function availabilityText(share: number): string {
  if (share >= 1) return "100 %";
  for (const digits of [2, 3, 4, 5]) {
    const scale = 10 ** digits;
    const shown = Math.floor(share * 100 * scale) / scale;
    if (shown < 100 && share * 100 - shown < (100 - share * 100) / 2) return `${shown.toFixed(digits)} %`;
  }
  return "99.99999 %";
}

/** "34 %" */
export const shareText = (share: number): string => `${Math.round(share * 100)} %`;

export const countText = (count: number): string => count.toLocaleString("en-US");

/** "2026-10-03 14:05", on the clock of the organisation. */
export const timeText = (at: number, clock: WallClock): string => localText(clock.toLocal(unixMs(at))).replace("T", " ");

/** "10-03 14:05", for tables of one month. */
export const shortTimeText = (at: number, clock: WallClock): string => timeText(at, clock).slice(5);

/** "October 2026", "2026年10月", "2026" */
export function periodText(period: string, words: Words): string {
  const [year = "", month] = period.split("-");
  return month === undefined ? words.year(year) : words.month(year, words.months[Number(month) - 1] ?? month);
}
