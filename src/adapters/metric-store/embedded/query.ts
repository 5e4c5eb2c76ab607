import { chooseGrid, type BucketGrid } from "#ports/metric-store/grid";
import { unixSeconds } from "#base/duration";
import type {
  BucketColumns,
  GroupColumns,
  GroupQuery,
  GroupSummary,
  LatestPoint,
  SeriesColumns,
  TimeRange,
} from "#ports/metric-store/port";
import { f64At, GrowingF64, GrowingU32, u32At } from "./arrays.ts";
import { unitSeconds } from "./block-format.ts";
import type { BlockReader } from "./block-reader.ts";
import { BucketSums } from "./bucket-sums.ts";
import type { Catalog } from "./catalog.ts";
import { DayGrid, minutesPerDay, readRawChunk, readSummaryChunk, RawColumns, SummaryColumns } from "./codec/chunk.ts";
import type { Pace } from "./pace.ts";
import { planDays, type Asked, type DayPlan } from "./query-plan.ts";
import { byDay, dayOf, resolveMembers, type Member, type RawChunk, type View } from "./view.ts";

const always: TimeRange = { from: unixSeconds(0), to: unixSeconds(Number.MAX_SAFE_INTEGER) };
/** Members that are read together: bounds the memory of a query to about this many series. */
const batchMembers = 256;

/** Answers queries from a view. */
export class Reader {
  readonly #view: View;
  readonly #catalog: Catalog;
  readonly #pace: Pace;
  readonly #day = new DayGrid();
  readonly #summary = new SummaryColumns();

  constructor(view: View, catalog: Catalog, pace: Pace) {
    this.#view = view;
    this.#catalog = catalog;
    this.#pace = pace;
  }

  /** Exact points. */
  async read(member: Member, nameId: number, range: TimeRange): Promise<SeriesColumns> {
    const times = new GrowingU32();
    const values = new GrowingF64();
    const first = Math.max(dayOf(range.from), this.#view.firstRawDay);
    const chunks: RawChunk[] = [];
    await this.#view.rawChunks(nameId, [member], first, dayOf(range.to - 1) + 1, [chunks]);
    const days = byDay(chunks);
    for (const day of this.#view.pageDays([member])) if (!days.has(day)) days.set(day, []);
    for (const day of [...days.keys()].sort((a, b) => a - b)) {
      if (day < first || day > dayOf(range.to - 1)) continue;
      this.#layDay(member.ref, day, days.get(day) ?? []);
      this.#copyDay(day, range, times, values);
      await this.#pace.pause();
    }
    return { times: times.array.slice(0, times.length), values: values.array.slice(0, values.length) };
  }

  #layDay(ref: number, day: number, chunks: readonly RawChunk[]): void {
    this.#day.clear();
    for (const chunk of chunks) this.#day.overlay(chunk.bytes, chunk.start, day * minutesPerDay);
    this.#view.overlayPages(ref, day, this.#day);
  }

  #copyDay(day: number, range: TimeRange, times: GrowingU32, values: GrowingF64): void {
    const { values: grid, seconds } = this.#day;
    const start = day * unitSeconds.day;
    for (let m = 0; m < minutesPerDay; m++) {
      const value = grid[m] ?? Number.NaN;
      if (value !== value) continue;
      const time = start + m * 60 + (seconds[m] ?? 0);
      if (time < range.from || time >= range.to) continue;
      times.push(time);
      values.push(value);
    }
  }

  async buckets(member: Member, nameId: number, range: TimeRange, buckets: number): Promise<BucketColumns> {
    const grid = chooseGrid(range, buckets);
    const sums = new BucketSums(grid, true);
    await this.#eachMember(nameId, [{ member, intervals: [always] }], sums, () => undefined);
    const avg = new Float64Array(grid.width);
    sums.averages(avg, 0);
    sums.finish();
    return { from: grid.from, step: grid.step, avg, min: sums.min, max: sums.max, count: sums.count };
  }

  async group(query: GroupQuery): Promise<GroupColumns> {
    const grid = chooseGrid(query, query.buckets);
    const sources: string[] = [];
    const rows = new GrowingF64(grid.width * query.members.length);
    await this.#eachRow(query, grid, (source, sums) => {
      sources.push(source);
      rows.ensure(rows.length + grid.width);
      sums.averages(rows.array, rows.length);
      rows.length += grid.width;
    });
    return { from: grid.from, step: grid.step, width: grid.width, sources, values: rows.array.slice(0, rows.length) };
  }

  async groupSummary(query: GroupQuery): Promise<GroupSummary> {
    const grid = chooseGrid(query, query.buckets);
    const width = grid.width;
    const sum = new Float64Array(width).fill(Number.NaN);
    const min = new Float64Array(width).fill(Number.NaN);
    const max = new Float64Array(width).fill(Number.NaN);
    const members = new Uint32Array(width);
    const row = new Float64Array(width);
    await this.#eachRow(query, grid, (_source, sums) => {
      sums.averages(row, 0);
      for (let i = 0; i < width; i++) {
        const value = row[i] ?? Number.NaN;
        if (value !== value) continue;
        const isFirst = members[i] === 0;
        sum[i] = isFirst ? value : (sum[i] ?? 0) + value;
        min[i] = isFirst ? value : Math.min(min[i] ?? value, value);
        max[i] = isFirst ? value : Math.max(max[i] ?? value, value);
        members[i] = (members[i] ?? 0) + 1;
      }
    });
    return { from: grid.from, step: grid.step, sum, min, max, members };
  }

  /** Calls `row` for each member with a point, in order. */
  async #eachRow(query: GroupQuery, grid: BucketGrid, row: (source: string, sums: BucketSums) => void): Promise<void> {
    const nameId = this.#catalog.findName(query.name);
    if (nameId === undefined) return;
    const found = resolveMembers(
      this.#catalog,
      query.name,
      query.members.map((m) => m.source),
    );
    const sums = new BucketSums(grid, false);
    for (let at = 0; at < found.length; at += batchMembers) {
      const asked = found
        .slice(at, at + batchMembers)
        .map((f): Asked => ({ member: f.member, intervals: query.members[f.place]?.during ?? [always] }));
      await this.#eachMember(nameId, asked, sums, (i) => {
        if (!sums.isEmpty) row(asked[i]?.member.source ?? "", sums);
      });
    }
  }

  /** Calls `done` with the filled sums of each member in turn; the same sums serve the next. */
  async #eachMember(nameId: number, asked: readonly Asked[], sums: BucketSums, done: (place: number) => void): Promise<void> {
    const members = asked.map((one) => one.member);
    const plan = planDays(this.#view, nameId, sums.grid, asked);
    const raw = await this.#rawChunks(nameId, members, plan);
    const hours = await this.#summaries("hour", nameId, members, plan);
    const days = await this.#summaries("day", nameId, members, plan);
    for (const [i, one] of asked.entries()) {
      sums.clear();
      this.#addRaw(one, plan, i, byDay(raw[i] ?? []), sums);
      for (const chunk of hours[i] ?? []) this.#addSummaries("hour", chunk, plan, i, one.intervals, sums);
      for (const chunk of days[i] ?? []) this.#addSummaries("day", chunk, plan, i, one.intervals, sums);
      done(i);
      await this.#pace.pause();
    }
  }

  async #rawChunks(nameId: number, members: readonly Member[], plan: DayPlan): Promise<RawChunk[][]> {
    const raw: RawChunk[][] = members.map(() => []);
    for (const span of plan.rawSpans) await this.#view.rawChunks(nameId, members, span.from, span.to, raw);
    for (const [i, member] of members.entries()) {
      for (const day of plan.ownRawDays[i] ?? []) await this.#view.rawChunks(nameId, [member], day, day + 1, [raw[i] ?? []]);
    }
    return raw;
  }

  #addRaw(asked: Asked, plan: DayPlan, i: number, days: ReadonlyMap<number, RawChunk[]>, into: BucketSums): void {
    const wanted = new Set(days.keys());
    for (const day of plan.pageDays) wanted.add(day);
    for (const day of [...wanted].sort((a, b) => a - b)) {
      if (!plan.isRaw(i, day)) continue;
      this.#layDay(asked.member.ref, day, days.get(day) ?? []);
      for (const interval of asked.intervals) into.addDay(this.#day, day * minutesPerDay, interval);
    }
  }

  async #summaries(
    kind: "hour" | "day",
    nameId: number,
    members: readonly Member[],
    plan: DayPlan,
  ): Promise<{ start: number; bytes: Uint8Array; priority: number }[][]> {
    const lists: { start: number; bytes: Uint8Array; priority: number }[][] = members.map(() => []);
    for (const block of kind === "hour" ? plan.hourBlocks : plan.dayBlocks) {
      await block.eachChunk(nameId, this.#view.sourcesFor(block, members), 0, Number.POSITIVE_INFINITY, (i, start, bytes) =>
        lists[i]?.push({ start, bytes, priority: block.meta.priority }),
      );
    }
    return lists;
  }

  #addSummaries(
    kind: "hour" | "day",
    chunk: { start: number; bytes: Uint8Array; priority: number },
    plan: DayPlan,
    i: number,
    intervals: readonly TimeRange[],
    into: BucketSums,
  ): void {
    const summary = this.#summary;
    readSummaryChunk(chunk.bytes, chunk.start, kind === "day", summary);
    const unit = unitSeconds[kind];
    for (let k = 0; k < summary.count; k++) {
      const at = (summary.buckets[k] ?? 0) * unit;
      if (plan.usesSummary(kind, i, dayOf(at), chunk.priority)) into.addSummary(summary, k, at, intervals);
    }
  }

  /** The newest point in blocks, points or daily summaries. */
  async newest(member: Member, nameId: number): Promise<LatestPoint | undefined> {
    let best: LatestPoint | undefined;
    const byEnd = [...this.#view.raw, ...this.#view.days].sort((a, b) => b.meta.to - a.meta.to || b.meta.priority - a.meta.priority);
    for (const block of byEnd) {
      if (best && block.meta.to <= best.time) break;
      const last = await this.#lastChunk(block, member, nameId);
      const point = last && (block.meta.kind === "raw" ? lastPoint(last) : this.#lastOfSummary(last));
      if (point && (!best || isLater(point.time, best.time))) best = point;
    }
    return best;
  }

  #lastOfSummary(chunk: RawChunk): LatestPoint {
    const summary = this.#summary;
    readSummaryChunk(chunk.bytes, chunk.start, true, summary);
    const n = summary.count - 1;
    return { time: unixSeconds(u32At(summary.buckets, n) * unitSeconds.day + f64At(summary.lastTimes, n)), value: f64At(summary.lasts, n) };
  }

  async #lastChunk(block: BlockReader, member: Member, nameId: number): Promise<RawChunk | undefined> {
    const chunks: RawChunk[] = [];
    await block.eachChunk(nameId, this.#view.sourcesFor(block, [member]), 0, Number.POSITIVE_INFINITY, (_i, start, bytes) =>
      chunks.push({ start, bytes }),
    );
    return chunks.at(-1);
  }
}

function lastPoint(chunk: RawChunk): LatestPoint {
  const raw = new RawColumns();
  readRawChunk(chunk.bytes, chunk.start, raw);
  const n = raw.count - 1;
  return { time: unixSeconds(u32At(raw.minutes, n) * 60 + (raw.seconds[n] ?? 0)), value: f64At(raw.values, n) };
}

/** Whether `time` lies in a later minute. */
const isLater = (time: number, than: number): boolean => Math.floor(time / 60) > Math.floor(than / 60);
