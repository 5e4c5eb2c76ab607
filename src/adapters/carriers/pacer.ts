import type { Clock } from "#base/clock";
import { millis, type Millis } from "#base/duration";

/** Lets one thing begin every so often, in the order of asking. */
export class Pacer {
  readonly #clock: Clock;
  readonly #every: Millis;
  #free: number;

  constructor(clock: Clock, every: Millis) {
    this.#clock = clock;
    this.#every = every;
    this.#free = clock.mono();
  }

  /** Resolves when it is one's turn. */
  async turn(): Promise<void> {
    const now = this.#clock.mono();
    const at = Math.max(now, this.#free);
    this.#free = at + this.#every;
    if (at > now) await this.#clock.sleep("carriers.pace", millis(at - now));
  }

  /** Nobody begins for so long. */
  pause(during: Millis): void {
    this.#free = Math.max(this.#free, this.#clock.mono() + during);
  }
}
