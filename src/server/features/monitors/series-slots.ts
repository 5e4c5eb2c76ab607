import type { SeriesRef } from "#ports/metric-store/port";
import type { Target } from "./target.ts";
import type { PointWindow } from "./point-window.ts";

/** A series that rules watch. */
export interface WatchedSeries {
  readonly window: PointWindow;
  readonly targets: readonly Target[];
}

const unseen = 0;
const unwatched = 1;
const firstSlot = 2;

/**
 * Which series are watched by rules, by their number: what an append costs that no rule is interested in is one look into an array for
 * each point.
 */
export class SeriesSlots {
  #slots = new Int32Array(4096);
  readonly #watched: (WatchedSeries | undefined)[] = [];
  readonly #free: number[] = [];

  /** `"unseen"`: nobody said yet whether rules watch it. */
  find(ref: number): WatchedSeries | "unseen" | undefined {
    const slot = ref < this.#slots.length ? (this.#slots[ref] ?? unseen) : unseen;
    if (slot === unwatched) return undefined;
    return slot === unseen ? "unseen" : this.#watched[slot - firstSlot];
  }

  /** No rule watches it. */
  leave(ref: SeriesRef): void {
    const slot = this.#at(ref);
    if (slot >= firstSlot) {
      this.#watched[slot - firstSlot] = undefined;
      this.#free.push(slot);
    }
    this.#slots[ref] = unwatched;
  }

  watch(ref: SeriesRef, series: WatchedSeries): void {
    let slot = this.#at(ref);
    if (slot < firstSlot) {
      slot = this.#free.pop() ?? this.#watched.length + firstSlot;
      this.#slots[ref] = slot;
    }
    this.#watched[slot - firstSlot] = series;
  }

  #at(ref: number): number {
    if (ref >= this.#slots.length) {
      const grown = new Int32Array(Math.max(ref + 1, this.#slots.length * 2));
      grown.set(this.#slots);
      this.#slots = grown;
    }
    return this.#slots[ref] ?? unseen;
  }
}
