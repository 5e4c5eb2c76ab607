import type { ExpositionType } from "#base/exposition-format";
import type { Plans } from "./plans.ts";
import { Samples } from "./samples.ts";

type Add = (at: number, value: number, startedAt: number) => void;
type ReadLabels = () => ReadonlyMap<string, string>;

/** Where the readers of both versions of remote write put what they find. */
export class WriteSink {
  readonly samples = new Samples();
  readonly #plans: Plans;
  /** Samples that say nothing: markers of series that ended, NaN and infinite values. */
  empty = 0;
  /** Samples of series without a name. */
  nameless = 0;

  constructor(plans: Plans) {
    this.#plans = plans;
  }

  /** What a family of metrics is, as the sender describes it now and then. */
  describe(family: string, type: ExpositionType): void {
    this.#plans.describe(family, type);
  }

  /** @param key what tells the series from every other @returns takes its samples: time in milliseconds, value, and when it began or 0 */
  series(key: string, labels: ReadLabels, type?: ExpositionType): Add {
    const plan = this.#plans.of(key, labels, type);
    return (at, value, startedAt) => {
      if (!Number.isFinite(value)) this.empty += 1;
      else if (!plan) this.nameless += 1;
      else this.samples.add(plan, at, value, startedAt);
    };
  }

  /** A native histogram: kept as how many values there were a second, and their sum. @param entries count, sum and time, in turn */
  histogram(key: string, labels: ReadLabels, entries: readonly number[], startedAt: number): void {
    const named = (suffix: string): ReadonlyMap<string, string> => {
      const all = new Map(labels());
      const name = all.get("__name__");
      return name === undefined ? all : all.set("__name__", name + suffix);
    };
    const addCount = this.series(`${key}#count`, () => named("_count"), "histogram");
    const addSum = this.series(`${key}#sum`, () => named("_sum"), "histogram");
    for (let i = 0; i < entries.length; i += 3) {
      addCount(entries[i + 2] ?? 0, entries[i] ?? 0, startedAt);
      addSum(entries[i + 2] ?? 0, entries[i + 1] ?? 0, startedAt);
    }
  }
}
