import { crc32 } from "node:zlib";
import { join } from "node:path";
import { GrowingU32 } from "./arrays.ts";
import { blockFileName, encodeFooter, encodeHeader, wordsPerEntry, type BlockMeta, type NameRun } from "./block-format.ts";
import { ByteSink } from "./codec/bytes.ts";
import { writeAll, type Disk, type DiskFile } from "./disk.ts";

const flushBytes = 1024 * 1024;

/** Ends the names of files that are being written; whatever is found with it at start is a left-over. */
export const temporarySuffix = ".tmp";

/** Writes one block: names in order, within a name sources in order, within a source times in order. */
export class BlockWriter {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #meta: BlockMeta;
  readonly #sources: readonly string[];
  readonly #file: DiskFile;
  readonly #path: string;
  readonly #out = new ByteSink(flushBytes + 65_536);
  readonly #names: string[] = [];
  readonly #runs: NameRun[] = [];
  readonly #index = new GrowingU32();
  /** Bytes that are in the file already. */
  #position = 0;
  #chunksAt = 0;
  #points = 0;

  private constructor(disk: Disk, directory: string, meta: BlockMeta, sources: readonly string[], file: DiskFile, path: string) {
    this.#disk = disk;
    this.#directory = directory;
    this.#meta = meta;
    this.#sources = sources;
    this.#file = file;
    this.#path = path;
    this.#out.append(encodeHeader(meta));
  }

  /** `sources`: sorted; chunks refer to places in it. */
  static async create(disk: Disk, directory: string, meta: BlockMeta, sources: readonly string[]): Promise<BlockWriter> {
    const path = join(directory, blockFileName(meta) + temporarySuffix);
    await disk.remove(path);
    return new BlockWriter(disk, directory, meta, sources, await disk.open(path, "create"), path);
  }

  get isEmpty(): boolean {
    return this.#names.length === 0;
  }

  #at(): number {
    return this.#position + this.#out.length;
  }

  beginName(): void {
    this.#index.length = 0;
    this.#chunksAt = this.#at();
  }

  /** Adds a chunk of `points` points that lies in `bytes`. */
  add(source: number, start: number, bytes: Uint8Array, points: number, crc = crc32(bytes)): void {
    this.#index.push(source);
    this.#index.push(start);
    this.#index.push(bytes.length);
    this.#index.push(crc);
    this.#points += points;
    this.#out.append(bytes);
  }

  /** True when enough is waiting to be written: call `flush` then. */
  get isFull(): boolean {
    return this.#out.length >= flushBytes;
  }

  /** A name without chunks leaves no trace. */
  endName(name: string): void {
    if (this.#index.length === 0) return;
    const { array, length } = this.#index;
    const index = Buffer.from(array.buffer, 0, length * 4);
    this.#names.push(name);
    this.#runs.push({ chunksAt: this.#chunksAt, indexAt: this.#at(), entries: length / wordsPerEntry, indexCrc: crc32(index) });
    this.#out.append(index);
  }

  async flush(): Promise<void> {
    if (this.#out.length === 0) return;
    this.#position = await writeAll(this.#file, [this.#out.view()], this.#position);
    this.#out.length = 0;
  }

  /** Makes the block durable under its final name and returns that name. */
  async finish(): Promise<string> {
    const footer = { sources: this.#sources, names: this.#names, runs: this.#runs, replaces: this.#meta.replaces, points: this.#points };
    this.#out.append(encodeFooter(footer, this.#at()));
    await this.flush();
    await this.#file.datasync();
    await this.#file.close();
    const name = blockFileName(this.#meta);
    await this.#disk.rename(this.#path, join(this.#directory, name));
    await this.#disk.syncDirectory(this.#directory);
    return name;
  }

  /** Gives up and removes what was written. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await this.#disk.remove(this.#path).catch(() => undefined);
  }
}
