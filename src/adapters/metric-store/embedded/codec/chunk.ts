import { HinobanError } from "#base/errors";
import { ByteSource, type ByteSink } from "./bytes.ts";
import { readConsecutive, readSeconds, readTimes, writeSeconds, writeTimes } from "./times.ts";
import { readValues, writeValues } from "./values.ts";

export const minutesPerDay = 1440;

/** The points of one series in one UTC day, or a part of it. Minutes count from 1970; entries below `count` are valid. */
export class RawColumns {
  count = 0;
  readonly minutes = new Uint32Array(minutesPerDay);
  /** Second within the minute at which each point was stamped. */
  readonly seconds = new Uint8Array(minutesPerDay);
  readonly values = new Float64Array(minutesPerDay);
}

/** times | seconds | values. The first minute is kept by the block's index. */
export function writeRawChunk(raw: RawColumns, isThorough: boolean, out: ByteSink): void {
  writeTimes(raw.minutes, raw.count, out);
  writeSeconds(raw.seconds, raw.count, out);
  writeValues(raw.values, raw.count, isThorough, out);
}

/** Reads a chunk whose first minute is `first`. */
export function readRawChunk(bytes: Uint8Array, first: number, raw: RawColumns): void {
  readColumns(new ByteSource(bytes), first, raw);
}

function readColumns(source: ByteSource, first: number, raw: RawColumns): void {
  raw.count = readTimes(source, first, raw.minutes);
  if (!readSeconds(source, raw.count, raw.seconds)) raw.seconds.fill(0, 0, raw.count);
  readValues(source, raw.count, raw.values, 0);
}

const leavesDay = (first: number): HinobanError =>
  new HinobanError("storage-damaged", `A chunk that starts at minute ${first} leaves its day.`);

/** A day minute by minute: NaN = no point. Later layers overwrite earlier ones. */
export class DayGrid {
  readonly values = new Float64Array(minutesPerDay);
  readonly seconds = new Uint8Array(minutesPerDay);
  readonly #raw = new RawColumns();
  /** True while nothing has been laid on the grid since it was cleared. */
  isEmpty = false;
  #hasSeconds = true;

  clear(): void {
    if (!this.isEmpty) this.values.fill(Number.NaN);
    if (this.#hasSeconds) this.seconds.fill(0);
    this.isEmpty = true;
    this.#hasSeconds = false;
  }

  /** The caller is about to write into `values` and `seconds` itself. */
  touch(): void {
    this.isEmpty = false;
    this.#hasSeconds = true;
  }

  /** Lays a chunk on the day that begins at minute `dayStart`. @throws HinobanError "storage-damaged" when the chunk leaves the day. */
  overlay(bytes: Uint8Array, first: number, dayStart: number): void {
    const source = new ByteSource(bytes);
    this.isEmpty = false;
    const count = readConsecutive(source);
    const at = first - dayStart;
    if (count < 0) {
      this.#overlayScattered(source, first, dayStart);
      return;
    }
    if (at < 0 || at + count > minutesPerDay) throw leavesDay(first);
    const seconds = this.seconds.subarray(at, at + count);
    if (readSeconds(source, count, seconds)) this.#hasSeconds = true;
    else if (this.#hasSeconds) seconds.fill(0);
    readValues(source, count, this.values, at);
  }

  #overlayScattered(source: ByteSource, first: number, dayStart: number): void {
    const raw = this.#raw;
    readColumns(source, first, raw);
    const { count, minutes, seconds, values } = raw;
    if (first < dayStart || (minutes[count - 1] ?? 0) >= dayStart + minutesPerDay) throw leavesDay(first);
    this.#hasSeconds = true;
    for (let i = 0; i < count; i++) {
      const at = (minutes[i] ?? 0) - dayStart;
      this.values[at] = values[i] ?? Number.NaN;
      this.seconds[at] = seconds[i] ?? 0;
    }
  }

  /** The points of minutes [from, to) of the day as columns; count 0 when there are none. */
  columns(dayStart: number, from: number, to: number, raw: RawColumns): void {
    let n = 0;
    for (let m = from; m < to; m++) {
      const value = this.values[m] ?? Number.NaN;
      if (value !== value) continue;
      raw.minutes[n] = dayStart + m;
      raw.seconds[n] = this.seconds[m] ?? 0;
      raw.values[n] = value;
      n++;
    }
    raw.count = n;
  }
}

const longestSummary = 1024;

/** Summaries of one series: per hour or per day of UTC, numbered from 1970. `last` is filled for days only. */
export class SummaryColumns {
  count = 0;
  readonly buckets = new Uint32Array(longestSummary);
  readonly counts = new Float64Array(longestSummary);
  readonly sums = new Float64Array(longestSummary);
  readonly mins = new Float64Array(longestSummary);
  readonly maxs = new Float64Array(longestSummary);
  readonly lasts = new Float64Array(longestSummary);
  /** Unix seconds of the last point, minus the start of the day. */
  readonly lastTimes = new Float64Array(longestSummary);

  /** Appends a copy of entry `i` of another. */
  take(other: SummaryColumns, i: number): void {
    const n = this.count++;
    this.buckets[n] = other.buckets[i] ?? 0;
    for (const column of ["counts", "sums", "mins", "maxs", "lasts", "lastTimes"] as const) this[column][n] = other[column][i] ?? 0;
  }
}

/** times | counts | sums | mins | maxs | for days lasts, lastTimes. */
export function writeSummaryChunk(summary: SummaryColumns, hasLast: boolean, out: ByteSink): void {
  const n = summary.count;
  writeTimes(summary.buckets, n, out);
  writeValues(summary.counts, n, true, out);
  writeValues(summary.sums, n, true, out);
  writeValues(summary.mins, n, true, out);
  writeValues(summary.maxs, n, true, out);
  if (!hasLast) return;
  writeValues(summary.lasts, n, true, out);
  writeValues(summary.lastTimes, n, true, out);
}

export function readSummaryChunk(bytes: Uint8Array, first: number, hasLast: boolean, summary: SummaryColumns): void {
  const source = new ByteSource(bytes);
  const n = readTimes(source, first, summary.buckets);
  summary.count = n;
  readValues(source, n, summary.counts, 0);
  readValues(source, n, summary.sums, 0);
  readValues(source, n, summary.mins, 0);
  readValues(source, n, summary.maxs, 0);
  if (!hasLast) return;
  readValues(source, n, summary.lasts, 0);
  readValues(source, n, summary.lastTimes, 0);
}
