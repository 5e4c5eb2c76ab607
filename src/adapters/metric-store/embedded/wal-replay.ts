import { join } from "node:path";
import { HinobanError } from "#base/errors";
import type { Disk, DiskFile } from "./disk.ts";
import {
  frameHeaderBytes,
  frameLengthAt,
  frameType,
  frameTypeAt,
  FrameBuffer,
  longestFrame,
  readFrame,
  type FrameHandler,
} from "./wal-frame.ts";
import { isSegmentHeader, segmentHeaderBytes, segmentName, segmentNumber } from "./wal.ts";

export interface ReplayOptions {
  readonly disk: Disk;
  readonly directory: string;
  /** Go on behind damage instead of refusing; what cannot be read is lost. */
  readonly repair: boolean;
  /** Called at the start of each segment; definitions of the one before do not hold any more. */
  readonly onSegment: (segment: number) => void;
  readonly handler: FrameHandler;
  /** Called now and then between frames, so that memory can be freed. */
  readonly onPause: () => Promise<void>;
}

export interface ReplayReport {
  /** Number for the next segment. */
  readonly nextSegment: number;
  readonly firstSegment: number | undefined;
  /** Sizes of the segments that were read. */
  readonly segments: ReadonlyMap<number, number>;
  /** Bytes cut off the end of the last segment: a write that a crash interrupted, never acknowledged. */
  readonly tornBytes: number;
  /** Places that `repair` skipped. */
  readonly damages: readonly string[];
}

const windowBytes = 4 * 1024 * 1024;

/** Reads a file in pieces of a few megabytes that always start at a multiple of 8. */
class SegmentReader {
  readonly #file: DiskFile;
  readonly size: number;
  buffer = new FrameBuffer(windowBytes);
  /** Position in the file of the first byte in `buffer`. */
  start = 0;
  length = 0;

  constructor(file: DiskFile, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** Brings `position` (a multiple of 8) to the start of the buffer, with at least `capacity` bytes behind it where the file has them. */
  async seek(position: number, capacity: number): Promise<void> {
    if (this.start === position && this.length > 0 && capacity <= this.buffer.bytes.length) return;
    if (capacity > this.buffer.bytes.length) this.buffer = new FrameBuffer(capacity);
    this.start = position;
    const wanted = Math.min(this.buffer.bytes.length, this.size - position);
    this.length = await this.#file.read(this.buffer.bytes.subarray(0, wanted), position);
  }
}

/** Replays all segments of the log in order, in bounded memory. */
export async function replayLog(options: ReplayOptions): Promise<ReplayReport> {
  const numbers = (await options.disk.list(options.directory))
    .map(segmentNumber)
    .filter((n) => n !== undefined)
    .sort((a, b) => a - b);
  const segments = new Map<number, number>();
  const damages: string[] = [];
  let tornBytes = 0;
  for (const [i, number] of numbers.entries()) {
    const report = await replaySegment(options, number, i === numbers.length - 1);
    segments.set(number, report.size);
    tornBytes += report.torn;
    damages.push(...report.damages);
  }
  return { nextSegment: (numbers.at(-1) ?? 0) + 1, firstSegment: numbers[0], segments, tornBytes, damages };
}

interface SegmentReport {
  readonly size: number;
  readonly torn: number;
  readonly damages: readonly string[];
}

async function replaySegment(options: ReplayOptions, number: number, isLast: boolean): Promise<SegmentReport> {
  const file = await options.disk.open(join(options.directory, segmentName(number)), isLast ? "edit" : "read");
  try {
    const reader = new SegmentReader(file, await file.size());
    await reader.seek(0, windowBytes);
    if (!isSegmentHeader(reader.buffer.bytes.subarray(0, Math.min(reader.length, segmentHeaderBytes)), number)) {
      return await withoutHeader(options, number, isLast, reader);
    }
    options.onSegment(number);
    return await replayFrames(options, number, isLast, reader, file);
  } finally {
    await file.close();
  }
}

/** A crash while a segment was being made leaves it without a header, and then nothing in it was acknowledged. */
async function withoutHeader(options: ReplayOptions, number: number, isLast: boolean, reader: SegmentReader): Promise<SegmentReport> {
  if (isLast && reader.size <= segmentHeaderBytes) {
    await options.disk.remove(join(options.directory, segmentName(number)));
    return { size: 0, torn: reader.size, damages: [] };
  }
  const damage = damaged(number, 0);
  if (!options.repair) throw damage;
  return { size: reader.size, torn: 0, damages: [damage.message] };
}

async function replayFrames(
  options: ReplayOptions,
  number: number,
  isLast: boolean,
  reader: SegmentReader,
  file: DiskFile,
): Promise<SegmentReport> {
  const damages: string[] = [];
  let at = segmentHeaderBytes;
  while (at < reader.size) {
    const good = await replayWindow(options, reader, at);
    at = good;
    if (at >= reader.size) break;
    await options.onPause();
    if (await isIntactAt(reader, at)) continue;
    const isAhead = await isZeroFrom(reader, at);
    const next = isAhead ? undefined : await nextBatch(reader, at + 8);
    if (isAhead && !isLast) break; // a closed segment whose zeros were not cut off
    if (next === undefined && isLast) {
      await file.truncate(at);
      await file.datasync();
      return { size: at, torn: isAhead ? 0 : reader.size - at, damages };
    }
    const damage = damaged(number, at);
    if (!options.repair) throw damage;
    damages.push(damage.message);
    if (next === undefined) break;
    at = next;
  }
  return { size: reader.size, torn: 0, damages };
}

/** Replays the intact frames from `from` that lie completely in one buffer; returns the position behind the last. */
async function replayWindow(options: ReplayOptions, reader: SegmentReader, from: number): Promise<number> {
  await reader.seek(from, windowBytes);
  let at = 0;
  for (;;) {
    const length = frameLengthAt(reader.buffer, at, reader.length);
    if (length === 0) return from + at;
    readFrame(reader.buffer, at, options.handler);
    at += length;
  }
}

/** Whether a whole frame starts at `at`, reading as far as its length asks for. */
async function isIntactAt(reader: SegmentReader, at: number): Promise<boolean> {
  await reader.seek(at, windowBytes);
  if (reader.length < frameHeaderBytes) return false;
  const length = reader.buffer.u32[0] ?? 0;
  if (length < frameHeaderBytes || length > longestFrame || length % 8 !== 0 || at + length > reader.size) return false;
  if (length > reader.length) await reader.seek(at, length);
  return frameLengthAt(reader.buffer, 0, reader.length) > 0;
}

/** Whether nothing but zeros follows: room that was taken ahead of need. */
async function isZeroFrom(reader: SegmentReader, from: number): Promise<boolean> {
  for (let position = from; position < reader.size; position += windowBytes) {
    await reader.seek(position, windowBytes);
    if (reader.buffer.bytes.subarray(0, reader.length).some((byte) => byte !== 0)) return false;
  }
  return true;
}

/**
 * The next intact start of a group commit behind `from`. A commit begins only after the one before it is durable:
 * so a frame that cannot be read with a whole commit behind it is damage, and one without is a torn tail.
 */
async function nextBatch(reader: SegmentReader, from: number): Promise<number | undefined> {
  for (let position = from; position < reader.size; position += windowBytes - longestStep) {
    await reader.seek(position, windowBytes);
    for (let at = 0; at + frameHeaderBytes <= reader.length; at += 8) {
      if (frameTypeAt(reader.buffer, at) !== frameType.batch || reader.buffer.u32[at >> 2] !== frameHeaderBytes) continue;
      if (frameLengthAt(reader.buffer, at, reader.length) > 0) return position + at;
    }
  }
  return undefined;
}
const longestStep = frameHeaderBytes; // windows overlap by one batch mark

const damaged = (segment: number, at: number): HinobanError =>
  new HinobanError(
    "storage-damaged",
    `The log of the metric store is damaged: ${segmentName(segment)} at byte ${at}. Restore a backup, or open it with the repair option and lose what cannot be read.`,
    { segment: segmentName(segment), at },
  );
