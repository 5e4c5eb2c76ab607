import type { Clock } from "#base/clock";
import { millis, type Millis } from "#base/duration";

/** Waits, but no longer than until it is wanted no more. */
export const rest = (clock: Clock, name: string, during: Millis, wanted: AbortSignal): Promise<void> =>
  wanted.aborted ? Promise.resolve() : clock.sleep(name, during, wanted).catch(() => undefined);

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

  /** Resolves when it is one's turn, or as soon as it is wanted no more. */
  async turn(wanted: AbortSignal): Promise<void> {
    const now = this.#clock.mono();
    const at = Math.max(now, this.#free);
    this.#free = at + this.#every;
    if (at > now) await rest(this.#clock, "carriers.pace", millis(at - now), wanted);
  }

  /** Nobody begins for so long. */
  pause(during: Millis): void {
    this.#free = Math.max(this.#free, this.#clock.mono() + during);
  }
}
