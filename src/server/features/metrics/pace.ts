import type { Clock } from "#base/clock";
import { minutes } from "#base/duration";

const mostKeys = 10_000;

/** Lets something happen so many times a minute for each key, at any moment of it (the generic cell rate algorithm, ITU-T I.371). */
export class Pace {
  readonly #clock: Clock;
  readonly #interval: number;
  /** When a key's allowance is whole again, in ms of the monotonic clock. */
  readonly #wholeAt = new Map<string, number>();

  constructor(clock: Clock, aMinute: number) {
    this.#clock = clock;
    this.#interval = minutes(1) / aMinute;
  }

  /** 0 when it may happen now, which then counts; else the milliseconds to wait. */
  take(key: string): number {
    const now = this.#clock.mono();
    const wholeAt = Math.max(now, this.#wholeAt.get(key) ?? 0) + this.#interval;
    const excess = wholeAt - now - minutes(1);
    if (excess > 0) return excess;
    this.#wholeAt.set(key, wholeAt);
    if (this.#wholeAt.size > mostKeys) this.#forgetWhole(now);
    return 0;
  }

  #forgetWhole(now: number): void {
    for (const [key, wholeAt] of this.#wholeAt) if (wholeAt <= now) this.#wholeAt.delete(key);
  }
}
