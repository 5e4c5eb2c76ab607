import type { Clock, Timer } from "#base/clock";
import { SystemClock } from "#adapters/clock/system";
import { unixMs, type Millis, type UnixMs } from "#base/duration";

/** The machine's clock with a wall that can be set: to write a year in a minute. */
export class MovableClock implements Clock {
  readonly #system = new SystemClock();
  #now: UnixMs | undefined;

  /** @param seconds unix seconds */
  set(seconds: number): void {
    this.#now = unixMs(seconds * 1000);
  }

  now(): UnixMs {
    return this.#now ?? this.#system.now();
  }

  mono(): Millis {
    return this.#system.mono();
  }

  after(name: string, delay: Millis, task: () => void): Timer {
    return this.#system.after(name, delay, task);
  }

  every(name: string, period: Millis, task: () => void): Timer {
    return this.#system.every(name, period, task);
  }

  sleep(name: string, delay: Millis, signal?: AbortSignal): Promise<void> {
    return this.#system.sleep(name, delay, signal);
  }
}
