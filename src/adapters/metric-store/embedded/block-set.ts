import { join } from "node:path";
import { messageOf } from "#base/errors";
import { BlockReader, IndexCache, openBlockFile } from "./block-reader.ts";
import { isBlockFileName, type BlockKind } from "./block-format.ts";
import { temporarySuffix } from "./block-writer.ts";
import type { Catalog } from "./catalog.ts";
import type { Disk } from "./disk.ts";

const damagedName = (path: string): string => `${path}.damaged`;
const byRank = (a: BlockReader, b: BlockReader): number => a.meta.priority - b.meta.priority || a.meta.id - b.meta.id;

/** The blocks that are open, of all kinds. */
export class BlockSet {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #catalog: Catalog;
  readonly #cache: IndexCache;
  #blocks: BlockReader[] = [];
  #lastId = 0;

  constructor(disk: Disk, directory: string, catalog: Catalog, indexCacheBytes: number) {
    this.#disk = disk;
    this.#directory = directory;
    this.#catalog = catalog;
    this.#cache = new IndexCache(indexCacheBytes);
  }

  /**
   * Opens every block of the directory, and removes what an interrupted merge left behind.
   * @throws HinobanError "storage-damaged" unless `repair` is set; then damaged files are moved aside and told to `onDamage`.
   */
  async load(repair: boolean, onDamage: (message: string) => void): Promise<void> {
    const names = await this.#disk.list(this.#directory);
    for (const name of names) if (name.endsWith(temporarySuffix)) await this.#disk.remove(join(this.#directory, name));
    const replaced = new Set<number>();
    const opened: BlockReader[] = [];
    for (const name of names.filter(isBlockFileName)) {
      const path = join(this.#directory, name);
      try {
        const block = new BlockReader(path, await openBlockFile(this.#disk, path), this.#catalog, this.#cache);
        opened.push(block);
        for (const id of block.meta.replaces) replaced.add(id);
        this.#lastId = Math.max(this.#lastId, block.meta.id);
      } catch (error) {
        if (!repair) throw error;
        onDamage(messageOf(error));
        await this.#disk.rename(path, damagedName(path));
      }
    }
    this.#blocks = opened.filter((block) => !replaced.has(block.meta.id)).sort(byRank);
    for (const block of opened) if (replaced.has(block.meta.id)) await this.#delete(block);
  }

  /** Lowest priority first. */
  get all(): readonly BlockReader[] {
    return this.#blocks;
  }

  of(kind: BlockKind): BlockReader[] {
    return this.#blocks.filter((block) => block.meta.kind === kind);
  }

  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.bytes, 0);
  }

  get highestPriority(): number {
    return this.#blocks.reduce((max, block) => Math.max(max, block.meta.priority), 0);
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** Opens new files and takes them in for `replaced`, all at once: a reader sees either side. */
  async exchange(fileNames: readonly string[], replaced: readonly BlockReader[]): Promise<void> {
    const added: BlockReader[] = [];
    for (const name of fileNames) {
      const path = join(this.#directory, name);
      added.push(new BlockReader(path, await openBlockFile(this.#disk, path), this.#catalog, this.#cache));
    }
    const gone = new Set(replaced);
    this.#blocks = [...this.#blocks.filter((block) => !gone.has(block)), ...added].sort(byRank);
    for (const block of replaced) await this.#delete(block);
  }

  /** Leaves a damaged block out, its file under another name. */
  async setAside(block: BlockReader): Promise<void> {
    this.#blocks = this.#blocks.filter((one) => one !== block);
    await this.#disk.rename(block.path, damagedName(block.path));
    await block.release();
  }

  async #delete(block: BlockReader): Promise<void> {
    await this.#disk.remove(block.path);
    await block.release();
  }

  async close(): Promise<void> {
    const blocks = this.#blocks;
    this.#blocks = [];
    for (const block of blocks) await block.release();
  }
}
