import type { Clock } from "#base/clock";
import { HinobanError } from "#base/errors";
import { toSeconds, unixSeconds } from "#base/duration";
import { chooseGrid, type BucketGrid } from "#ports/metric-store/grid";
import type {
  AppendReport,
  BucketColumns,
  GroupColumns,
  GroupMember,
  GroupQuery,
  GroupSummary,
  LatestPoint,
  MetricStore,
  MetricStoreStatus,
  PointColumns,
  SeriesColumns,
  SeriesRef,
  SourceId,
  TimeRange,
} from "#ports/metric-store/port";

interface FakePoint {
  readonly time: number;
  readonly value: number;
}

interface FakeSeries {
  readonly source: SourceId;
  readonly name: string;
  /** By minute since 1970. */
  readonly points: Map<number, FakePoint>;
  newest: FakePoint | undefined;
}

interface Sums {
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Uint32Array;
}

const day = 86_400;
const brand = (n: number): SeriesRef => n as SeriesRef; // oxlint-disable-line typescript/no-unsafe-type-assertion -- branding

/** A metric store in memory that behaves like the real ones, with levers for what may go wrong. */
export class FakeMetricStore implements MetricStore {
  readonly #clock: Clock;
  readonly #retentionSeconds: number;
  readonly #series: FakeSeries[] = [];
  readonly #refs = new Map<string, SeriesRef>();
  #received = 0;
  #trouble: HinobanError | undefined;
  #isClosed = false;

  constructor(clock: Clock, options: { readonly retentionDays?: number } = {}) {
    this.#clock = clock;
    this.#retentionSeconds = (options.retentionDays ?? 460) * day;
  }

  /** From now on every append fails, as after a broken disk. */
  breakDisk(): void {
    this.#trouble = new HinobanError("unavailable", "The disk failed to keep metrics.");
  }

  /** Appends fail until `freeDisk`. */
  fillDisk(): void {
    this.#trouble = new HinobanError("storage-full", "The disk of the metric store is full.");
  }

  freeDisk(): void {
    this.#trouble = undefined;
  }

  /** Every point of a series, ascending: for tests that want to look behind the port. */
  pointsOf(source: SourceId, name: string): readonly FakePoint[] {
    const series = this.#find(source, name);
    return series ? sorted(series) : [];
  }

  seriesOf(source: SourceId, name: string): SeriesRef {
    const key = JSON.stringify([source, name]);
    const found = this.#refs.get(key);
    if (found !== undefined) return found;
    if (source.length < 1 || source.length > 255 || name.length < 1 || name.length > 255) {
      throw new HinobanError("invalid-input", "A source and a metric name have 1 to 255 characters.");
    }
    const ref = brand(this.#series.length);
    this.#series.push({ source, name, points: new Map(), newest: undefined });
    this.#refs.set(key, ref);
    return ref;
  }

  async append(points: PointColumns): Promise<AppendReport> {
    this.#demandOpen();
    const all = Array.from({ length: points.count }, (_, i) => this.#pointAt(points, i));
    const now = minuteOf(toSeconds(this.#clock.now()));
    const ageOf = ({ point }: { point: FakePoint }): number => now - minuteOf(point.time);
    const taken = all.filter((one) => Math.abs(ageOf(one)) <= 1440);
    const tooOld = all.filter((one) => ageOf(one) > 1440).length;
    const tooNew = all.length - taken.length - tooOld;
    await Promise.resolve();
    if (this.#trouble) throw this.#trouble;
    for (const { series, point } of taken) {
      series.points.set(minuteOf(point.time), point);
      if (!series.newest || minuteOf(point.time) >= minuteOf(series.newest.time)) series.newest = point;
    }
    this.#received += taken.length;
    return { accepted: taken.length, tooOld, tooNew };
  }

  #pointAt(points: PointColumns, i: number): { series: FakeSeries; point: FakePoint } {
    const series = this.#series[points.series[i] ?? -1];
    const value = (points.values[i] ?? Number.NaN) + 0;
    if (!series || !Number.isFinite(value)) throw new HinobanError("invalid-input", `Point ${i} names no series or has no finite value.`);
    return { series, point: { time: points.times[i] ?? 0, value } };
  }

  async names(source: SourceId): Promise<readonly string[]> {
    const names = this.#series.filter((s) => s.source === source && s.points.size > 0).map((s) => s.name);
    return Promise.resolve(names.sort((a, b) => (a < b ? -1 : 1)));
  }

  async latest(source: SourceId, name: string): Promise<LatestPoint | undefined> {
    const newest = this.#find(source, name)?.newest;
    return Promise.resolve(newest && { time: unixSeconds(newest.time), value: newest.value });
  }

  async read(source: SourceId, name: string, range: TimeRange): Promise<SeriesColumns | undefined> {
    const series = this.#find(source, name);
    if (!series) return Promise.resolve(undefined);
    const cut = this.#retainedFrom();
    const points = sorted(series).filter((p) => p.time >= range.from && p.time < range.to && p.time >= cut);
    return Promise.resolve({ times: Uint32Array.from(points, (p) => p.time), values: Float64Array.from(points, (p) => p.value) });
  }

  async buckets(source: SourceId, name: string, range: TimeRange, buckets: number): Promise<BucketColumns | undefined> {
    const grid = chooseGrid(range, buckets);
    const series = this.#find(source, name);
    if (!series) return Promise.resolve(undefined);
    const { sum, min, max, count } = this.#sums(series, undefined, grid);
    return Promise.resolve({ from: grid.from, step: grid.step, avg: averages(sum, count), min, max, count });
  }

  async group(query: GroupQuery): Promise<GroupColumns> {
    const grid = chooseGrid(query, query.buckets);
    const rows = this.#rows(query, grid);
    const values = new Float64Array(rows.length * grid.width);
    for (const [i, row] of rows.entries()) values.set(row.averages, i * grid.width);
    return Promise.resolve({ from: grid.from, step: grid.step, width: grid.width, sources: rows.map((r) => r.source), values });
  }

  async groupSummary(query: GroupQuery): Promise<GroupSummary> {
    const grid = chooseGrid(query, query.buckets);
    const sums = emptySums(grid.width);
    for (const row of this.#rows(query, grid))
      for (const [i, value] of row.averages.entries()) if (!Number.isNaN(value)) add(sums, i, value);
    for (const [i, n] of sums.count.entries()) if (n === 0) sums.sum[i] = Number.NaN;
    return Promise.resolve({ from: grid.from, step: grid.step, sum: sums.sum, min: sums.min, max: sums.max, members: sums.count });
  }

  async drop(source: SourceId): Promise<void> {
    this.#demandOpen();
    for (const series of this.#series) {
      if (series.source !== source) continue;
      series.points.clear();
      series.newest = undefined;
    }
    return Promise.resolve();
  }

  status(): MetricStoreStatus {
    const living = this.#series.filter((s) => s.points.size > 0);
    const bytes = living.reduce((sum, s) => sum + s.points.size * 16, 0);
    return { series: living.length, pointsReceived: this.#received, bytesOnDisk: bytes, problem: this.#trouble?.message };
  }

  /** There is no disk: the copy is empty. */
  async snapshot(_directory: string): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #demandOpen(): void {
    if (this.#isClosed) throw new HinobanError("unavailable", "The metric store is closed.");
  }

  #find(source: SourceId, name: string): FakeSeries | undefined {
    return this.#series.find((s) => s.source === source && s.name === name && s.points.size > 0);
  }

  #retainedFrom(): number {
    return Math.floor((toSeconds(this.#clock.now()) - this.#retentionSeconds) / day) * day;
  }

  #rows(query: GroupQuery, grid: BucketGrid): { source: SourceId; averages: Float64Array }[] {
    const rows: { source: SourceId; averages: Float64Array }[] = [];
    for (const member of query.members) {
      const series = this.#find(member.source, query.name);
      if (!series) continue;
      const { sum, count } = this.#sums(series, member, grid);
      if (count.some((n) => n > 0)) rows.push({ source: member.source, averages: averages(sum, count) });
    }
    return rows;
  }

  /** Points before the retention count as what is left of them: one summary a day, at the start of the day. */
  #sums(series: FakeSeries, member: GroupMember | undefined, grid: BucketGrid): Sums {
    const sums = emptySums(grid.width);
    const cut = this.#retainedFrom();
    for (const point of sorted(series)) {
      const exact = minuteOf(point.time) * 60;
      const at = exact < cut ? Math.floor(exact / day) * day : exact;
      const bucket = Math.floor((at - grid.from) / grid.step);
      if (bucket < 0 || bucket >= grid.width || !belongs(member, at)) continue;
      add(sums, bucket, point.value);
    }
    return sums;
  }
}

const minuteOf = (time: number): number => Math.floor(time / 60);

const sorted = (series: FakeSeries): FakePoint[] => [...series.points.entries()].sort(([a], [b]) => a - b).map(([, point]) => point);

const belongs = (member: GroupMember | undefined, at: number): boolean =>
  member?.during === undefined || member.during.some((interval) => at >= interval.from && at < interval.to);

const emptySums = (width: number): Sums => ({
  sum: new Float64Array(width),
  min: new Float64Array(width).fill(Number.NaN),
  max: new Float64Array(width).fill(Number.NaN),
  count: new Uint32Array(width),
});

function add(sums: Sums, at: number, value: number): void {
  const n = sums.count[at] ?? 0;
  sums.sum[at] = (sums.sum[at] ?? 0) + value;
  sums.min[at] = n === 0 ? value : Math.min(sums.min[at] ?? value, value);
  sums.max[at] = n === 0 ? value : Math.max(sums.max[at] ?? value, value);
  sums.count[at] = n + 1;
}

const averages = (sum: Float64Array, count: Uint32Array): Float64Array => sum.map((s, i) => (count[i] ? s / count[i] : Number.NaN));
