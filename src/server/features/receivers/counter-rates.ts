import type { UnixMs } from "#base/duration";

/** What a counter stood at. */
export interface CounterSample {
  readonly at: UnixMs;
  readonly value: number;
}

/** Samples further apart than this say nothing about one minute. */
const longestWindow = 15 * 60_000;
const minute = 60_000;
// A sample that is late by less than 1 % still counts as a minute: whole counts over 60 take a third of the bytes of an odd fraction.
const lateness = 600;

/** Growth per second between two samples; undefined when the counter went back, no time passed, or more than 15 minutes. */
export function ratePerSecond(before: CounterSample, after: CounterSample): number | undefined {
  const elapsed = after.at - before.at;
  if (elapsed <= 0 || elapsed > longestWindow || after.value < before.value) return undefined;
  const window = Math.abs(elapsed - minute) < lateness ? minute : elapsed;
  return (after.value - before.value) / (window / 1000);
}

/**
 * Turns counters that only grow into rates per second, as Mackerel's names expect them. Keeps the newest sample of each counter;
 * a sample that is older than the newest, a counter that went back and a first sample give no rate.
 */
export class CounterRates {
  readonly #sources = new Map<string, Map<string, CounterSample>>();

  /**
   * @param source id of the host or service
   * @param counter name of the counter within the source
   * @param at when it was sampled
   * @returns growth per second since the sample before; undefined when there is none to compare with
   */
  perSecond(source: string, counter: string, at: UnixMs, value: number): number | undefined {
    let counters = this.#sources.get(source);
    if (!counters) this.#sources.set(source, (counters = new Map()));
    const before = counters.get(counter);
    if (before && at <= before.at) return undefined;
    counters.set(counter, { at, value });
    return before && ratePerSecond(before, { at, value });
  }

  /** Forgets counters whose newest sample is older than `before`: a host that left takes no memory. */
  forget(before: UnixMs): void {
    for (const [source, counters] of this.#sources) {
      for (const [counter, { at }] of counters) if (at < before) counters.delete(counter);
      if (counters.size === 0) this.#sources.delete(source);
    }
  }

  /** Counters that are kept. */
  get size(): number {
    let size = 0;
    for (const counters of this.#sources.values()) size += counters.size;
    return size;
  }
}
