import type { Millis } from "#base/duration";
import type { MetricValues } from "./collector.ts";

// Two samples closer than this say more about the timer than about the machine.
const shortestWindow = 500;

// Samples are taken a minute apart. A timer that is late by less than 1 % still counts as a minute, as mackerel-agent counts it:
// rates are then whole counts divided by 60, which the metric store keeps in a third of the bytes that an odd fraction takes.
const minute = 60_000;
const lateness = 600;

const windowOf = (elapsed: number): number => (Math.abs(elapsed - minute) < lateness ? minute : elapsed);

/** Turns counters that only grow into a rate per second. */
export class CounterRates {
  #previous: { readonly at: Millis; readonly counters: MetricValues } | undefined;

  /**
   * The growth per second since the sample before, for each counter that both samples have. A counter that went down
   * (wrapped, or its device was replaced) gives no value this time.
   * @param at monotonic time of this sample
   */
  perSecond(at: Millis, counters: MetricValues): MetricValues {
    const previous = this.#previous;
    if (previous && at - previous.at < shortestWindow) return {};
    this.#previous = { at, counters };
    if (!previous) return {};
    const seconds = windowOf(at - previous.at) / 1000;
    const rates: Record<string, number> = {};
    for (const [name, value] of Object.entries(counters)) {
      const before = previous.counters[name];
      if (before !== undefined && value >= before) rates[name] = (value - before) / seconds;
    }
    return rates;
  }
}
