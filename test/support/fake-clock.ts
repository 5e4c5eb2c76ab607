import type { Clock, Timer } from "#base/clock";
import { millis, unixMs, type Millis, type UnixMs } from "#base/duration";

interface Waiting {
  readonly name: string;
  readonly task: () => void;
  at: number;
  readonly period: number | undefined;
}

/** A clock that stands still until a test moves it. Timers fire in order of their time while it moves. */
export class FakeClock implements Clock {
  #now: number;
  #mono = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(start: UnixMs = unixMs(Date.UTC(2026, 0, 5, 0, 0, 0))) {
    this.#now = start;
  }

  get timers(): readonly string[] {
    return [...this.#waiting].map((w) => w.name);
  }

  now(): UnixMs {
    return unixMs(this.#now);
  }

  mono(): Millis {
    return millis(this.#mono);
  }

  after(name: string, delay: Millis, task: () => void): Timer {
    return this.#add({ name, task, at: this.#mono + delay, period: undefined });
  }

  every(name: string, period: Millis, task: () => void): Timer {
    return this.#add({ name, task, at: this.#mono + period, period });
  }

  sleep(name: string, delay: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.after(name, delay, resolve);
      signal?.addEventListener(
        "abort",
        () => {
          timer.cancel();
          reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
        },
        { once: true },
      );
    });
  }

  /** Moves time on by `by`, firing what falls due on the way, and lets promises settle in between. */
  async advance(by: Millis): Promise<void> {
    const end = this.#mono + by;
    for (let next = this.#earliest(end); next; next = this.#earliest(end)) {
      this.#moveTo(next.at);
      if (next.period === undefined) this.#waiting.delete(next);
      else next.at += next.period;
      next.task();
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  /** Sets the wall clock as an operator would; timers do not notice. */
  jumpTo(at: UnixMs): void {
    this.#now = at;
  }

  #moveTo(mono: number): void {
    this.#now += mono - this.#mono;
    this.#mono = mono;
  }

  #earliest(until: number): Waiting | undefined {
    let found: Waiting | undefined;
    for (const w of this.#waiting) if (w.at <= until && (!found || w.at < found.at)) found = w;
    return found;
  }

  #add(waiting: Waiting): Timer {
    this.#waiting.add(waiting);
    return { name: waiting.name, cancel: () => void this.#waiting.delete(waiting) };
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
