import type { TimeRange } from "#ports/metric-store/port";
import type { BucketGrid } from "#ports/metric-store/grid";
import { minutesPerDay, type DayGrid, type SummaryColumns } from "./codec/chunk.ts";

/** Sum, extremes and number of points per bucket, fed by minutes, hours or days. */
export class BucketSums {
  readonly grid: BucketGrid;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Uint32Array;
  isEmpty = true;
  readonly #hasExtremes: boolean;

  /** `hasExtremes` = false: only sums and counts are wanted. */
  constructor(grid: BucketGrid, hasExtremes: boolean) {
    this.grid = grid;
    this.#hasExtremes = hasExtremes;
    this.sum = new Float64Array(grid.width);
    this.min = new Float64Array(grid.width);
    this.max = new Float64Array(grid.width);
    this.count = new Uint32Array(grid.width);
    this.clear();
  }

  clear(): void {
    this.sum.fill(0);
    this.min.fill(Number.POSITIVE_INFINITY);
    this.max.fill(Number.NEGATIVE_INFINITY);
    this.count.fill(0);
    this.isEmpty = true;
  }

  /** Adds the minutes of a day whose first second lies in the grid and in `interval` (seconds). */
  addDay(day: DayGrid, dayStart: number, interval: TimeRange): void {
    const { from, step, width } = this.grid;
    const first = Math.max(0, Math.ceil(Math.max(from, interval.from) / 60) - dayStart);
    const end = Math.min(minutesPerDay, Math.ceil(Math.min(from + step * width, interval.to) / 60) - dayStart);
    const perBucket = step / 60;
    const gridMinute = from / 60;
    let m = first;
    while (m < end) {
      const bucket = Math.floor((dayStart + m - gridMinute) / perBucket);
      const stop = Math.min(end, gridMinute + (bucket + 1) * perBucket - dayStart);
      if (this.#hasExtremes) this.#addMinutes(day.values, m, stop, bucket);
      else this.#sumMinutes(day.values, m, stop, bucket);
      m = stop;
    }
  }

  #sumMinutes(values: Float64Array, from: number, to: number, bucket: number): void {
    let sum = 0;
    let count = 0;
    for (let m = from; m < to; m++) {
      const value = values[m] ?? Number.NaN;
      if (value !== value) continue;
      sum += value;
      count++;
    }
    if (count === 0) return;
    this.isEmpty = false;
    this.sum[bucket] = (this.sum[bucket] ?? 0) + sum;
    this.count[bucket] = (this.count[bucket] ?? 0) + count;
  }

  #addMinutes(values: Float64Array, from: number, to: number, bucket: number): void {
    let sum = 0;
    let count = 0;
    let min = this.min[bucket] ?? 0;
    let max = this.max[bucket] ?? 0;
    for (let m = from; m < to; m++) {
      const value = values[m] ?? Number.NaN;
      if (value !== value) continue;
      sum += value;
      count++;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    if (count === 0) return;
    this.isEmpty = false;
    this.sum[bucket] = (this.sum[bucket] ?? 0) + sum;
    this.count[bucket] = (this.count[bucket] ?? 0) + count;
    this.min[bucket] = min;
    this.max[bucket] = max;
  }

  /** Adds entry `i` of a summary whose hour or day begins at second `at`, if that lies in the grid and in an interval. */
  addSummary(summary: SummaryColumns, i: number, at: number, intervals: readonly TimeRange[]): void {
    const bucket = Math.floor((at - this.grid.from) / this.grid.step);
    if (bucket < 0 || bucket >= this.grid.width || !intervals.some((v) => at >= v.from && at < v.to)) return;
    this.isEmpty = false;
    this.sum[bucket] = (this.sum[bucket] ?? 0) + (summary.sums[i] ?? 0);
    this.count[bucket] = (this.count[bucket] ?? 0) + (summary.counts[i] ?? 0);
    this.min[bucket] = Math.min(this.min[bucket] ?? 0, summary.mins[i] ?? 0);
    this.max[bucket] = Math.max(this.max[bucket] ?? 0, summary.maxs[i] ?? 0);
  }

  /** Averages into out[at ..]; NaN where a bucket has no point. */
  averages(out: Float64Array, at: number): void {
    for (let i = 0; i < this.grid.width; i++) {
      const n = this.count[i] ?? 0;
      out[at + i] = n === 0 ? Number.NaN : (this.sum[i] ?? 0) / n;
    }
  }

  /** Turns the extremes of empty buckets into NaN, for handing out. */
  finish(): void {
    for (let i = 0; i < this.grid.width; i++) {
      if (this.count[i] !== 0) continue;
      this.min[i] = Number.NaN;
      this.max[i] = Number.NaN;
    }
  }
}
