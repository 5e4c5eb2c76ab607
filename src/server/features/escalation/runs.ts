import { sql, type Selectable } from "kysely";
import { addTime, seconds, unixMs, type UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import type { IncidentFacts } from "#features/incidents";
import { publish, type Tx } from "#store";
import { escalationTopic } from "./context.ts";
import { freeze, startPlace, type Place, type Snapshot } from "./model.ts";
import type { PolicyBook } from "./policy-store.ts";
import type { EscalationRunTable } from "./tables.ts";

export type RunRow = Selectable<EscalationRunTable>;

/** Why a run is over, or waits. */
export type RunResult = "taken" | "resolved" | "snoozed" | "released" | "restarted" | "severity-raised" | "reopened" | "woken" | "gone";

/** Written by `startRun` in this shape. */
export const snapshotOf = (row: Pick<RunRow, "snapshot">): Snapshot => JSON.parse(row.snapshot) as Snapshot; // see above

export const placeOf = (row: Pick<RunRow, "ladder" | "round" | "step" | "target" | "is_delayed" | "has_told">): Place => ({
  ladder: row.ladder,
  round: row.round,
  step: row.step,
  target: row.target,
  isDelayed: row.is_delayed,
  hasTold: row.has_told,
});

export const placeColumns = (place: Place) => ({
  ladder: place.ladder,
  round: place.round,
  step: place.step,
  target: place.target,
  is_delayed: place.isDelayed,
  has_told: place.hasTold,
});

/**
 * Begins an incident's run with the policy that holds for it now, frozen. Nothing when it has one already.
 * @returns the run's id
 */
export async function startRun(tx: Tx, at: UnixMs, incident: IncidentFacts, book: PolicyBook): Promise<string | undefined> {
  const snapshot = freeze(book.holdingFor(incident.serviceIds, incident.severity), incident.severity, book.find);
  const youngUntil = addTime(incident.openedAt, seconds(snapshot.minOpenSeconds));
  const nextAt = youngUntil > at ? youngUntil : at;
  const { rows } = await sql<{ id: string }>`
    insert into escalation_run (id, incident_id, snapshot, policy_id, policy_name, policy_version, severity, state, ladder, round, step, target,
      is_delayed, has_told, acts, next_at, planned_at, is_anchored, started_at)
    values (${newId()}, ${incident.id}, ${JSON.stringify(snapshot)}, ${snapshot.policyId ?? null}, ${snapshot.ladders[0].name}, ${snapshot.version},
      ${incident.severity}, 'active', ${startPlace.ladder}, ${startPlace.round}, ${startPlace.step}, ${startPlace.target}, false, false, 0,
      ${nextAt}, ${at}, false, ${at})
    on conflict (incident_id) where state <> 'done' do nothing returning id`.execute(tx);
  if (rows[0]) await publish(tx, escalationTopic);
  return rows[0]?.id;
}

/** The incident's run that is not over, locked. Index escalation_run_live. */
export const lockLiveRun = (tx: Tx, incidentId: string): Promise<RunRow | undefined> =>
  tx
    .selectFrom("escalation_run")
    .selectAll()
    .where("incident_id", "=", incidentId)
    .where("state", "<>", "done")
    .forUpdate()
    .executeTakeFirst();

/** Ends a run. What it wanted to send and has not left yet is taken back. */
export async function endRun(tx: Tx, at: UnixMs, runId: string, result: RunResult): Promise<void> {
  await sql`update escalation_run set state = 'done', result = ${result}, next_at = null, ended_at = ${at}
    where id = ${runId} and state <> 'done'`.execute(tx);
}

/** Attempts whose notifications were taken back. What is on its way stays: its outcome comes. */
export async function markCancelled(tx: Tx, at: UnixMs, runId: string): Promise<void> {
  await sql`update escalation_attempt a set state = 'cancelled', is_unanswered = false, changed_at = ${at}
    from notify_delivery d where a.run_id = ${runId} and a.state in ('pending', 'held', 'retrying')
      and d.organisation_id = a.organisation_id and d.key = a.key and d.state = 'cancelled'`.execute(tx);
}

/** What the keys of a run's notifications begin with. */
export const keyPrefix = (runId: string): string => `run:${runId}:`;

export interface Plan {
  readonly place: Place;
  readonly nextAt: UnixMs;
  readonly isAnchored: boolean;
  readonly acts: number;
}

/** Writes down where the run is and when it goes on. The caller holds its row. */
export async function writePlan(tx: Tx, at: UnixMs, runId: string, plan: Plan): Promise<void> {
  const { ladder, round, step, target, is_delayed, has_told } = placeColumns(plan.place);
  await sql`update escalation_run set state = 'active', result = null, ladder = ${ladder}, round = ${round}, step = ${step}, target = ${target},
      is_delayed = ${is_delayed}, has_told = ${has_told}, acts = ${plan.acts}, next_at = ${plan.nextAt}, planned_at = ${at},
      is_anchored = ${plan.isAnchored}, asked_version = null, failures = 0
    where id = ${runId}`.execute(tx);
}

/** Lets the run rest until a moment that the calendar tells. */
export async function pauseRun(
  tx: Tx,
  at: UnixMs,
  runId: string,
  pause: { readonly until: UnixMs; readonly result: RunResult; readonly isAnchored: boolean },
): Promise<void> {
  await sql`update escalation_run set state = 'paused', result = ${pause.result}, next_at = ${pause.until}, planned_at = ${at},
      is_anchored = ${pause.isAnchored}, asked_version = null
    where id = ${runId} and state <> 'done'`.execute(tx);
}

/** Goes on at once. */
export async function hastenRun(tx: Tx, at: UnixMs, runId: string): Promise<void> {
  await sql`update escalation_run set next_at = ${at}, planned_at = ${at}, is_anchored = false where id = ${runId} and state = 'active'`.execute(
    tx,
  );
  await publish(tx, escalationTopic);
}

/** When the run goes on, as branded time. */
export const nextAtOf = (row: Pick<RunRow, "next_at">): UnixMs | undefined => (row.next_at === null ? undefined : unixMs(row.next_at));
