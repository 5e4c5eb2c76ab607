import { crc32 } from "node:zlib";
import type { PointColumns } from "#ports/metric-store/port";

/**
 * Frames of the write-ahead log, little endian, each a multiple of 8 bytes so that its doubles can be read in place:
 * u32 length of the whole frame | u32 crc32 of bytes 8.. | u8 type | u8 flags | u16 0 | u32 count | payload | padding.
 */
export const frameType = { batch: 1, define: 2, points: 3, freeze: 4, sealed: 5, drop: 6 } as const;

export const frameHeaderBytes = 16;
/** Longer frames are never written: a length above this is damage. */
export const longestFrame = 32 * 1024 * 1024;

const sameTime = 1;
const pad = (bytes: number): number => (bytes + 7) & ~7;

/** What a points frame holds; the indices point into the arrays of the buffer that it lies in. */
export interface PointsFrame {
  readonly count: number;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  readonly valuesAt: number;
  readonly refsAt: number;
  readonly timesAt: number;
  /** True when one time stands for all points. */
  readonly isOneTime: boolean;
}

/** Receives the content of frames in the order of the log. */
export interface FrameHandler {
  define(ref: number, source: string, name: string): void;
  points(frame: PointsFrame): void;
  freeze(window: number, priority: number): void;
  sealed(window: number, priority: number): void;
  drop(source: string, priority: number): void;
}

/** Memory for frames. Frames start at multiples of 8. */
export class FrameBuffer {
  readonly bytes: Buffer;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  /** Bytes in use. */
  used = 0;

  constructor(capacity: number) {
    const memory = new ArrayBuffer(pad(capacity));
    this.bytes = Buffer.from(memory);
    this.u32 = new Uint32Array(memory);
    this.f64 = new Float64Array(memory);
  }

  hasRoom(payload: number): boolean {
    return this.used + frameHeaderBytes + pad(payload) <= this.bytes.length;
  }

  /** Writes the header of a frame and returns where its payload starts; call `finish` when that is filled. */
  begin(type: number, flags: number, count: number, payload: number): number {
    const at = this.used;
    const length = frameHeaderBytes + pad(payload);
    const word = at >> 2;
    this.u32[word] = length;
    this.u32[word + 2] = type | (flags << 8);
    this.u32[word + 3] = count;
    this.used = at + length;
    if (payload !== pad(payload)) this.f64[(this.used >> 3) - 1] = 0; // the padding; written before the payload
    return at + frameHeaderBytes;
  }

  /** Completes the frame whose payload starts at `payloadAt`, the last one begun. */
  finish(payloadAt: number): void {
    const at = payloadAt - frameHeaderBytes;
    this.u32[(at >> 2) + 1] = crc32(this.bytes.subarray(at + 8, this.used));
  }
}

/** Bytes of the payload of a points frame, at most. */
export const pointsPayload = (count: number): number => count * 16;

/** Adds points; the caller made sure of the room. A negative zero becomes zero. */
export function writePoints(buffer: FrameBuffer, points: PointColumns): void {
  const { count, series, times, values } = points;
  const first = times[0] ?? 0;
  let isOneTime = true;
  for (let i = 1; i < count; i++) {
    if (times[i] !== first) {
      isOneTime = false;
      break;
    }
  }
  const payload = count * 12 + (isOneTime ? 4 : count * 4);
  const at = buffer.begin(frameType.points, isOneTime ? sameTime : 0, count, payload);
  const f64At = at >> 3;
  const refsAt = (at >> 2) + count * 2;
  const timesAt = refsAt + count;
  const { u32, f64 } = buffer;
  for (let i = 0; i < count; i++) {
    f64[f64At + i] = (values[i] ?? 0) + 0;
    u32[refsAt + i] = series[i] ?? 0;
  }
  if (isOneTime) u32[timesAt] = first;
  else for (let i = 0; i < count; i++) u32[timesAt + i] = times[i] ?? 0;
  buffer.finish(at);
}

/** Payload of a frame that defines series of one source: both lengths are u16, the reference u32. */
export function defineFrame(
  source: string,
  series: readonly { readonly ref: number; readonly name: string }[],
): { payload: Buffer; count: number } {
  const sourceBytes = Buffer.from(source, "utf8");
  const names = series.map((s) => Buffer.from(s.name, "utf8"));
  const payload = Buffer.alloc(2 + sourceBytes.length + names.reduce((sum, name) => sum + 6 + name.length, 0));
  let at = payload.writeUInt16LE(sourceBytes.length, 0);
  at += sourceBytes.copy(payload, at);
  for (const [i, name] of names.entries()) {
    at = payload.writeUInt32LE(series[i]?.ref ?? 0, at);
    at = payload.writeUInt16LE(name.length, at);
    at += name.copy(payload, at);
  }
  return { payload, count: series.length };
}

/** Payload of freeze and sealed frames. */
export function windowPayload(window: number, priority: number): Buffer {
  const payload = Buffer.alloc(16);
  payload.writeDoubleLE(priority, 0);
  payload.writeUInt32LE(window, 8);
  return payload;
}

export function dropPayload(source: string, priority: number): Buffer {
  const text = Buffer.from(source, "utf8");
  const payload = Buffer.alloc(10 + text.length);
  payload.writeDoubleLE(priority, 0);
  payload.writeUInt16LE(text.length, 8);
  text.copy(payload, 10);
  return payload;
}

/** Length of the intact frame at `at`, or 0 when there is none. `end` = bytes in the buffer. */
export function frameLengthAt(buffer: FrameBuffer, at: number, end: number): number {
  if (at + frameHeaderBytes > end) return 0;
  const word = at >> 2;
  const length = buffer.u32[word] ?? 0;
  if (length < frameHeaderBytes || length > longestFrame || length % 8 !== 0 || at + length > end) return 0;
  return crc32(buffer.bytes.subarray(at + 8, at + length)) === buffer.u32[word + 1] ? length : 0;
}

/** The type of the frame at `at`. */
export const frameTypeAt = (buffer: FrameBuffer, at: number): number => (buffer.u32[(at >> 2) + 2] ?? 0) & 0xff;

/** Hands the frame at `at` to `handler`. */
export function readFrame(buffer: FrameBuffer, at: number, handler: FrameHandler): void {
  const { bytes, u32, f64 } = buffer;
  const word = at >> 2;
  const count = u32[word + 3] ?? 0;
  const body = at + frameHeaderBytes;
  switch (frameTypeAt(buffer, at)) {
    case frameType.points: {
      const refsAt = (body >> 2) + count * 2;
      const isOneTime = (((u32[word + 2] ?? 0) >> 8) & sameTime) !== 0;
      handler.points({ count, u32, f64, valuesAt: body >> 3, refsAt, timesAt: refsAt + count, isOneTime });
      return;
    }
    case frameType.define:
      readDefinitions(bytes, body, count, handler);
      return;
    case frameType.freeze:
      handler.freeze(bytes.readUInt32LE(body + 8), bytes.readDoubleLE(body));
      return;
    case frameType.sealed:
      handler.sealed(bytes.readUInt32LE(body + 8), bytes.readDoubleLE(body));
      return;
    case frameType.drop:
      handler.drop(bytes.toString("utf8", body + 10, body + 10 + bytes.readUInt16LE(body + 8)), bytes.readDoubleLE(body));
      return;
    default: // batch marks carry no content
  }
}

function readDefinitions(bytes: Buffer, body: number, count: number, handler: FrameHandler): void {
  const sourceLength = bytes.readUInt16LE(body);
  let at = body + 2 + sourceLength;
  const source = bytes.toString("utf8", body + 2, at);
  for (let i = 0; i < count; i++) {
    const ref = bytes.readUInt32LE(at);
    const length = bytes.readUInt16LE(at + 4);
    handler.define(ref, source, bytes.toString("utf8", at + 6, at + 6 + length));
    at += 6 + length;
  }
}

/** Hands every frame of a committed buffer to `handler`. */
export function readFrames(buffer: FrameBuffer, handler: FrameHandler): void {
  for (let at = 0; at < buffer.used; at += buffer.u32[at >> 2] ?? buffer.used) readFrame(buffer, at, handler);
}
