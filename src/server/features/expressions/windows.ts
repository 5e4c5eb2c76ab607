import type { Values } from "./combine.ts";

/**
 * The mean of the last `window` buckets up to each one.
 * @param line begins `window - 1` buckets before the result
 */
export function movingAverage(line: Values, window: number): Values {
  const result = new Float64Array(Math.max(0, line.length - window + 1)).fill(Number.NaN);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < line.length; i += 1) {
    const [entering = Number.NaN, leaving = Number.NaN] = [line[i], line[i - window]];
    if (!Number.isNaN(entering)) [sum, count] = [sum + entering, count + 1];
    if (!Number.isNaN(leaving)) [sum, count] = [sum - leaving, count - 1];
    if (i >= window - 1 && count > 0) result[i - window + 1] = sum / count;
  }
  return result;
}

/** A line `value = at0 + slope × seconds`, with seconds since the moment it is anchored at. */
export interface Fitted {
  readonly at0: number;
  readonly slope: number;
}

/**
 * Fits a line by ordinary least squares to the values at `times` (seconds from an anchor, which keeps the sums small).
 * @returns undefined with fewer than two different times
 */
export function fit(times: readonly number[], values: readonly number[]): Fitted | undefined {
  const n = times.length;
  const meanTime = times.reduce((sum, time) => sum + time, 0) / n;
  const meanValue = values.reduce((sum, value) => sum + value, 0) / n;
  let spread = 0;
  let together = 0;
  for (const [i, time] of times.entries()) {
    spread += (time - meanTime) ** 2;
    together += (time - meanTime) * ((values[i] ?? meanValue) - meanValue);
  }
  if (!(spread > 0)) return undefined;
  const slope = together / spread;
  return { at0: meanValue - slope * meanTime, slope };
}

interface Sampled {
  /** Start of the first bucket, in seconds. */
  readonly from: number;
  readonly step: number;
  readonly values: Values;
}

/** Fits a line to the buckets that lie in [from, to), anchored at `anchor`. */
export function fitRange({ from: first, step, values }: Sampled, from: number, to: number, anchor: number): Fitted | undefined {
  const times: number[] = [];
  const found: number[] = [];
  const begin = Math.max(0, Math.ceil((from - first) / step));
  const end = Math.min(values.length, Math.ceil((to - first) / step));
  for (let i = begin; i < end; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    times.push(first + i * step - anchor);
    found.push(value);
  }
  return fit(times, found);
}

/** What a forecast answers for "never": a hundred years, so that rules can compare it with a threshold. */
export const never = 100 * 365 * 86_400;

/**
 * Seconds from its anchor until a line reaches the threshold. A line at or above the threshold that rises has reached it: 0. One below it
 * that falls never will. At most {@link never}.
 */
export function secondsUntil({ at0, slope }: Fitted, threshold: number): number {
  if (at0 === threshold || (at0 > threshold && slope >= 0)) return 0;
  if (slope === 0 || (at0 < threshold && slope < 0)) return never;
  return Math.min(never, (threshold - at0) / slope);
}
