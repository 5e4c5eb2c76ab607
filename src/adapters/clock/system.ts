import type { Clock, Timer } from "#base/clock";
import { millis, unixMs, type Millis } from "#base/duration";

const longest = 2_147_483_647; // setTimeout's limit: a 32-bit number of milliseconds

/** The machine's own clock: the only file that reads time or starts timers. */
export class SystemClock implements Clock {
  readonly #running = new Set<Timer>();

  /** The timers that are waiting, for `doctor` and tests. */
  get timers(): readonly string[] {
    return [...this.#running].map((timer) => timer.name);
  }

  now(): ReturnType<Clock["now"]> {
    return unixMs(Date.now());
  }

  mono(): Millis {
    return millis(performance.now());
  }

  after(name: string, delay: Millis, task: () => void): Timer {
    const handle = setTimeout(
      () => {
        this.#running.delete(timer);
        task();
      },
      Math.min(Math.max(delay, 0), longest),
    );
    const timer = this.#track(name, () => clearTimeout(handle));
    return timer;
  }

  every(name: string, period: Millis, task: () => void): Timer {
    const handle = setInterval(task, Math.min(period, longest));
    handle.unref();
    return this.#track(name, () => clearInterval(handle));
  }

  sleep(name: string, delay: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(asError(signal.reason));
        return;
      }
      const onAbort = (): void => {
        timer.cancel();
        reject(asError(signal?.reason));
      };
      const timer = this.after(name, delay, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  #track(name: string, stop: () => void): Timer {
    const timer: Timer = {
      name,
      cancel: () => {
        stop();
        this.#running.delete(timer);
      },
    };
    this.#running.add(timer);
    return timer;
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
