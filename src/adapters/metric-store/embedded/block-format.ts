import { crc32 } from "node:zlib";
import { HinobanError } from "#base/errors";
import { ByteSink, ByteSource } from "./codec/bytes.ts";

/**
 * A block is an immutable file of chunks, ordered by metric name, then source, then time:
 *   header (64 bytes) | per name: its chunks, then its index | footer | tail (32 bytes)
 * so that the graph of one metric over many hosts is one contiguous read. Everything is little endian and covered by a crc32.
 * index: per chunk u32 source | u32 first minute, hour or day | u32 length | u32 crc; the chunks of a name lie one behind the other.
 */
export const blockKinds = ["raw", "hour", "day"] as const;
/** "raw": points; "hour" and "day": summaries. */
export type BlockKind = (typeof blockKinds)[number];

export interface BlockMeta {
  readonly kind: BlockKind;
  /** Unix seconds, inclusive; whole units of the block's level. */
  readonly from: number;
  /** Unix seconds, exclusive. */
  readonly to: number;
  /** Of two blocks with the same minute the one with the higher priority is right. */
  readonly priority: number;
  /** Unique in the store, ascending by creation. */
  readonly id: number;
  /** Ids of blocks whose content is in here: left-overs of a crash can be removed. */
  readonly replaces: readonly number[];
}

/** Where the chunks of one name lie. */
export interface NameRun {
  readonly chunksAt: number;
  readonly indexAt: number;
  readonly entries: number;
  readonly indexCrc: number;
}

export interface BlockFooter {
  /** Sorted by code unit; the index refers to places in this list. */
  readonly sources: readonly string[];
  /** Sorted by code unit. */
  readonly names: readonly string[];
  readonly runs: readonly NameRun[];
  readonly replaces: readonly number[];
  /** Points, or summaries. */
  readonly points: number;
}

export const headerBytes = 64;
export const tailBytes = 32;
export const wordsPerEntry = 4;

/** Seconds of the unit that chunks of a kind count in. */
export const unitSeconds: Readonly<Record<BlockKind, number>> = { raw: 60, hour: 3600, day: 86_400 };

const magic = 0x424e4248; // "HBNB"
const formatVersion = 1;

const digits = (n: number, width: number): string => String(n).padStart(width, "0");

export const blockFileName = (meta: BlockMeta): string =>
  `${meta.kind}-${digits(meta.from, 10)}-${digits(meta.to, 10)}-${digits(meta.id, 12)}.block`;

export const isBlockFileName = (name: string): boolean => /^(?:raw|hour|day)-\d{10}-\d{10}-\d{12}\.block$/u.test(name);

export function encodeHeader(meta: BlockMeta): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(magic, 0);
  header.writeUInt16LE(formatVersion, 4);
  header.writeUInt8(blockKinds.indexOf(meta.kind), 6);
  header.writeDoubleLE(meta.from, 8);
  header.writeDoubleLE(meta.to, 16);
  header.writeDoubleLE(meta.priority, 24);
  header.writeDoubleLE(meta.id, 32);
  header.writeUInt32LE(crc32(header.subarray(0, headerBytes - 4)), headerBytes - 4);
  return header;
}

const damaged = (path: string, what: string): HinobanError =>
  new HinobanError(
    "storage-damaged",
    `A block of the metric store is damaged (${what}): ${path}. Restore a backup, or open the store with the repair option to leave it out.`,
    {
      path,
      what,
    },
  );

export { damaged as damagedBlock };

export function decodeHeader(header: Buffer, path: string): Omit<BlockMeta, "replaces"> {
  if (
    header.length < headerBytes ||
    header.readUInt32LE(0) !== magic ||
    header.readUInt32LE(headerBytes - 4) !== crc32(header.subarray(0, headerBytes - 4))
  ) {
    throw damaged(path, "header");
  }
  const version = header.readUInt16LE(4);
  const kind = blockKinds[header.readUInt8(6)];
  if (version !== formatVersion || kind === undefined) {
    throw new HinobanError("storage-damaged", `${path} is written in format ${version}; this version reads format ${formatVersion}.`, {
      path,
      version,
    });
  }
  return {
    kind,
    from: header.readDoubleLE(8),
    to: header.readDoubleLE(16),
    priority: header.readDoubleLE(24),
    id: header.readDoubleLE(32),
  };
}

/** Footer and tail, ready to be written at `at`. */
export function encodeFooter(footer: BlockFooter, at: number): Buffer {
  const out = new ByteSink(1 << 16);
  out.u32(footer.sources.length);
  for (const source of footer.sources) out.text(source);
  out.u32(footer.names.length);
  for (const [i, name] of footer.names.entries()) {
    const run = footer.runs[i] ?? { chunksAt: 0, indexAt: 0, entries: 0, indexCrc: 0 };
    out.text(name);
    out.f64(run.chunksAt);
    out.f64(run.indexAt);
    out.u32(run.entries);
    out.u32(run.indexCrc);
  }
  out.u32(footer.replaces.length);
  for (const id of footer.replaces) out.f64(id);
  out.f64(footer.points);
  const length = out.length;
  const crc = crc32(out.view());
  out.f64(at);
  out.u32(length);
  out.u32(crc);
  out.u32(formatVersion);
  out.u32(magic);
  out.f64(0);
  return Buffer.from(out.view());
}

/** Where the footer lies, from the last bytes of a file. */
export function decodeTail(
  tail: Buffer,
  size: number,
  path: string,
): { readonly at: number; readonly length: number; readonly crc: number } {
  if (tail.length < tailBytes || tail.readUInt32LE(20) !== magic) throw damaged(path, "tail");
  const at = tail.readDoubleLE(0);
  const length = tail.readUInt32LE(8);
  if (at + length + tailBytes !== size) throw damaged(path, "tail");
  return { at, length, crc: tail.readUInt32LE(12) };
}

export function decodeFooter(bytes: Buffer, crc: number, path: string): BlockFooter {
  if (crc32(bytes) !== crc) throw damaged(path, "footer");
  const source = new ByteSource(bytes);
  const sources = Array.from({ length: source.u32() }, () => source.text());
  const names: string[] = [];
  const runs: NameRun[] = [];
  const count = source.u32();
  for (let i = 0; i < count; i++) {
    names.push(source.text());
    runs.push({ chunksAt: source.f64(), indexAt: source.f64(), entries: source.u32(), indexCrc: source.u32() });
  }
  const replaces = Array.from({ length: source.u32() }, () => source.f64());
  return { sources, names, runs, replaces, points: source.f64() };
}
