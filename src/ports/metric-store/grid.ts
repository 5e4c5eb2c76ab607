import { HinobanError } from "#base/errors";
import { unixSeconds, type UnixSeconds } from "#base/duration";
import type { TimeRange } from "#ports/metric-store/port";

/** The buckets a query is answered in: bucket i covers [from + i*step, from + (i+1)*step), both in seconds. */
export interface BucketGrid {
  readonly from: UnixSeconds;
  readonly step: number;
  readonly width: number;
}

const hour = 3600;
const day = 86_400;

/** Widths that divide an hour or a day, so that a bucket never straddles the summaries that answer long ranges. */
const steps = [
  60,
  120,
  180,
  240,
  300,
  360,
  600,
  720,
  900,
  1200,
  1800,
  hour,
  2 * hour,
  3 * hour,
  4 * hour,
  6 * hour,
  8 * hour,
  12 * hour,
  day,
];

const gridAt = (range: TimeRange, step: number): BucketGrid => {
  const align = Math.min(step, hour);
  const from = Math.floor(range.from / align) * align;
  return { from: unixSeconds(from), step, width: Math.max(0, Math.ceil((range.to - from) / step)) };
};

/**
 * The finest grid over `range` with at most `buckets` buckets. Steps are divisors of a day from 60 s on, then whole days.
 * The start is rounded down to the step, at most to the hour: so the caller decides where a day begins, and every bucket is whole.
 * @throws HinobanError "invalid-input" when `buckets` is not a positive integer.
 */
export function chooseGrid(range: TimeRange, buckets: number): BucketGrid {
  if (!Number.isInteger(buckets) || buckets < 1)
    throw new HinobanError("invalid-input", `buckets: must be a positive integer, not ${buckets}.`);
  for (const step of steps) {
    const grid = gridAt(range, step);
    if (grid.width <= buckets) return grid;
  }
  let days = Math.ceil((range.to - range.from) / (buckets * day));
  for (;;) {
    const grid = gridAt(range, days * day);
    if (grid.width <= buckets) return grid;
    days++;
  }
}
