import type { Millis, UnixMs } from "#base/duration";

/** A timer that was started; `cancel` may be called at any time and more than once. */
export interface Timer {
  readonly name: string;
  cancel(): void;
}

/**
 * The one source of time. Only `adapters/clock/system.ts` touches the machine's clock; everything else is handed a Clock,
 * so that tests decide what time it is.
 */
export interface Clock {
  /** Wall clock. May jump when somebody sets the machine's time. */
  now(): UnixMs;
  /** Monotonic milliseconds since an arbitrary start: for measuring lengths, never for dates. */
  mono(): Millis;
  /** Runs `task` once after `delay`. The name shows up in the list of running timers. */
  after(name: string, delay: Millis, task: () => void): Timer;
  /** Runs `task` every `period`, first after one period. Does not keep the process alive on its own. */
  every(name: string, period: Millis, task: () => void): Timer;
  /** Resolves after `delay`, or rejects with the signal's reason when it is aborted first. */
  sleep(name: string, delay: Millis, signal?: AbortSignal): Promise<void>;
}
