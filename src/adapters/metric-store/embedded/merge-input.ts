import { crc32 } from "node:zlib";
import { openBlockFile, readRunIndex, type OpenFile, type RunIndex } from "./block-reader.ts";
import { damagedBlock, wordsPerEntry, type BlockMeta, type NameRun } from "./block-format.ts";
import type { Disk } from "./disk.ts";

const windowBytes = 1024 * 1024;

/** A chunk on its way from one block into another. */
export interface Chunk {
  /** First minute, hour or day. */
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly crc: number;
}

/** A block that is read from front to back: name by name, source by source. */
export class MergeInput {
  readonly meta: BlockMeta;
  readonly names: readonly string[];
  readonly sources: readonly string[];
  readonly #path: string;
  readonly #open: OpenFile;
  readonly #runs: ReadonlyMap<string, NameRun>;
  /** Place in the merged list of sources per place in this block's list. */
  #places: Uint32Array = new Uint32Array();
  #index: RunIndex | undefined;
  #entry = 0;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;

  private constructor(path: string, open: OpenFile) {
    this.#path = path;
    this.#open = open;
    this.meta = open.meta;
    this.names = open.footer.names;
    this.sources = open.footer.sources;
    this.#runs = new Map(open.footer.names.flatMap((name, i) => (open.footer.runs[i] ? [[name, open.footer.runs[i]]] : [])));
  }

  static async open(disk: Disk, path: string): Promise<MergeInput> {
    return new MergeInput(path, await openBlockFile(disk, path));
  }

  /** `merged`: the sorted list of all sources. */
  placeIn(merged: ReadonlyMap<string, number>): void {
    this.#places = Uint32Array.from(this.sources, (source) => merged.get(source) ?? 0);
  }

  async beginName(name: string): Promise<void> {
    const run = this.#runs.get(name);
    this.#index = run && (await readRunIndex(this.#open.file, run, this.#path));
    this.#entry = 0;
    this.#window = Buffer.alloc(0);
  }

  /** Place of the next source in the merged list, or infinity at the end of the name. */
  nextPlace(): number {
    const words = this.#index?.words;
    const at = this.#entry * wordsPerEntry;
    if (!words || at >= words.length) return Number.POSITIVE_INFINITY;
    return this.#places[words[at] ?? 0] ?? 0;
  }

  /** Takes all chunks of the next source that start in [from, to). */
  async takeSource(from: number, to: number, into: Chunk[]): Promise<void> {
    const index = this.#index;
    if (!index) return;
    const { words } = index;
    const source = words[this.#entry * wordsPerEntry];
    for (; this.#entry * wordsPerEntry < words.length && words[this.#entry * wordsPerEntry] === source; this.#entry++) {
      const start = words[this.#entry * wordsPerEntry + 1] ?? 0;
      if (start < from || start >= to) continue;
      into.push({ start, bytes: await this.#read(index, this.#entry), crc: words[this.#entry * wordsPerEntry + 3] ?? 0 });
    }
  }

  async #read(index: RunIndex, entry: number): Promise<Uint8Array> {
    const at = index.offsets[entry] ?? 0;
    const length = index.words[entry * wordsPerEntry + 2] ?? 0;
    if (at < this.#windowAt || at + length > this.#windowAt + this.#window.length) {
      // A new buffer each time: chunks that were handed out stay as they are.
      const end = (index.offsets.at(-1) ?? 0) + (index.words.at(-2) ?? 0);
      this.#window = Buffer.allocUnsafeSlow(Math.max(length, Math.min(windowBytes, end - at)));
      this.#windowAt = at;
      await this.#open.file.read(this.#window, at);
    }
    const bytes = this.#window.subarray(at - this.#windowAt, at - this.#windowAt + length);
    if (crc32(bytes) !== index.words[entry * wordsPerEntry + 3]) throw damagedBlock(this.#path, "chunk");
    return bytes;
  }

  close(): Promise<void> {
    return this.#open.file.close();
  }
}
