import type { Clock, Timer } from "#base/clock";
import type { Millis } from "#base/duration";

/** One sleeper that ends by time, by a call, or by the end of its owner, whichever comes first. */
export class Waker {
  readonly #clock: Clock;
  readonly #name: string;
  #end: (() => void) | undefined;

  constructor(clock: Clock, name: string) {
    this.#clock = clock;
    this.#name = name;
  }

  /** Ends the sleep that is under way, if there is one. */
  wake(): void {
    this.#end?.();
  }

  /** Resolves after `delay` (never by itself when undefined), on {@link wake}, or when `signal` is aborted. */
  sleep(delay: Millis | undefined, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const end = (): void => {
        timer?.cancel();
        signal.removeEventListener("abort", end);
        this.#end = undefined;
        resolve();
      };
      this.#end = end;
      if (delay !== undefined) timer = this.#clock.after(this.#name, delay, end);
      signal.addEventListener("abort", end, { once: true });
    });
  }
}
