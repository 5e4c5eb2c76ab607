import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { publish, type Tx } from "#store";
import { escalationTopic, type EscalationContext } from "./context.ts";
import { lockLiveRun, placeOf } from "./runs.ts";
import { actor } from "./telling.ts";

/**
 * Somebody who was asked wants the next step at once: the rest of the step that is being told is passed over, and what comes after it
 * begins without its delay. The caller holds the incident.
 * @returns false when nothing is being told: nobody waits, or a calendar is waited for
 */
export async function skipStep({ incidents }: EscalationContext, tx: Tx, at: UnixMs, incidentId: string): Promise<boolean> {
  const run = await lockLiveRun(tx, incidentId);
  if (!run || run.state !== "active" || run.is_anchored || run.acts === 0) return false;
  const { ladder, round, step } = placeOf(run);
  const { rows } = await sql`select 1 from escalation_attempt where run_id = ${run.id} and act = ${run.acts}
    and ladder = ${ladder} and round = ${round} and step = ${step} limit 1`.execute(tx);
  // All at once, or the last of a step: the place is the next one already.
  const next = rows.length > 0 ? step + 1 : step;
  // Whoever else was asked together with them is not waited for any more: their act is passed.
  await sql`update escalation_run set step = ${next}, target = 0, is_delayed = true, acts = acts + 1, next_at = ${at}, planned_at = ${at}
    where id = ${run.id}`.execute(tx);
  await incidents.addToTimeline(tx, at, incidentId, {
    kind: "step",
    by: actor,
    via: "phone",
    detail: { runId: run.id, ladder, round, step: next, what: "hastened" },
  });
  await publish(tx, escalationTopic);
  return true;
}
