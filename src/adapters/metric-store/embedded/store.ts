import type { Clock } from "#base/clock";
import { toSeconds, unixSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import type {
  AppendReport,
  BucketColumns,
  GroupColumns,
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
import { u32At } from "./arrays.ts";
import type { Housekeeping } from "./housekeeping.ts";
import { slices } from "./pace.ts";
import { Reader } from "./query.ts";
import { writeSnapshot } from "./snapshot.ts";
import type { StoreState } from "./state.ts";
import { resolveMembers, View, type Member } from "./view.ts";
import { defineFrame, dropPayload, frameType } from "./wal-frame.ts";

/** A point is accepted within this many minutes of now, on both sides. */
const acceptedMinutes = 24 * 60;
/** Bounds of one frame of the log. */
const mostPoints = 1_000_000;
const definitionsPerFrame = 1000;

interface Check {
  readonly tooOld: number;
  readonly tooNew: number;
  /** Unix seconds. */
  readonly oldest: number;
  readonly newest: number;
  readonly isNew: boolean;
}

/** The embedded metric store: a log, half-hour pages in memory, and immutable blocks. See docs/adr/0010-metric-store.md. */
export class EmbeddedMetricStore implements MetricStore {
  readonly #state: StoreState;
  readonly #housekeeping: Housekeeping;
  readonly #clock: Clock;
  readonly #release: () => Promise<void>;
  #received = 0;
  #closing: Promise<void> | undefined;

  constructor(state: StoreState, housekeeping: Housekeeping, clock: Clock, release: () => Promise<void>) {
    this.#state = state;
    this.#housekeeping = housekeeping;
    this.#clock = clock;
    this.#release = release;
  }

  seriesOf(source: SourceId, name: string): SeriesRef {
    return this.#state.catalog.seriesOf(source, name);
  }

  async append(points: PointColumns): Promise<AppendReport> {
    const { wal } = this.#state;
    wal.check();
    if (points.count > mostPoints)
      throw new HinobanError("too-large", `One append takes at most ${mostPoints} points.`, { limit: mostPoints });
    const { tooOld, tooNew, oldest, newest, isNew } = this.#check(points, wal.generation);
    const accepted = points.count - tooOld - tooNew;
    if (accepted === 0) return { accepted, tooOld, tooNew };
    const taken = accepted === points.count ? points : within(points, oldest, newest, accepted);
    if (isNew) this.#define(taken, wal.generation);
    await wal.appendPoints(taken);
    this.#received += accepted;
    return { accepted, tooOld, tooNew };
  }

  /** Counts what is out of the window [oldest, newest) and whether the log must be told of a series. @throws HinobanError "invalid-input". */
  #check(points: PointColumns, generation: number): Check {
    const nowMinute = Math.floor(toSeconds(this.#clock.now()) / 60);
    const oldest = (nowMinute - acceptedMinutes) * 60;
    const newest = (nowMinute + acceptedMinutes + 1) * 60;
    const { count: known, definedIn } = this.#state.catalog;
    let tooOld = 0;
    let tooNew = 0;
    let isNew = false;
    for (let i = 0; i < points.count; i++) {
      const ref = points.series[i] ?? known;
      const value = points.values[i] ?? Number.NaN;
      if (ref >= known || value - value !== 0) {
        throw new HinobanError("invalid-input", `Point ${i} names no series or has no finite value.`, { index: i });
      }
      const time = u32At(points.times, i);
      if (time < oldest) tooOld++;
      else if (time >= newest) tooNew++;
      else if (definedIn.array[ref] !== generation) isNew = true;
    }
    return { tooOld, tooNew, oldest, newest, isNew };
  }

  /** Writes into the log which series the numbers of these points stand for, unless this part of it says so already. */
  #define(points: PointColumns, generation: number): void {
    const { wal, catalog } = this.#state;
    const definedIn = catalog.definedIn.array;
    const bySource = new Map<number, { ref: number; name: string }[]>();
    for (let i = 0; i < points.count; i++) {
      const ref = points.series[i] ?? 0;
      if (definedIn[ref] === generation) continue;
      definedIn[ref] = generation;
      const source = catalog.sourceIdOf(ref);
      const list = bySource.get(source) ?? [];
      if (list.length === 0) bySource.set(source, list);
      list.push({ ref, name: catalog.nameText(catalog.nameIdOf(ref)) });
    }
    for (const [source, series] of bySource) {
      for (let at = 0; at < series.length; at += definitionsPerFrame) {
        const { payload, count } = defineFrame(catalog.sourceText(source), series.slice(at, at + definitionsPerFrame));
        void wal.append(frameType.define, count, payload); // shares the fate of the points, which are awaited
      }
    }
  }

  names(source: SourceId): Promise<readonly string[]> {
    return Promise.resolve(this.#state.catalog.namesOf(source));
  }

  async latest(source: SourceId, name: string): Promise<LatestPoint | undefined> {
    const { catalog } = this.#state;
    const member = this.#member(source, name);
    if (!member) return undefined;
    if (!catalog.knowsNewest(member.ref)) {
      const found = await this.#withReader((reader) => reader.newest(member, catalog.nameIdOf(member.ref)));
      if (found && catalog.exists(member.ref)) catalog.seeOlder(member.ref, found.time, found.value);
      catalog.trustNewest(member.ref);
    }
    const time = catalog.newestTime.array[member.ref] ?? 0;
    return time === 0 ? undefined : { time: unixSeconds(time), value: catalog.newestValue.array[member.ref] ?? 0 };
  }

  async read(source: SourceId, name: string, range: TimeRange): Promise<SeriesColumns | undefined> {
    const member = this.#member(source, name);
    return member && this.#withReader((reader) => reader.read(member, this.#nameId(member), range));
  }

  async buckets(source: SourceId, name: string, range: TimeRange, buckets: number): Promise<BucketColumns | undefined> {
    const member = this.#member(source, name);
    return member && this.#withReader((reader) => reader.buckets(member, this.#nameId(member), range, buckets));
  }

  group(query: GroupQuery): Promise<GroupColumns> {
    return this.#withReader((reader) => reader.group(query));
  }

  groupSummary(query: GroupQuery): Promise<GroupSummary> {
    return this.#withReader((reader) => reader.groupSummary(query));
  }

  #member(source: SourceId, name: string): Member | undefined {
    return resolveMembers(this.#state.catalog, name, [source])[0]?.member;
  }

  #nameId(member: Member): number {
    return this.#state.catalog.nameIdOf(member.ref);
  }

  async #withReader<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    if (this.#closing) throw new HinobanError("unavailable", "The metric store is closed.");
    const { blocks, head, tombstones, catalog } = this.#state;
    const view = new View(blocks, head, tombstones, this.#housekeeping.cut / 86_400);
    try {
      return await work(new Reader(view, catalog, slices(this.#clock)));
    } finally {
      await view.release();
    }
  }

  async drop(source: SourceId): Promise<void> {
    const { wal, priorities, tombstones } = this.#state;
    wal.check();
    await wal.append(frameType.drop, 0, dropPayload(source, priorities.next()));
    await tombstones.save();
  }

  status(): MetricStoreStatus {
    const { catalog, blocks, wal, segments } = this.#state;
    const old = [...segments.values()].reduce((sum, bytes) => sum + bytes, 0);
    return {
      series: catalog.existing,
      pointsReceived: this.#received,
      bytesOnDisk: blocks.bytes + wal.bytes + old,
      problem: wal.problem ?? this.#housekeeping.problem,
    };
  }

  snapshot(directory: string): Promise<void> {
    return this.#housekeeping.exclusive(() => writeSnapshot(this.#state, directory));
  }

  /**
   * Puts everything that is due into blocks, merges and expires now instead of within half a minute. `everything`: also the pages that are still
   * filling, and dropped sources leave the disk at once. For the command line, benchmarks and tests.
   */
  maintain(everything = false): Promise<void> {
    return this.#housekeeping.runNow(everything);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#housekeeping.stop();
    try {
      await this.#state.wal.close();
    } finally {
      await this.#state.blocks.close();
      await this.#release();
    }
  }
}

function within(points: PointColumns, oldest: number, newest: number, accepted: number): PointColumns {
  const kept = { count: accepted, series: new Uint32Array(accepted), times: new Uint32Array(accepted), values: new Float64Array(accepted) };
  let n = 0;
  for (let i = 0; i < points.count; i++) {
    const time = points.times[i] ?? 0;
    if (time < oldest || time >= newest) continue;
    kept.series[n] = points.series[i] ?? 0;
    kept.times[n] = time;
    kept.values[n] = points.values[i] ?? 0;
    n++;
  }
  return kept;
}
