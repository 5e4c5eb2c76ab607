import { join } from "node:path";
import { HinobanError, messageOf } from "#base/errors";
import type { PointColumns } from "#ports/metric-store/port";
import { isDiskFull, writeAll, writeAtLeast, type Disk, type DiskFile } from "./disk.ts";
import { FrameBuffer, frameHeaderBytes, frameType, pointsPayload, writePoints } from "./wal-frame.ts";

const magic = 0x574e4248; // "HBNW"
const formatVersion = 1;
export const segmentHeaderBytes = 16;

export const segmentName = (number: number): string => `wal-${String(number).padStart(10, "0")}.log`;

/** The number of a segment file, or undefined for other names. */
export function segmentNumber(fileName: string): number | undefined {
  const digits = /^wal-(\d{10})\.log$/u.exec(fileName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function segmentHeader(number: number): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(formatVersion, 4);
  header.writeDoubleLE(number, 8);
  return header;
}

/** True for the header of segment `number` in the format that this version writes. */
export const isSegmentHeader = (bytes: Uint8Array, number: number): boolean =>
  segmentHeader(number).equals(bytes.subarray(0, segmentHeaderBytes));

export interface WalOptions {
  readonly disk: Disk;
  readonly directory: string;
  /** A segment that would grow beyond this is followed by a new one. */
  readonly segmentBytes: number;
  /** Zeros are written ahead in pieces of this size: overwriting costs the file system much less than growing does. */
  readonly extentBytes: number;
  /** Appends are refused while this many bytes wait for the disk. */
  readonly pendingBytes: number;
  /** Number of the first segment to write. */
  readonly firstSegment: number;
  /** Called with frames once they are durable, in log order, before their appends resolve. */
  readonly onCommitted: (buffers: readonly FrameBuffer[], segment: number) => void;
}

const bufferBytes = 256 * 1024;

class Batch {
  readonly buffers: FrameBuffer[] = [];
  readonly opensSegment: boolean;
  readonly number: number;
  /** True once the segment that this batch opens stands on disk. */
  hasOpened = false;
  bytes = 0;
  readonly done: Promise<void>;
  resolve: () => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  constructor(number: number, opensSegment: boolean) {
    this.number = number;
    this.opensSegment = opensSegment;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.done.catch(() => undefined); // every append hands the failure on; a batch nobody waits for must not end the process
  }
}

/**
 * The write-ahead log: group commit with one write and one fdatasync in flight; what arrives meanwhile shares the next one.
 * After a failed fdatasync nothing is known about the disk, so the log refuses everything until the store is opened anew.
 */
export class WriteAheadLog {
  readonly #options: WalOptions;
  #file: DiskFile | undefined;
  #segment: number;
  #position = 0;
  /** End of what was written ahead. */
  #allocated = 0;
  readonly #zeros: Buffer;
  #mustOpenSegment = true;
  #batches = 0;
  #generation = 0;
  #pending: Batch;
  #spare: FrameBuffer[] = [];
  #isPumping = false;
  #inFlight: Batch | undefined;
  #failure: HinobanError | undefined;
  #fullSince: string | undefined;
  #closedBytes = new Map<number, number>();

  constructor(options: WalOptions) {
    this.#options = options;
    this.#segment = options.firstSegment - 1;
    this.#zeros = Buffer.alloc(options.extentBytes);
    this.#pending = this.#newBatch(0);
  }

  /** A series must be defined again when it was last defined in another generation: so each segment can be replayed alone. */
  get generation(): number {
    return this.#generation;
  }

  get segment(): number {
    return this.#segment;
  }

  /** Bytes of the segments this process wrote. */
  get bytes(): number {
    let sum = this.#position;
    for (const bytes of this.#closedBytes.values()) sum += bytes;
    return sum;
  }

  /** Why appends fail at the moment, in a sentence. */
  get problem(): string | undefined {
    return this.#failure?.message ?? this.#fullSince;
  }

  /** Adds points to the next group commit. Resolves when they are durable and `onCommitted` has seen them. */
  appendPoints(points: PointColumns): Promise<void> {
    const buffer = this.#room(pointsPayload(points.count));
    const before = buffer.used;
    writePoints(buffer, points);
    return this.#added(buffer.used - before);
  }

  /** Adds one frame of another kind. */
  append(type: number, count: number, payload: Uint8Array): Promise<void> {
    const buffer = this.#room(payload.length);
    const before = buffer.used;
    const at = buffer.begin(type, 0, count, payload.length);
    buffer.bytes.set(payload, at);
    buffer.finish(at);
    return this.#added(buffer.used - before);
  }

  /** Throws the failure that an append would meet now. */
  check(): void {
    if (this.#failure) throw this.#failure;
    if (this.#pending.bytes > this.#options.pendingBytes) {
      throw new HinobanError("unavailable", "The disk does not keep up with the metrics that arrive.", {
        waitingBytes: this.#pending.bytes,
      });
    }
  }

  #room(payload: number): FrameBuffer {
    const last = this.#pending.buffers.at(-1);
    if (last?.hasRoom(payload)) return last;
    const needed = payload + 2 * frameHeaderBytes + 16;
    const spare = needed <= bufferBytes ? this.#spare.pop() : undefined;
    const buffer = spare ?? new FrameBuffer(Math.max(bufferBytes, needed));
    buffer.used = 0;
    if (this.#pending.buffers.length === 0) {
      buffer.finish(buffer.begin(frameType.batch, 0, this.#pending.number, 0));
      this.#pending.bytes += buffer.used;
    }
    this.#pending.buffers.push(buffer);
    return buffer;
  }

  #added(bytes: number): Promise<void> {
    this.#pending.bytes += bytes;
    const { done } = this.#pending;
    if (!this.#isPumping) {
      this.#isPumping = true;
      setImmediate(() => void this.#pump()); // so that requests of the same turn share one commit
    }
    return done;
  }

  #newBatch(positionBefore: number): Batch {
    const opens = this.#mustOpenSegment || positionBefore > this.#options.segmentBytes;
    if (opens) this.#generation++;
    return new Batch(++this.#batches & 0x7fffffff, opens);
  }

  async #pump(): Promise<void> {
    while (this.#pending.buffers.length > 0 && !this.#failure) {
      const batch = this.#pending;
      // Everything that decides about segments is settled here, before frames are added to the next batch.
      if (batch.opensSegment) this.#mustOpenSegment = false;
      this.#pending = this.#newBatch((batch.opensSegment ? segmentHeaderBytes : this.#position) + batch.bytes);
      this.#inFlight = batch;
      try {
        await this.#write(batch);
      } catch (error) {
        await this.#fail(batch, error);
        continue;
      }
      this.#commit(batch);
    }
    this.#inFlight = undefined;
    this.#isPumping = false;
  }

  #commit(batch: Batch): void {
    this.#fullSince = undefined;
    try {
      this.#options.onCommitted(batch.buffers, this.#segment);
    } catch (error) {
      this.#failure = new HinobanError("internal", `Points on disk could not be taken over: ${messageOf(error)}`, {}, { cause: error });
      batch.reject(this.#failure);
      return;
    }
    for (const buffer of batch.buffers) if (buffer.bytes.length === bufferBytes && this.#spare.length < 8) this.#spare.push(buffer);
    batch.resolve();
  }

  async #write(batch: Batch): Promise<void> {
    if (batch.opensSegment) {
      await this.#openSegment();
      batch.hasOpened = true;
    }
    const file = this.#file;
    if (!file) throw new HinobanError("internal", "The log has no open segment.");
    const buffers = batch.buffers.map((buffer) => buffer.bytes.subarray(0, buffer.used));
    const length = buffers.reduce((sum, bytes) => sum + bytes.length, 0);
    if (this.#position + length > this.#allocated) buffers.push(this.#zeros);
    try {
      this.#allocated = Math.max(this.#allocated, await writeAtLeast(file, buffers, this.#position, length));
      if (!file.isSynchronous) await file.datasync();
    } catch (error) {
      if (isDiskFull(error)) throw error;
      throw new HinobanError(
        "unavailable",
        `The disk failed to keep metrics: ${messageOf(error)}. Check it, then start again.`,
        {},
        { cause: error },
      );
    }
    this.#position += length;
  }

  async #openSegment(): Promise<void> {
    const { disk, directory } = this.#options;
    const number = this.#segment + 1;
    const path = join(directory, segmentName(number));
    await disk.remove(path); // left by an attempt that met a full disk; it never held anything acknowledged
    const file = await disk.open(path, "log");
    try {
      await writeAll(file, [segmentHeader(number)], 0);
      if (!file.isSynchronous) await file.datasync();
      await disk.syncDirectory(directory);
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    if (this.#file) {
      this.#closedBytes.set(this.#segment, this.#position);
      await this.#closeSegment(this.#file);
    }
    this.#file = file;
    this.#segment = number;
    this.#position = segmentHeaderBytes;
    this.#allocated = segmentHeaderBytes;
  }

  /** Without the zeros that were written ahead: left-over ones mean nothing, but take room. */
  async #closeSegment(file: DiskFile): Promise<void> {
    if (this.#allocated > this.#position) await file.truncate(this.#position).catch(() => undefined);
    await file.close();
  }

  /** A full disk refuses what waits and leaves the log as it was; anything else ends it. */
  async #fail(batch: Batch, error: unknown): Promise<void> {
    if (isDiskFull(error) && (await this.#cutBack())) {
      const full = new HinobanError(
        "storage-full",
        "The disk of the metric store is full. Nothing of this was stored.",
        {},
        { cause: error },
      );
      this.#fullSince = full.message;
      const waiting = this.#pending;
      this.#mustOpenSegment = batch.opensSegment && !batch.hasOpened;
      this.#generation++; // definitions of the refused frames are not in the log
      this.#pending = this.#newBatch(this.#position);
      batch.reject(full);
      waiting.reject(full);
      return;
    }
    this.#failure =
      error instanceof HinobanError && error.code === "unavailable"
        ? error
        : new HinobanError(
            "unavailable",
            `Writing metrics failed: ${messageOf(error)}. Check the disk, then start again.`,
            {},
            { cause: error },
          );
    batch.reject(this.#failure);
    this.#pending.reject(this.#failure);
  }

  /** Removes what a failed write left behind the last durable byte. */
  async #cutBack(): Promise<boolean> {
    if (!this.#file) return true;
    try {
      await this.#file.truncate(this.#position);
      this.#allocated = this.#position;
      return true;
    } catch {
      return false;
    }
  }

  /** Lets the next commit but one begin a new segment, so that this one can be removed: for when all it holds is safe elsewhere. */
  rollSoon(): void {
    this.#mustOpenSegment = true;
  }

  /** Resolves when everything added before is durable. */
  async flush(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await (this.#pending.buffers.length > 0 ? this.#pending : this.#inFlight)?.done;
  }

  /** The end of what is durable, for a consistent copy. */
  position(): { readonly segment: number; readonly bytes: number } {
    return { segment: this.#segment, bytes: this.#position };
  }

  /** The segments of this process that are complete. */
  get closedSegments(): number[] {
    return [...this.#closedBytes.keys()];
  }

  /** Removes segments below `segment`: the caller knows that their points are safe elsewhere. */
  async removeBefore(segment: number): Promise<void> {
    for (const number of this.closedSegments) {
      if (number >= segment) continue;
      await this.#options.disk.remove(join(this.#options.directory, segmentName(number)));
      this.#closedBytes.delete(number);
    }
  }

  async close(): Promise<void> {
    try {
      if (!this.#failure) await this.flush();
    } finally {
      this.#failure ??= new HinobanError("unavailable", "The metric store is closed.");
      if (this.#file) await this.#closeSegment(this.#file);
      this.#file = undefined;
    }
  }
}
