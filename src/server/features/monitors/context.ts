import type { UnixMs } from "#base/duration";
import type { Downtimes } from "#features/downtimes";
import type { Incidents } from "#features/incidents";
import type { Inventory } from "#features/inventory";
import type { Metrics } from "#features/metrics";
import type { Actor } from "#http";
import type { MetricStore } from "#ports/metric-store/port";
import type { Deps, Tx } from "#store";
import type { Monitor } from "./model.ts";
import type { Verdict } from "./verdicts.ts";

/** What became of a rule. */
export interface MonitorChange {
  readonly effect: "created" | "updated" | "deleted";
  readonly monitor: Monitor;
  readonly by: Actor;
}

/** Who hears of changed rules; what it writes commits with the change. */
export interface MonitorListener {
  monitorChanged(tx: Tx, at: UnixMs, change: MonitorChange): Promise<void>;
}

/** What the parts of this feature are handed. */
export interface MonitorsContext extends Deps {
  readonly inventory: Inventory;
  readonly metrics: Metrics;
  readonly store: MetricStore;
  readonly downtimes: Pick<Downtimes, "covers">;
  readonly alerts: Pick<Incidents, "report" | "close" | "ruleChanged" | "openByOrigin" | "openAlertsOf">;
  readonly onError: (error: unknown) => void;
  /** Tells whoever wants to know of changed rules, inside the transaction. */
  tellChanged(tx: Tx, at: UnixMs, change: MonitorChange): Promise<void>;
  /** What was said of a target counts from now on. */
  settle(organisationId: string, verdict: Verdict): void;
}
