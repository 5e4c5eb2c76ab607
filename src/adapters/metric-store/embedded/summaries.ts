import { minutesPerDay, type DayGrid, type SummaryColumns } from "./codec/chunk.ts";

const minutesPerHour = 60;

/** Sums of decimal numbers drift off in the last bits; within this part of the sum of magnitudes the decimal is meant. */
const drift = 1e-13;
const scales = [1, 10, 100, 1000, 10_000, 60] as const;

/** `sum` as the decimal number that it is but for rounding: it packs to a fraction of the bytes. `magnitude` = sum of |value|. */
export function tidySum(sum: number, magnitude: number): number {
  const slack = magnitude * drift;
  for (const scale of scales) {
    const tidy = Math.round(sum * scale) / scale;
    if (Math.abs(tidy - sum) <= slack) return tidy + 0;
  }
  return sum;
}

/** Adds an entry for each hour of the day that has a point. `dayStart` in minutes since 1970. */
export function summariseHours(grid: DayGrid, dayStart: number, into: SummaryColumns): void {
  const { values } = grid;
  for (let from = 0; from < minutesPerDay; from += minutesPerHour) {
    let count = 0;
    let sum = 0;
    let magnitude = 0;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let m = from; m < from + minutesPerHour; m++) {
      const value = values[m] ?? Number.NaN;
      if (value !== value) continue;
      count++;
      sum += value;
      magnitude += Math.abs(value);
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (count === 0) continue;
    const n = into.count++;
    into.buckets[n] = (dayStart + from) / minutesPerHour;
    into.counts[n] = count;
    into.sums[n] = finite(tidySum(sum, magnitude));
    into.mins[n] = min;
    into.maxs[n] = max;
  }
}

/** Sums of the largest doubles overflow; what is kept must stay finite. */
const finite = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

/** Adds the entry of the day that `hours` (from entry `first` on) belong to. */
export function summariseDay(hours: SummaryColumns, first: number, grid: DayGrid, dayStart: number, into: SummaryColumns): void {
  if (hours.count === first) return;
  let count = 0;
  let sum = 0;
  let magnitude = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = first; i < hours.count; i++) {
    count += hours.counts[i] ?? 0;
    sum += hours.sums[i] ?? 0;
    magnitude += Math.abs(hours.sums[i] ?? 0);
    min = Math.min(min, hours.mins[i] ?? min);
    max = Math.max(max, hours.maxs[i] ?? max);
  }
  let last = minutesPerDay - 1;
  while (last > 0 && Number.isNaN(grid.values[last])) last--;
  const n = into.count++;
  into.buckets[n] = dayStart / minutesPerDay;
  into.counts[n] = count;
  into.sums[n] = finite(tidySum(sum, magnitude));
  into.mins[n] = min;
  into.maxs[n] = max;
  into.lasts[n] = grid.values[last] ?? 0;
  into.lastTimes[n] = last * 60 + (grid.seconds[last] ?? 0);
}
