import { unixSeconds, type UnixMs } from "#base/duration";
import { servicesNamed } from "#features/inventory";
import { serviceSource } from "#features/metrics";
import type { MetricStore } from "#ports/metric-store/port";
import type { Tx } from "#store";
import { reach, responseTimeMetric } from "./model.ts";
import { responsesNeeded, type ProbedRuleMonitor } from "./probe-judge.ts";
import type { JudgedProbe } from "./probed.ts";

const mostKept = 10;
const mostRules = 20_000;

interface Kept {
  readonly newestFirst: number[];
  /** When the newest of them was found; undefined: read back, or nobody said so. */
  at: UnixMs | undefined;
}

/** The newest response times of each rule and vantage: in memory, and after a start read back from the metric that keeps them. */
export class Responses {
  readonly #store: MetricStore;
  readonly #kept = new Map<string, Kept>();

  constructor(store: MetricStore) {
    this.#store = store;
  }

  /** Response times in milliseconds, newest first, with what a probe just found. A probe that failed has none and says nothing about them. */
  async after(tx: Tx, monitor: ProbedRuleMonitor, probe: JudgedProbe): Promise<readonly number[]> {
    const key = `${monitor.id} ${probe.vantage}`;
    let kept = this.#kept.get(key);
    if (!kept) {
      kept = { newestFirst: await this.#readBack(tx, monitor), at: undefined };
      if (this.#kept.size >= mostRules) this.#kept.clear();
      this.#kept.set(key, kept);
    }
    if (probe.responseMillis !== undefined && probe.status === "ok") {
      // A transaction that is begun again brings the same probe again: it counts once.
      if (probe.at !== undefined && probe.at === kept.at) kept.newestFirst.shift();
      kept.newestFirst.unshift(probe.responseMillis);
      kept.newestFirst.length = Math.min(kept.newestFirst.length, mostKept);
      kept.at = probe.at;
    }
    return kept.newestFirst;
  }

  async #readBack(tx: Tx, { id, settings }: ProbedRuleMonitor): Promise<number[]> {
    const vantages = "vantages" in settings ? (settings.vantages?.length ?? 1) : 1;
    if (!settings.service || vantages > 1) return [];
    const serviceId = (await servicesNamed(tx, [settings.service])).get(settings.service);
    if (serviceId === undefined) return [];
    const latest = await this.#store.latest(serviceSource(serviceId), responseTimeMetric(id));
    if (!latest) return [];
    const range = { from: unixSeconds(latest.time - reach), to: latest.time };
    const points = await this.#store.read(serviceSource(serviceId), responseTimeMetric(id), range);
    return Array.from(points?.values.slice(-responsesNeeded(settings)) ?? []).toReversed();
  }
}
