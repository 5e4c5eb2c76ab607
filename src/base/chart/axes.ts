import type { Unit } from "../number-text.ts";
import type { ZonedClock } from "./zone.ts";

/** Steps of the y axis in binary units: 1 KiB, 2 KiB, 4 KiB … and not 1000, 2000. */
export const binarySteps: readonly number[] = Array.from({ length: 63 }, (_, power) => 2 ** power);

export const isBinary = (unit: Unit): boolean => unit === "bytes" || unit === "bytes/sec";

/** Zero is always in sight, a little air above, and a flat zero line still has a scale. */
export function valueRange(low: number | null, high: number | null): [number, number] {
  const bottom = Math.min(0, low ?? 0);
  const top = Math.max(0, high ?? 0);
  if (bottom === 0 && top === 0) return [0, 1];
  const air = (top - bottom) * 0.06;
  return [bottom === 0 ? 0 : bottom - air, top === 0 ? 0 : top + air];
}

/** At most `most` values between low and high, at round numbers of the unit. */
export function valueTicks(low: number, high: number, unit: Unit, most: number): number[] {
  const least = (high - low) / Math.max(1, most);
  const step = isBinary(unit) && least >= 1 ? (binarySteps.find((one) => one >= least) ?? least) : decimalStep(least, unit);
  const ticks: number[] = [];
  for (let n = Math.ceil(low / step); n * step <= high && ticks.length <= most; n += 1) ticks.push(n * step);
  return ticks;
}

/** 1, 2 or 5 times a power of ten; times in halves and quarters of a minute and of an hour would need more, and decimals are read as well. */
function decimalStep(least: number, unit: Unit): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].find((one) => one * power >= least * 0.999_999) ?? 10;
  return unit === "integer" ? Math.max(1, step * power) : step * power;
}

const minute = 60;
const hour = 3600;
const day = 86_400;
const timeSteps = [
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
  14 * day,
];

const monthSteps = [1, 2, 3, 4, 6, 12];

/** A mark on the time axis. */
export interface TimeTick {
  /** Unix seconds. */
  readonly at: number;
  readonly label: string;
}

/** At most `most` times from `from` to `to` (unix seconds), at round times of the zone: full hours, midnights, firsts of a month. */
export function timeTicks(from: number, to: number, clock: ZonedClock, most: number): TimeTick[] {
  const least = (to - from) / Math.max(1, most);
  const step = timeSteps.find((one) => one >= least);
  const times =
    step === undefined
      ? firstsOfMonths(from, to, clock, monthSteps.find((one) => one * 31 * day >= least) ?? 12)
      : roundTimes(from, to, clock, step);
  return times.map((at, index) => ({ at, label: labelOf(at, times[index - 1], clock, step) }));
}

function roundTimes(from: number, to: number, clock: ZonedClock, step: number): number[] {
  const times: number[] = [];
  // In local seconds, so that the marks stay at full hours of the zone; where a clock change makes one come twice, it is left out.
  for (let local = Math.ceil(clock.toLocal(from) / step) * step; ; local += step) {
    const at = clock.toUnix(local);
    if (at > to) return times;
    if (at >= from && at > (times.at(-1) ?? -1)) times.push(at);
  }
}

function firstsOfMonths(from: number, to: number, clock: ZonedClock, every: number): number[] {
  const start = new Date(clock.toLocal(from) * 1000);
  const times: number[] = [];
  for (let month = start.getUTCMonth() - (start.getUTCMonth() % every); ; month += every) {
    const at = clock.toUnix(Date.UTC(start.getUTCFullYear(), month, 1) / 1000);
    if (at > to) return times;
    if (at >= from) times.push(at);
  }
}

/** The time of day; at a day's first mark the date. */
function labelOf(at: number, before: number | undefined, clock: ZonedClock, step: number | undefined): string {
  if (step === undefined) return clock.month(at);
  if (step >= day || clock.toLocal(at) % day === 0) return clock.monthDay(at);
  const isNewDay = before !== undefined && Math.floor(clock.toLocal(before) / day) !== Math.floor(clock.toLocal(at) / day);
  return isNewDay ? `${clock.monthDay(at)} ${clock.time(at)}` : clock.time(at);
}
