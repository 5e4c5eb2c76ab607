import { sql } from "kysely";
import type { Clock } from "#base/clock";
import { millis, type UnixMs } from "#base/duration";
import type { AlertChange, Incidents } from "#features/incidents";
import type { DeletedService, Inventory, ReportedCheck } from "#features/inventory";
import type { Metrics } from "#features/metrics";
import type { Figure } from "#http";
import type { MetricStore } from "#ports/metric-store/port";
import { publish, type Change, type Db, type Deps, type Tx } from "#store";
import { Anomalies } from "./anomalies.ts";
import { judgeChecks } from "./checks.ts";
import type { MonitorChange, MonitorListener, MonitorsContext } from "./context.ts";
import { Engine } from "./engine.ts";
import { Periodic } from "./periodic.ts";
import { judgeProbe, isProbedRule } from "./probe-judge.ts";
import { probedMonitors, type JudgedProbe, type ProbedMonitor } from "./probed.ts";
import { Reporter } from "./reporter.ts";
import { Responses } from "./responses.ts";
import { leaveService } from "./leave-service.ts";
import { monitorOf, statesTopic } from "./store.ts";
import { applyVerdicts, type Verdict } from "./verdicts.ts";

export interface MonitorsDeps extends Deps {
  readonly inventory: Inventory;
  readonly metrics: Metrics;
  readonly downtimes: MonitorsContext["downtimes"];
  readonly incidents: MonitorsContext["alerts"] & Pick<Incidents, "listen">;
  readonly onError: (error: unknown) => void;
}

/** Rules of all organisations, and what is known about their targets. */
export class Monitors implements MonitorsContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly inventory: Inventory;
  readonly metrics: Metrics;
  readonly store: MetricStore;
  readonly downtimes: MonitorsContext["downtimes"];
  readonly alerts: MonitorsContext["alerts"];
  readonly onError: (error: unknown) => void;
  readonly engine: Engine;
  readonly anomalies: Anomalies;
  readonly periodic: Periodic;
  readonly #reporter: Reporter;
  readonly #responses: Responses;
  readonly #listeners: MonitorListener[] = [];

  constructor(deps: MonitorsDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.inventory = deps.inventory;
    this.metrics = deps.metrics;
    this.store = deps.metrics.store;
    this.downtimes = deps.downtimes;
    this.alerts = deps.incidents;
    this.onError = deps.onError;
    this.#responses = new Responses(this.store);
    this.#reporter = new Reporter({
      ...this.#sinks(),
      settled: (organisationId, verdicts) => {
        for (const verdict of verdicts) this.settle(organisationId, verdict);
      },
    });
    this.engine = new Engine({
      ...this.#sinks(),
      store: this.store,
      report: (organisationId, verdicts) => this.#reporter.push(organisationId, verdicts),
      heard: (organisationId) => this.#judgeHeard(organisationId),
    });
    this.anomalies = new Anomalies(this);
    this.periodic = new Periodic(this, this);
  }

  /** From now on `listener` is told of every rule that is created, changed or deleted, inside the transaction. */
  listen(listener: MonitorListener): void {
    this.#listeners.push(listener);
  }

  async tellChanged(tx: Tx, at: UnixMs, change: MonitorChange): Promise<void> {
    for (const listener of this.#listeners) await listener.monitorChanged(tx, at, change);
  }

  /** All rules of the transaction's organisation whose targets are asked over the network. */
  probed(tx: Tx): Promise<ProbedMonitor[]> {
    return probedMonitors(tx);
  }

  /**
   * Takes in what a probe found, in the caller's transaction: alerts follow from it. A rule that was deleted or is of another type by now is
   * no error.
   */
  async judge(tx: Tx, at: UnixMs, monitorId: string, probe: JudgedProbe): Promise<void> {
    const row = await tx.selectFrom("monitors_monitor").selectAll().where("id", "=", monitorId).executeTakeFirst();
    const monitor = row && monitorOf(row);
    if (!monitor || !isProbedRule(monitor)) return;
    const responses = await this.#responses.after(tx, monitor, probe);
    const verdict = await judgeProbe(tx, at, monitor, probe, responses);
    if (verdict) await applyVerdicts(this, tx, at, [verdict]);
  }

  /** Turns what checks of hosts reported into alerts. */
  judgeChecks(tx: Tx, at: UnixMs, checks: readonly ReportedCheck[]): Promise<void> {
    return judgeChecks(this, tx, at, checks);
  }

  /** What was said of a target counts from now on. */
  settle(organisationId: string, verdict: Verdict): void {
    if (verdict.type === "connectivity") this.engine.noteGone(verdict.key, verdict.status !== "OK");
    else this.engine.settle(organisationId, verdict);
  }

  /** Alerts that were not closed by judging: the next judgement may open them again. */
  async alertsChanged(tx: Tx, at: UnixMs, changes: readonly AlertChange[]): Promise<void> {
    const closed = changes.filter(({ alert, effect, trigger }) => isByHand(effect, trigger) && alert.origin.kind === "monitor");
    for (const { alert } of closed) await forget(tx, at, alert.origin.id, alert.key);
    if (closed.length > 0) await publish(tx, statesTopic);
  }

  /** Rules about a service go with it. */
  serviceDeleted(tx: Tx, at: UnixMs, service: DeletedService): Promise<void> {
    return leaveService(this, tx, at, service);
  }

  /** Names of those of the ids that are monitors or checks, for whoever names them in a scope. */
  async namesOf(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const monitors = await tx.selectFrom("monitors_monitor").select(["id", "name"]).where("id", "in", ids).execute();
    const checks = await tx.selectFrom("inventory_check").select(["id", "name"]).where("id", "in", ids).execute();
    return new Map([...monitors, ...checks].map((row) => [row.id, row.name]));
  }

  /** Whether a monitor judges without anybody being told; false of what is no monitor. */
  async isMuted(tx: Tx, monitorId: string): Promise<boolean> {
    const row = await tx.selectFrom("monitors_monitor").select("is_muted").where("id", "=", monitorId).executeTakeFirst();
    return row?.is_muted ?? false;
  }

  figures(): Figure[] {
    return [
      {
        name: "hinoban_monitor_judgements_total",
        type: "counter",
        help: "Targets of monitors that were judged when points came, since the start.",
        value: () => this.engine.judged,
      },
    ];
  }

  /** To be told of every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void {
    this.engine.onChange(change);
    if (!change || change.topic === "settings") this.periodic.wake();
  }

  /** Starts periodic work; the result ends it and writes what waits. */
  start(): () => Promise<void> {
    this.periodic.start();
    return async () => {
      await this.periodic.stop();
      await this.engine.settled();
      await this.#reporter.stop();
    };
  }

  /** Waits until everything that came is judged and written. */
  async settled(): Promise<void> {
    await this.engine.settled();
    await this.#reporter.settled();
  }

  #sinks() {
    return { db: this.db, clock: this.clock, downtimes: this.downtimes, alerts: this.alerts, onError: this.onError };
  }

  #judgeHeard(organisationId: string): void {
    // The host's post is noted right after this.
    this.clock.after("monitors.heard", soon, () => {
      this.periodic.judgeSilence(organisationId, this.clock.now()).catch(this.onError);
    });
  }
}

const soon = millis(100);

const isByHand = (effect: AlertChange["effect"], trigger: AlertChange["trigger"]): boolean =>
  effect === "closed" && trigger !== "monitoring" && trigger !== "monitorDelete";

/** What rules say is an observation; the act of closing has its own entry. */
async function forget(tx: Tx, at: UnixMs, monitorId: string, key: string): Promise<void> {
  await sql`update monitors_state set status = 'OK', attempts = 0, closed_at = ${at}, changed_at = ${at}
    where monitor_id = ${monitorId} and target = ${key}`.execute(tx);
}

/** Opens monitors and ties them to what they watch. */
export function openMonitors(deps: MonitorsDeps): Monitors {
  const monitors = new Monitors(deps);
  deps.metrics.onAppended(monitors.engine);
  deps.inventory.listen({
    checksReported: (tx, at, checks) => monitors.judgeChecks(tx, at, checks),
    serviceDeleted: (tx, at, service) => monitors.serviceDeleted(tx, at, service),
  });
  deps.incidents.listen({ alertsChanged: (tx, at, changes) => monitors.alertsChanged(tx, at, changes) });
  return monitors;
}
