import { join } from "node:path";
import { byCodeUnit } from "./arrays.ts";
import { unitSeconds, type BlockKind, type BlockMeta } from "./block-format.ts";
import { BlockWriter } from "./block-writer.ts";
import { ByteSink } from "./codec/bytes.ts";
import { DayGrid, minutesPerDay, RawColumns, readSummaryChunk, SummaryColumns, writeRawChunk, writeSummaryChunk } from "./codec/chunk.ts";
import type { Disk } from "./disk.ts";
import { MergeInput, type Chunk } from "./merge-input.ts";
import type { Pace } from "./pace.ts";
import { summariseDay, summariseHours } from "./summaries.ts";

/** One merge, as plain data: a worker thread gets it as a message. */
export interface MergeJob {
  readonly directory: string;
  readonly kind: BlockKind;
  /** File names, lowest priority first. */
  readonly inputs: readonly string[];
  /** Unix seconds: only chunks that start in here are taken. */
  readonly from: number;
  readonly to: number;
  /** Try all codes and, for raw data of a day, write the summaries too. */
  readonly isThorough: boolean;
  /** What to write: the kind of the inputs, or "raw", "hour" and "day" for a whole day. Finished in reverse order, so the raw block appears last. */
  readonly outputs: readonly BlockMeta[];
  /** Sources whose points up to a priority are forgotten. */
  readonly dropped: readonly { readonly source: string; readonly priority: number }[];
}

/** Names of the files that were written, in the order of the job's outputs; undefined where nothing was left to write. */
export type MergeResult = readonly (string | undefined)[];

/** Takes chunks of one series and writes what becomes of them. */
interface Merger {
  merge(place: number, chunks: readonly Chunk[]): void;
}

/** Runs a merge: reads every input once, front to back, in memory of about a megabyte per input. */
export async function runMerge(disk: Disk, job: MergeJob, pace: Pace): Promise<MergeResult> {
  const inputs: MergeInput[] = [];
  const writers: BlockWriter[] = [];
  try {
    for (const name of job.inputs) inputs.push(await MergeInput.open(disk, join(job.directory, name)));
    const sources = [...new Set(inputs.flatMap((input) => input.sources))].sort(byCodeUnit);
    const places = new Map(sources.map((source, i) => [source, i]));
    for (const input of inputs) input.placeIn(places);
    const forgotten = new Map(job.dropped.map((d) => [d.source, d.priority]));
    const kept = new Set(inputs.flatMap((input) => input.sources.filter((source) => input.meta.priority > (forgotten.get(source) ?? -1))));
    const table = sources.filter((source) => kept.has(source));
    for (const meta of job.outputs) writers.push(await BlockWriter.create(disk, job.directory, meta, table));
    await mergeNames(job, inputs, writers, { sources, forgotten, places: new Map(table.map((source, i) => [source, i])) }, pace);
    const files: (string | undefined)[] = [];
    for (const writer of writers.toReversed()) files.unshift(await finish(writer));
    return files;
  } catch (error) {
    for (const writer of writers) await writer.discard();
    throw error;
  } finally {
    for (const input of inputs) await input.close();
  }
}

async function finish(writer: BlockWriter): Promise<string | undefined> {
  if (!writer.isEmpty) return writer.finish();
  await writer.discard();
  return undefined;
}

interface Sources {
  /** Of all inputs, sorted. */
  readonly sources: readonly string[];
  /** Priority up to which a source is forgotten. */
  readonly forgotten: ReadonlyMap<string, number>;
  /** Place of each source that stays in the table of the outputs. */
  readonly places: ReadonlyMap<string, number>;
}

async function mergeNames(
  job: MergeJob,
  inputs: readonly MergeInput[],
  writers: readonly BlockWriter[],
  all: Sources,
  pace: Pace,
): Promise<void> {
  const names = [...new Set(inputs.flatMap((input) => input.names))].sort(byCodeUnit);
  const merger = mergerFor(job, writers);
  for (const name of names) {
    for (const input of inputs) await input.beginName(name);
    for (const writer of writers) writer.beginName();
    for (let place = nextPlace(inputs); place !== Number.POSITIVE_INFINITY; place = nextPlace(inputs)) {
      const source = all.sources[place] ?? "";
      const chunks = await takeSeries(job, inputs, place, all.forgotten.get(source) ?? -1);
      if (chunks.length > 0) merger.merge(all.places.get(source) ?? 0, chunks);
      for (const writer of writers) if (writer.isFull) await writer.flush();
      await pace.pause();
    }
    for (const writer of writers) writer.endName(name);
  }
}

/** Place of the next source of any input; infinity at the end of the name. */
const nextPlace = (inputs: readonly MergeInput[]): number =>
  inputs.reduce((least, input) => Math.min(least, input.nextPlace()), Number.POSITIVE_INFINITY);

/** The chunks of the source at `place`, by rising priority; those up to `forgotten` are skipped. */
async function takeSeries(job: MergeJob, inputs: readonly MergeInput[], place: number, forgotten: number): Promise<Chunk[]> {
  const unit = unitSeconds[job.kind];
  const chunks: Chunk[] = [];
  for (const input of inputs) {
    if (input.nextPlace() !== place) continue;
    await input.takeSource(job.from / unit, job.to / unit, input.meta.priority <= forgotten ? [] : chunks);
  }
  return chunks;
}

function mergerFor(job: MergeJob, writers: readonly BlockWriter[]): Merger {
  const [first, hours, days] = writers;
  if (!first) return { merge: () => undefined };
  if (job.kind !== "raw") return new SummaryMerger(first, job.kind === "day");
  return new RawMerger(first, hours, days, job.isThorough);
}

/** Raw chunks, day by day: a lone chunk is copied as it is, several become one. */
class RawMerger implements Merger {
  readonly #writer: BlockWriter;
  readonly #hours: BlockWriter | undefined;
  readonly #days: BlockWriter | undefined;
  readonly #isThorough: boolean;
  readonly #grid = new DayGrid();
  readonly #raw = new RawColumns();
  readonly #hour = new SummaryColumns();
  readonly #day = new SummaryColumns();
  readonly #sink = new ByteSink(65_536);

  constructor(writer: BlockWriter, hours: BlockWriter | undefined, days: BlockWriter | undefined, isThorough: boolean) {
    this.#writer = writer;
    this.#hours = hours;
    this.#days = days;
    this.#isThorough = isThorough;
  }

  merge(place: number, chunks: readonly Chunk[]): void {
    const byDay = new Map<number, Chunk[]>();
    for (const chunk of chunks) {
      const day = Math.floor(chunk.start / minutesPerDay);
      const list = byDay.get(day);
      if (list) list.push(chunk);
      else byDay.set(day, [chunk]);
    }
    for (const day of [...byDay.keys()].sort((a, b) => a - b)) this.#mergeDay(place, day * minutesPerDay, byDay.get(day) ?? []);
  }

  #mergeDay(place: number, dayStart: number, chunks: readonly Chunk[]): void {
    const [only] = chunks;
    if (only && chunks.length === 1 && !this.#hours) {
      this.#writer.add(place, only.start, only.bytes, countOf(only.bytes), only.crc);
      return;
    }
    const grid = this.#grid;
    grid.clear();
    for (const chunk of chunks) grid.overlay(chunk.bytes, chunk.start, dayStart);
    grid.columns(dayStart, 0, minutesPerDay, this.#raw);
    this.#sink.length = 0;
    writeRawChunk(this.#raw, this.#isThorough, this.#sink);
    this.#writer.add(place, this.#raw.minutes[0] ?? 0, this.#sink.view(), this.#raw.count);
    this.#summarise(place, dayStart);
  }

  #summarise(place: number, dayStart: number): void {
    if (!this.#hours || !this.#days) return;
    this.#hour.count = 0;
    this.#day.count = 0;
    summariseHours(this.#grid, dayStart, this.#hour);
    summariseDay(this.#hour, 0, this.#grid, dayStart, this.#day);
    this.#sink.length = 0;
    writeSummaryChunk(this.#hour, false, this.#sink);
    this.#hours.add(place, this.#hour.buckets[0] ?? 0, this.#sink.view(), this.#hour.count);
    this.#sink.length = 0;
    writeSummaryChunk(this.#day, true, this.#sink);
    this.#days.add(place, this.#day.buckets[0] ?? 0, this.#sink.view(), this.#day.count);
  }
}

/** The number of points of a chunk: the varint behind its first byte. */
function countOf(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 1, factor = 1; i < bytes.length; i++, factor *= 0x80) {
    const byte = bytes[i] ?? 0;
    count += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
  }
  return count;
}

/** Summaries: one chunk per series, of the entries of all; for the same hour or day the one with the highest priority counts. */
class SummaryMerger implements Merger {
  readonly #writer: BlockWriter;
  readonly #hasLast: boolean;
  readonly #one = new SummaryColumns();
  readonly #all = new SummaryColumns();
  readonly #sink = new ByteSink(65_536);

  constructor(writer: BlockWriter, hasLast: boolean) {
    this.#writer = writer;
    this.#hasLast = hasLast;
  }

  merge(place: number, chunks: readonly Chunk[]): void {
    const winner = new Map<number, number>();
    for (const [i, chunk] of chunks.entries()) {
      readSummaryChunk(chunk.bytes, chunk.start, this.#hasLast, this.#one);
      for (let k = 0; k < this.#one.count; k++) winner.set(this.#one.buckets[k] ?? 0, i);
    }
    this.#all.count = 0;
    for (const i of inTimeOrder(chunks)) {
      const chunk = chunks[i];
      if (!chunk) continue;
      readSummaryChunk(chunk.bytes, chunk.start, this.#hasLast, this.#one);
      for (let k = 0; k < this.#one.count; k++) if (winner.get(this.#one.buckets[k] ?? 0) === i) this.#all.take(this.#one, k);
    }
    sortByBucket(this.#all);
    this.#sink.length = 0;
    writeSummaryChunk(this.#all, this.#hasLast, this.#sink);
    this.#writer.add(place, this.#all.buckets[0] ?? 0, this.#sink.view(), this.#all.count);
  }
}

const inTimeOrder = (chunks: readonly Chunk[]): number[] =>
  chunks.map((_, i) => i).sort((a, b) => (chunks[a]?.start ?? 0) - (chunks[b]?.start ?? 0));

/** Entries are in order already unless a day was summarised again after its month. */
function sortByBucket(summary: SummaryColumns): void {
  const order = Array.from({ length: summary.count }, (_, i) => i);
  if (order.every((i) => i === 0 || (summary.buckets[i] ?? 0) > (summary.buckets[i - 1] ?? 0))) return;
  order.sort((a, b) => (summary.buckets[a] ?? 0) - (summary.buckets[b] ?? 0));
  const copy = new SummaryColumns();
  for (const i of order) copy.take(summary, i);
  summary.count = 0;
  for (let i = 0; i < copy.count; i++) summary.take(copy, i);
}
