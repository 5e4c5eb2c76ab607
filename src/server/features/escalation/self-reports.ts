import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { installationScope, publish, repeated, type BackOff, type Tx } from "#store";
import type { Severity } from "#wire/alerting";
import { escalationTopic, type EscalationContext } from "./context.ts";
import type { EscalationReportTable } from "./tables.ts";

/** Something about Hinoban itself that people are to hear of as of everything else. */
export interface SelfReport {
  /** Id of the origin of kind `system`: `escalation`, `mail`, `channel:<id>`, `policy:<id>`. */
  readonly originId: string;
  readonly status: EscalationReportTable["status"];
  readonly severity: Severity;
  readonly name: string;
  readonly message: string;
}

const longestMessage = 1000;

/**
 * Keeps a report until it becomes an alert: alerts are grouped one transaction at a time, and whoever holds rows that others wait for must
 * not wait for that. The latest of an origin counts. It is an observation, no act: the alert's own entry tells the history.
 */
export async function queueReport(tx: Tx, at: UnixMs, { originId, status, severity, name, message }: SelfReport): Promise<void> {
  const text = message.slice(0, longestMessage);
  await sql`insert into escalation_report (origin_id, status, severity, name, message, at)
    values (${originId}, ${status}, ${severity}, ${name.slice(0, 200)}, ${text}, ${at})
    on conflict (organisation_id, origin_id) do update set status = excluded.status, severity = excluded.severity, name = excluded.name,
      message = excluded.message, at = excluded.at`.execute(tx);
  await publish(tx, escalationTopic);
}

/** Makes alerts of what waits, of each organisation in a transaction of its own; one that fails holds up no other. */
export async function sendReports(escalation: EscalationContext, failing: BackOff): Promise<void> {
  const { rows } = await escalation.db.tx(installationScope, (tx) =>
    sql<{ organisation_id: string }>`select * from hinoban_waiting_escalation_reports()`.execute(tx),
  );
  for (const { organisation_id: organisationId } of rows)
    if (!failing.isPaused(organisationId)) await failing.attempt(organisationId, () => sendReportsOf(escalation, organisationId));
}

function sendReportsOf({ db, clock, incidents }: EscalationContext, organisationId: string): Promise<void> {
  return repeated(db).tx({ organisationId }, async (tx) => {
    const waiting = await tx.selectFrom("escalation_report").selectAll().orderBy("origin_id").limit(100).execute();
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
      await sql`delete from escalation_report where origin_id = ${row.origin_id} and at = ${row.at} and message = ${row.message}
        and status = ${row.status}`.execute(tx);
    }
  });
}
