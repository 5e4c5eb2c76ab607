import type { Millis } from "#base/duration";
import type { MetricValues } from "./collector.ts";

// Two samples closer than this say more about the timer than about the machine.
const shortestWindow = 500;

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
    const rates: Record<string, number> = {};
    for (const [name, value] of Object.entries(counters)) {
      const before = previous.counters[name];
      if (before !== undefined && value >= before) rates[name] = ((value - before) / (at - previous.at)) * 1000;
    }
    return rates;
  }
}
