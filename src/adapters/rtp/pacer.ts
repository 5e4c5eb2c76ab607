import type { Clock, Timer } from "#base/clock";
import { millis } from "#base/duration";
import { frameMillis } from "./packet.ts";

/** Calls are spread over this many moments within the 20 ms, so that their packets do not all leave at once. */
const slotCount = 4;
const slotMillis = frameMillis / slotCount;
/** Timers of the machine count whole milliseconds, and so may come a little early. */
const earliness = 1;
/** Later than this, packets would leave as a burst that phones throw away: time is skipped instead. */
const tooLate = 200;

export interface Paced {
  /** Send the next 20 ms. @param skipped how many times 20 ms were left out just before, because the machine was too busy */
  frame(skipped: number): void;
}

/** The one timer of all calls: tells each of them every 20 ms, catches up after a short delay and skips ahead after a long one. */
export class Pacer {
  readonly #clock: Clock;
  readonly #slots: readonly Set<Paced>[] = Array.from({ length: slotCount }, () => new Set<Paced>());
  #timer: Timer | undefined;
  #origin = 0;
  /** The moment, in steps of 5 ms since the origin, that comes next. */
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(call: Paced): void {
    const slot = this.#slots.toSorted((a, b) => a.size - b.size)[0];
    slot?.add(call);
    if (this.#timer) return;
    this.#origin = this.#clock.mono();
    this.#next = 0;
    this.#wait();
  }

  remove(call: Paced): void {
    for (const slot of this.#slots) slot.delete(call);
    if (this.#slots.some((slot) => slot.size > 0)) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(): void {
    for (let empty = 0; empty < slotCount && this.#slots[this.#next % slotCount]?.size === 0; empty += 1) this.#next += 1;
    const due = this.#origin + this.#next * slotMillis;
    this.#timer?.cancel();
    this.#timer = this.#clock.after("rtp pacer", millis(Math.max(0, due - this.#clock.mono())), () => this.#run());
  }

  #run(): void {
    const now = this.#clock.mono() + earliness;
    let skipped = 0;
    const late = now - (this.#origin + this.#next * slotMillis);
    if (late > tooLate) {
      skipped = Math.floor(late / frameMillis);
      this.#next += skipped * slotCount;
    }
    const first = this.#next;
    for (; this.#origin + this.#next * slotMillis <= now; this.#next += 1) {
      const isFirst = this.#next < first + slotCount;
      for (const call of this.#slots[this.#next % slotCount] ?? []) call.frame(isFirst ? skipped : 0);
    }
    // Every call may have ended by what happened in its frame.
    if (this.#timer) this.#wait();
  }
}
