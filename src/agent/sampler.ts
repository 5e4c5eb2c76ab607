import type { Clock } from "#base/clock";
import { seconds, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import type { Collector, MetricValues } from "./collectors/collector.ts";
import type { Log } from "./log.ts";
import { withinTime } from "./system.ts";

const collectorWithin: Millis = seconds(25);

// Mackerel's rule for names, plus the server's limit on their length.
const metricName = /^[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+)*$/u;
const longestName = 255;

/** Values that the server takes, rounded to what their sources can tell: NaN, infinities and names outside the rules are left out. */
export function usableValues(found: MetricValues): MetricValues {
  const values: Record<string, number> = {};
  for (const [name, value] of Object.entries(found)) {
    if (Number.isFinite(value) && name.length <= longestName && metricName.test(name)) values[name] = round(value);
  }
  return values;
}

/** Asks every collector at once. One that fails or hangs costs only its own metrics, and is logged when its trouble changes. */
export class Sampler {
  readonly #collectors: readonly Collector[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #busy = new Set<Collector>();
  readonly #troubles = new Map<Collector, string>();

  constructor(collectors: readonly Collector[], clock: Clock, log: Log) {
    this.#collectors = collectors;
    this.#clock = clock;
    this.#log = log;
  }

  /** All values that could be read now. */
  async sample(): Promise<MetricValues> {
    const parts = await Promise.all(this.#collectors.map((collector) => this.#ask(collector)));
    return Object.assign({}, ...parts.map(usableValues));
  }

  async #ask(collector: Collector): Promise<MetricValues> {
    if (this.#busy.has(collector)) return {}; // it still hangs since the last sample
    this.#busy.add(collector);
    const asked = collector.collect().finally(() => this.#busy.delete(collector));
    try {
      const values = await withinTime(this.#clock, `agent.collect ${collector.name}`, collectorWithin, asked);
      if (this.#troubles.delete(collector)) this.#log.info(`The metrics of ${collector.name} can be read again.`);
      return values;
    } catch (error) {
      const trouble = messageOf(error);
      if (this.#troubles.get(collector) !== trouble) this.#log.warn(`No metrics of ${collector.name}: ${trouble}`);
      this.#troubles.set(collector, trouble);
      return {};
    }
  }
}

/** Two decimals (four below 1) are finer than any of these sources, and store in a fraction of the bytes of 17 digits. */
function round(value: number): number {
  const scale = Math.abs(value) < 1 ? 10_000 : 100;
  return Number.isInteger(value) ? value : Math.round(value * scale) / scale;
}
