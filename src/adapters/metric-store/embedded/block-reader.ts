import { crc32 } from "node:zlib";
import { f64At, u32At } from "./arrays.ts";
import type { Catalog } from "./catalog.ts";
import {
  damagedBlock,
  decodeFooter,
  decodeHeader,
  decodeTail,
  headerBytes,
  tailBytes,
  wordsPerEntry,
  type BlockFooter,
  type BlockMeta,
  type NameRun,
} from "./block-format.ts";
import type { Disk, DiskFile } from "./disk.ts";

/** The index of one name in memory. */
export interface RunIndex {
  /** Four words per chunk: source, first unit, length, crc. */
  readonly words: Uint32Array;
  /** Place of each chunk in the file. */
  readonly offsets: Float64Array;
}

/** Keeps the indexes used last, up to a number of bytes. */
export class IndexCache {
  readonly #limit: number;
  readonly #entries = new Map<NameRun, RunIndex>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(run: NameRun): RunIndex | undefined {
    const found = this.#entries.get(run);
    if (found) {
      this.#entries.delete(run);
      this.#entries.set(run, found);
    }
    return found;
  }

  put(run: NameRun, index: RunIndex): void {
    if (this.#entries.has(run)) return;
    this.#entries.set(run, index);
    this.#bytes += sizeOf(index);
    for (const [oldest, old] of this.#entries) {
      if (this.#bytes <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#bytes -= sizeOf(old);
    }
  }
}

const sizeOf = (index: RunIndex): number => index.words.byteLength + index.offsets.byteLength;

/** Chunks further apart than this are fetched by two reads. */
const widestGap = 48 * 1024;
const longestRead = 4 * 1024 * 1024;

export interface OpenFile {
  readonly file: DiskFile;
  readonly meta: BlockMeta;
  readonly footer: BlockFooter;
  readonly size: number;
}

/** Opens a block file and checks header and footer. @throws HinobanError "storage-damaged". */
export async function openBlockFile(disk: Disk, path: string): Promise<OpenFile> {
  const file = await disk.open(path, "read");
  try {
    const size = await file.size();
    if (size < headerBytes + tailBytes) throw damagedBlock(path, "length");
    const header = Buffer.alloc(headerBytes);
    await file.read(header, 0);
    const tail = Buffer.alloc(tailBytes);
    await file.read(tail, size - tailBytes);
    const place = decodeTail(tail, size, path);
    const footerBytes = Buffer.alloc(place.length);
    await file.read(footerBytes, place.at);
    const footer = decodeFooter(footerBytes, place.crc, path);
    return { file, meta: { ...decodeHeader(header, path), replaces: footer.replaces }, footer, size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads and checks the index of a run. */
export async function readRunIndex(file: DiskFile, run: NameRun, path: string): Promise<RunIndex> {
  const words = new Uint32Array(run.entries * wordsPerEntry);
  const bytes = Buffer.from(words.buffer);
  await file.read(bytes, run.indexAt);
  if (crc32(bytes) !== run.indexCrc) throw damagedBlock(path, "index");
  const offsets = new Float64Array(run.entries);
  let at = run.chunksAt;
  for (let i = 0; i < run.entries; i++) {
    offsets[i] = at;
    at += words[i * wordsPerEntry + 2] ?? 0;
  }
  return { words, offsets };
}

/** An open block, in the numbers of the catalog. */
export class BlockReader {
  readonly meta: BlockMeta;
  readonly path: string;
  readonly bytes: number;
  readonly points: number;
  readonly #file: DiskFile;
  readonly #cache: IndexCache;
  /** Place + 1 in the block's source table per source id of the catalog; 0 = not in here. */
  readonly #places: Uint32Array;
  readonly #runs = new Map<number, NameRun>();
  #users = 1;

  constructor(path: string, open: OpenFile, catalog: Catalog, cache: IndexCache) {
    this.path = path;
    this.meta = open.meta;
    this.bytes = open.size;
    this.points = open.footer.points;
    this.#file = open.file;
    this.#cache = cache;
    const ids = open.footer.sources.map((source) => catalog.sourceId(source));
    this.#places = new Uint32Array(ids.reduce((max, id) => Math.max(max, id), -1) + 1);
    for (const [place, id] of ids.entries()) this.#places[id] = place + 1;
    for (const [i, name] of open.footer.names.entries()) {
      const run = open.footer.runs[i];
      if (run) this.#runs.set(catalog.nameId(name), run);
    }
  }

  /** Keeps the file open until `release`. */
  retain(): void {
    this.#users++;
  }

  async release(): Promise<void> {
    if (--this.#users === 0) await this.#file.close();
  }

  holdsName(nameId: number): boolean {
    return this.#runs.has(nameId);
  }

  holdsSource(sourceId: number): boolean {
    return (this.#places[sourceId] ?? 0) > 0;
  }

  async #index(run: NameRun): Promise<RunIndex> {
    const cached = this.#cache.get(run);
    if (cached) return cached;
    const index = await readRunIndex(this.#file, run, this.path);
    this.#cache.put(run, index);
    return index;
  }

  /** Calls `found` for every series in the block: ids of the catalog. */
  async eachSeries(found: (sourceId: number, nameId: number) => void): Promise<void> {
    const ids = new Uint32Array(this.#places.reduce((max, place) => Math.max(max, place), 0));
    for (const [id, place] of this.#places.entries()) if (place > 0) ids[place - 1] = id;
    for (const [nameId, run] of this.#runs) {
      const { words } = await readRunIndex(this.#file, run, this.path);
      let last = -1;
      for (let i = 0; i < words.length; i += wordsPerEntry) {
        const place = words[i] ?? 0;
        if (place !== last) found(ids[place] ?? 0, nameId);
        last = place;
      }
    }
  }

  /**
   * Hands over the chunks of `name` for the given sources (ids of the catalog; -1 = skip) that start in [from, to), units of the block's kind.
   * Each chunk comes with the place of its source in `sources`. Reads neighbours together.
   * @throws HinobanError "storage-damaged" when a chunk fails its crc.
   */
  async eachChunk(nameId: number, sources: readonly number[], from: number, to: number, found: FoundChunk): Promise<void> {
    const run = this.#runs.get(nameId);
    if (!run) return;
    const index = await this.#index(run);
    const picked = this.#pick(index, sources, from, to);
    for (let i = 0; i < picked.length;) i = await this.#readGroup(index, picked, i, found);
  }

  #pick(index: RunIndex, sources: readonly number[], from: number, to: number): Picked[] {
    const { words } = index;
    const picked: Picked[] = [];
    for (const [member, sourceId] of sources.entries()) {
      const place = (sourceId < 0 ? 0 : (this.#places[sourceId] ?? 0)) - 1;
      if (place < 0) continue;
      for (let entry = lowerBound(words, place, from); entry * wordsPerEntry < words.length; entry++) {
        if (words[entry * wordsPerEntry] !== place || (words[entry * wordsPerEntry + 1] ?? 0) >= to) break;
        picked.push({ entry, member });
      }
    }
    return picked.sort((a, b) => a.entry - b.entry);
  }

  /** Reads the chunks from place `first` of the list on that lie close enough together, and returns the place behind them. */
  async #readGroup(index: RunIndex, picked: readonly Picked[], first: number, found: FoundChunk): Promise<number> {
    const { start, end, next } = groupOf(index, picked, first);
    const buffer = Buffer.allocUnsafeSlow(end - start);
    await this.#file.read(buffer, start);
    for (const { entry, member } of picked.slice(first, next)) {
      const at = f64At(index.offsets, entry) - start;
      const bytes = buffer.subarray(at, at + lengthOf(index, entry));
      if (crc32(bytes) !== index.words[entry * wordsPerEntry + 3]) throw damagedBlock(this.path, "chunk");
      found(member, u32At(index.words, entry * wordsPerEntry + 1), bytes);
    }
    return next;
  }
}

interface Picked {
  readonly entry: number;
  readonly member: number;
}

/** Takes a chunk: the place of its source in the list that was asked for, its first unit, its bytes. */
type FoundChunk = (member: number, start: number, bytes: Uint8Array) => void;

const lengthOf = (index: RunIndex, entry: number): number => u32At(index.words, entry * wordsPerEntry + 2);

/** The stretch of the file that is read at once. */
function groupOf(index: RunIndex, picked: readonly Picked[], first: number): { start: number; end: number; next: number } {
  let start = 0;
  let end = 0;
  let next = first;
  for (const { entry } of picked.slice(first)) {
    const at = f64At(index.offsets, entry);
    const stop = at + lengthOf(index, entry);
    if (next === first) start = at;
    else if (at - end > widestGap || stop - start > longestRead) break;
    end = Math.max(end, stop);
    next++;
  }
  return { start, end, next };
}

/** The first entry not before (place, start). */
function lowerBound(words: Uint32Array, place: number, start: number): number {
  let low = 0;
  let high = words.length / wordsPerEntry;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const p = words[middle * wordsPerEntry] ?? 0;
    if (p < place || (p === place && (words[middle * wordsPerEntry + 1] ?? 0) < start)) low = middle + 1;
    else high = middle;
  }
  return low;
}
