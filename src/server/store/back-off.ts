import type { Clock } from "#base/clock";
import { minutes, seconds } from "#base/duration";

interface Failing {
  readonly times: number;
  readonly untilMono: number;
}

const mostBackOff = minutes(1);
/** More are forgotten: then they are tried too often, not too seldom. */
const mostKept = 10_000;

/** Keeps what fails from holding up its neighbours: it is tried again after two seconds, then four, and so on up to a minute. */
export class BackOff {
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #failing = new Map<string, Failing>();

  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Whether it failed so recently that it is not to be tried yet. */
  isPaused(key: string): boolean {
    return (this.#failing.get(key)?.untilMono ?? -Infinity) > this.#clock.mono();
  }

  /** Does it; a failure is told, not thrown. @returns undefined after a failure */
  async attempt<T>(key: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await work();
      this.#failing.delete(key);
      return done;
    } catch (error) {
      const times = (this.#failing.get(key)?.times ?? 0) + 1;
      if (this.#failing.size >= mostKept) this.#failing.clear();
      this.#failing.set(key, { times, untilMono: this.#clock.mono() + Math.min(mostBackOff, seconds(2 ** Math.min(times, 10))) });
      this.#onError(error);
      return undefined;
    }
  }
}
