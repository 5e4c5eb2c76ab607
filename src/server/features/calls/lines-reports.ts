import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import type { Incidents } from "#features/incidents";
import { installationScope, publish, repeated, type BackOff, type Deps, type Tx } from "#store";
import type { CallsReportTable } from "./lines-tables.ts";

/** Wakes whoever makes alerts of what lines report. */
export const lineReportsTopic = "line-reports";

/** Something about a line that people are to hear of as of everything else. */
export interface LineReport {
  /** Id of the origin of kind `system`: `line:<id>`, `line-limit:<id>`. */
  readonly originId: string;
  readonly status: CallsReportTable["status"];
  readonly severity: CallsReportTable["severity"];
  readonly name: string;
  readonly message: string;
}

/**
 * Keeps a report until it becomes an alert: alerts are grouped one transaction at a time, and whoever ends a call must not wait for that.
 * The latest of an origin counts. It is an observation, no act: the alert's own entry tells the history.
 */
export async function queueLineReport(tx: Tx, at: UnixMs, { originId, status, severity, name, message }: LineReport): Promise<void> {
  const text = message.slice(0, 1000);
  await sql`insert into calls_report (origin_id, status, severity, name, message, at)
    values (${originId}, ${status}, ${severity}, ${name.slice(0, 200)}, ${text}, ${at})
    on conflict (organisation_id, origin_id) do update set status = excluded.status, severity = excluded.severity, name = excluded.name,
      message = excluded.message, at = excluded.at`.execute(tx);
  await publish(tx, lineReportsTopic);
}

/** Makes alerts of what waits, of each organisation in a transaction of its own; one that fails holds up no other. */
export async function sendLineReports(deps: Deps & { readonly incidents: Incidents }, failing: BackOff): Promise<void> {
  const { rows } = await deps.db.tx(installationScope, (tx) =>
    sql<{ organisation_id: string }>`select * from hinoban_waiting_calls_reports()`.execute(tx),
  );
  for (const { organisation_id: organisationId } of rows)
    if (!failing.isPaused(organisationId)) await failing.attempt(organisationId, () => sendReportsOf(deps, organisationId));
}

function sendReportsOf({ db, clock, incidents }: Deps & { readonly incidents: Incidents }, organisationId: string): Promise<void> {
  return repeated(db).tx({ organisationId }, async (tx) => {
    const waiting = await tx.selectFrom("calls_report").selectAll().orderBy("origin_id").limit(100).execute();
    if (waiting.length === 0) return;
    await incidents.report(
      tx,
      clock.now(),
      waiting.map((row) => ({
        origin: { kind: "system", id: row.origin_id },
        key: "",
        status: row.status,
        severity: row.severity,
        type: "system",
        name: row.name,
        message: row.message,
      })),
    );
    // A newer report that came meanwhile stays.
    for (const row of waiting) {
      await sql`delete from calls_report where origin_id = ${row.origin_id} and at = ${row.at} and message = ${row.message}
        and status = ${row.status}`.execute(tx);
    }
  });
}
