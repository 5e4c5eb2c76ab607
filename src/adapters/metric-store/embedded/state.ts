import type { BlockSet } from "./block-set.ts";
import type { Catalog } from "./catalog.ts";
import type { Disk } from "./disk.ts";
import type { Head } from "./head.ts";
import type { Tombstones } from "./tombstones.ts";
import type { WriteAheadLog } from "./wal.ts";

/** Hands out ranks for everything that overwrites: later ones are higher, over restarts too. */
export class Priorities {
  #last = 0;

  next(): number {
    this.#last = Math.floor(this.#last) + 1;
    return this.#last;
  }

  /** A rank above everything seen so far and below what the log may still tell: for pages that a replay must put away early. */
  between(): number {
    this.#last += 2 ** -20;
    return this.#last;
  }

  seen(priority: number): void {
    if (priority > this.#last) this.#last = priority;
  }
}

/** The parts of an open store that its workings share. */
export interface StoreState {
  readonly disk: Disk;
  readonly directory: string;
  readonly catalog: Catalog;
  readonly head: Head;
  readonly blocks: BlockSet;
  readonly tombstones: Tombstones;
  readonly priorities: Priorities;
  readonly wal: WriteAheadLog;
  /** Sizes of the log segments that were there at start. */
  readonly segments: Map<number, number>;
}
