import { join } from "node:path";
import { HinobanError } from "#base/errors";
import { temporarySuffix } from "./block-writer.ts";
import { codeOf, writeAll, type Disk } from "./disk.ts";

const fileName = "dropped.json";

export interface Tombstone {
  readonly source: string;
  /** Blocks and pages up to this priority hold nothing of the source any more, whatever is written in them. */
  readonly priority: number;
  /** When it was dropped, unix seconds. */
  readonly at: number;
}

/** The sources that were dropped and may still lie in blocks. */
export class Tombstones {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #dropped = new Map<string, Tombstone>();
  #isDirty = false;

  private constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  static async load(disk: Disk, directory: string): Promise<Tombstones> {
    const stones = new Tombstones(disk, directory);
    const text = await readText(disk, join(directory, fileName));
    if (text === undefined) return stones;
    const list = parse(text);
    if (!list)
      throw new HinobanError("storage-damaged", `${fileName} of the metric store cannot be read. Restore it from a backup.`, { directory });
    for (const stone of list) stones.#dropped.set(stone.source, stone);
    return stones;
  }

  /** Priority up to which `source` is forgotten; -1 = it was never dropped. */
  of(source: string): number {
    return this.#dropped.get(source)?.priority ?? -1;
  }

  get all(): Tombstone[] {
    return [...this.#dropped.values()];
  }

  get highest(): number {
    return this.all.reduce((max, stone) => Math.max(max, stone.priority), 0);
  }

  add(stone: Tombstone): void {
    if (this.of(stone.source) >= stone.priority) return;
    this.#dropped.set(stone.source, stone);
    this.#isDirty = true;
  }

  remove(source: string): void {
    if (this.#dropped.delete(source)) this.#isDirty = true;
  }

  /** Makes the list durable if it changed. */
  async save(): Promise<void> {
    if (!this.#isDirty) return;
    const path = join(this.#directory, fileName);
    const temporary = path + temporarySuffix;
    this.#isDirty = false;
    try {
      await this.#disk.remove(temporary);
      const file = await this.#disk.open(temporary, "create");
      try {
        await writeAll(file, [Buffer.from(`${JSON.stringify(this.all)}\n`)], 0);
        await file.datasync();
      } finally {
        await file.close();
      }
      await this.#disk.rename(temporary, path);
      await this.#disk.syncDirectory(this.#directory);
    } catch (error) {
      this.#isDirty = true;
      throw error;
    }
  }
}

/** File name for snapshots. */
export const tombstonesFile = fileName;

async function readText(disk: Disk, path: string): Promise<string | undefined> {
  try {
    const file = await disk.open(path, "read");
    try {
      const bytes = Buffer.alloc(await file.size());
      await file.read(bytes, 0);
      return bytes.toString("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parse(text: string): Tombstone[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) return undefined;
    return list.every(isTombstone) ? list : undefined;
  } catch {
    return undefined;
  }
}

const isTombstone = (item: unknown): item is Tombstone =>
  typeof item === "object" &&
  item !== null &&
  "source" in item &&
  typeof item.source === "string" &&
  "priority" in item &&
  typeof item.priority === "number" &&
  "at" in item &&
  typeof item.at === "number";
