import { sql } from "kysely";
import { minutes, unixMs, type UnixMs } from "#base/duration";
import type { Actor } from "#http";
import { DueWork, installationScope, type Looked, type Tx, repeated } from "#store";
import type { AlertStatus } from "#wire/alerting";
import { judgeConnectivity } from "./connectivity.ts";
import { recordCreation } from "./create-monitor.ts";
import { judgeExpressions } from "./expression.ts";
import { judgeInterruptions } from "./interruption.ts";
import type { Anomalies } from "./anomalies.ts";
import type { MonitorsContext } from "./context.ts";
import type { Engine } from "./engine.ts";
import { readMonitors } from "./store.ts";
import { applyVerdicts, type Verdict } from "./verdicts.ts";

interface PeriodicParts {
  readonly engine: Engine;
  readonly anomalies: Anomalies;
}

const mostAtOnce = 20;
const expressionsEvery = minutes(5);
const everyMinute = minutes(1);

/**
 * What rules do by the clock rather than when points come: hosts and metrics that fall silent, expressions, anomalies, and points that nobody
 * judged. Each organisation is leased to one server at a time; whoever dies in the middle keeps it from others for two minutes.
 */
export class Periodic {
  readonly #monitors: MonitorsContext;
  readonly #parts: PeriodicParts;
  readonly #work: DueWork;

  constructor(monitors: MonitorsContext, parts: PeriodicParts) {
    this.#monitors = monitors;
    this.#parts = parts;
    const { clock, onError } = monitors;
    this.#work = new DueWork({ name: "monitors.periodic", clock, look: () => this.look(), onError });
  }

  start(): void {
    this.#work.start();
  }

  stop(): Promise<void> {
    return this.#work.stop();
  }

  wake(): void {
    this.#work.wake();
  }

  settled(): Promise<void> {
    return this.#work.settled();
  }

  /** Takes on the organisations that are due and does their minute's work. */
  async look(): Promise<Looked> {
    const { db, clock, onError } = this.#monitors;
    const at = clock.now();
    const { rows } = await db.tx(installationScope, (tx) =>
      sql<{ organisation_id: string }>`select organisation_id from hinoban_lease_monitor_schedules(${at}, ${mostAtOnce})`.execute(tx),
    );
    for (const { organisation_id: organisationId } of rows) await this.run(organisationId, at).catch(onError);
    const next = rows.length === mostAtOnce ? at : (Math.floor(at / everyMinute) + 1) * everyMinute;
    return { nextAt: unixMs(next) };
  }

  /** One minute's work for an organisation. */
  async run(organisationId: string, at: UnixMs): Promise<void> {
    const { db } = this.#monitors;
    const { engine, anomalies } = this.#parts;
    await repeated(db).tx({ organisationId }, (tx) => this.#makeFirstRules(tx, organisationId, at));
    await this.judgeSilence(organisationId, at);
    await this.#judgeExpressions(organisationId, at);
    await anomalies.run(organisationId, at);
    await engine.sweep(organisationId);
    await repeated(db).tx({ organisationId }, (tx) => sql`update monitors_schedule set leased_until = 0`.execute(tx));
  }

  /** Hosts and service metrics that fell silent, and hosts that are back. */
  async judgeSilence(organisationId: string, at: UnixMs): Promise<void> {
    const monitors = this.#monitors;
    const counted = await repeated(monitors.db).tx({ organisationId }, async (tx) => {
      const rules = await readMonitors(tx);
      const verdicts = [
        ...(await judgeConnectivity(tx, at, monitors.inventory, rules)),
        ...(await judgeInterruptions(tx, at, monitors, rules)),
      ];
      return applyVerdicts(monitors, tx, at, verdicts);
    });
    this.#settle(organisationId, counted);
  }

  async #judgeExpressions(organisationId: string, at: UnixMs): Promise<void> {
    const monitors = this.#monitors;
    const turn = Math.floor(at / expressionsEvery);
    const { isDue, rules, known } = await repeated(monitors.db).tx({ organisationId }, async (tx) => ({
      isDue: await takeTurn(tx, turn),
      rules: await readMonitors(tx),
      known: await statusesOf(tx),
    }));
    if (!isDue) return;
    const verdicts = await judgeExpressions(monitors, organisationId, at, rules, known);
    const counted = await repeated(monitors.db).tx({ organisationId }, (tx) => applyVerdicts(monitors, tx, at, verdicts));
    this.#settle(organisationId, counted);
  }

  #settle(organisationId: string, counted: readonly Verdict[]): void {
    for (const verdict of counted) this.#monitors.settle(organisationId, verdict);
  }

  /** A rule for connectivity stands at the beginning of every organisation; it may be changed or deleted like any other. */
  async #makeFirstRules(tx: Tx, organisationId: string, at: UnixMs): Promise<void> {
    const row = await tx
      .updateTable("monitors_schedule")
      .set({ has_first_rules: true })
      .where("has_first_rules", "=", false)
      .returning("organisation_id")
      .executeTakeFirst();
    if (!row) return;
    const actor: Actor = { kind: "system", organisationId, name: "monitors" };
    await recordCreation(this.#monitors, tx, { at, actor }, firstRule);
  }
}

const firstRule = {
  type: "connectivity",
  name: "connectivity",
  memo: "",
  isMute: false,
  alertStatusOnGone: "CRITICAL",
  scopes: [],
  excludeScopes: [],
} satisfies Parameters<typeof recordCreation>[3];

/** False when expressions were judged in this turn of the clock already. */
async function takeTurn(tx: Tx, turn: number): Promise<boolean> {
  const row = await tx
    .updateTable("monitors_schedule")
    .set({ expressions_at: turn })
    .where("expressions_at", "<", turn)
    .returning("organisation_id")
    .executeTakeFirst();
  return row !== undefined;
}

/** What each rule of one target says. */
async function statusesOf(tx: Tx): Promise<Map<string, AlertStatus>> {
  const rows = await tx.selectFrom("monitors_state").select(["monitor_id", "status"]).where("target", "=", "").execute();
  return new Map(rows.map((row) => [row.monitor_id, row.status]));
}
