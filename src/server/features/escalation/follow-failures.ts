import { sql, type Selectable } from "kysely";
import type { Medium } from "#wire/alerting";
import type { EscalationContext } from "./context.ts";
import type { Place, Told } from "./model.ts";
import { actor, readPast, tellInstead, type Walking } from "./telling.ts";
import type { EscalationAttemptTable } from "./tables.ts";
import { mediaOfPerson, ownersOf } from "./world.ts";

type AttemptRow = Selectable<EscalationAttemptTable>;

/** What did not reach anybody: an attempt that is over and did not arrive, as far as anybody knows. */
const lost = new Set<AttemptRow["state"]>(["failed", "unknown", "skipped", "cancelled"]);

/**
 * Draws the consequence of notifications that failed: the person is told by the next medium at once; without another one the run goes on at
 * once. The timeline says what failed and why.
 * @returns whether the run is to go on at once
 */
export async function followFailures(escalation: EscalationContext, walking: Walking): Promise<boolean> {
  const { tx, at, run, incident } = walking;
  const { rows: failed } = await sql<AttemptRow>`update escalation_attempt set is_unanswered = false
    where run_id = ${run.id} and is_unanswered returning *`.execute(tx);
  if (failed.length === 0) return false;
  for (const attempt of failed) {
    await escalation.incidents.addToTimeline(tx, at, incident.id, {
      kind: "not-told",
      by: actor,
      via: "system",
      personId: attempt.person_id ?? undefined,
      text: attempt.problem ?? "",
      detail: {
        runId: run.id,
        state: attempt.state,
        round: attempt.round,
        step: attempt.step,
        ...(attempt.medium === null ? {} : { medium: attempt.medium }),
        ...(attempt.channel_id === null ? {} : { channelId: attempt.channel_id }),
      },
    });
  }
  if (run.state !== "active" || incident.state !== "open") return false;
  // Who was asked on the phone and did not take it needs no mail about the same.
  for (const attempt of failed) if (!attempt.goes_on) await tellOtherwise(escalation, walking, attempt);
  return isUnreached(walking);
}

async function tellOtherwise(escalation: EscalationContext, walking: Walking, failed: AttemptRow): Promise<void> {
  const { tx, snapshot } = walking;
  const place: Place = {
    ladder: failed.ladder,
    round: failed.round,
    step: failed.step,
    target: failed.pos,
    isDelayed: true,
    hasTold: true,
  };
  const where = { place, pos: failed.pos, act: failed.act };
  if (failed.person_id !== null) {
    const medium = await otherMedium(escalation, walking, failed, failed.person_id);
    if (medium) await tellInstead(escalation, walking, { kind: "person", personId: failed.person_id, media: [medium] }, where);
    return;
  }
  // Behind the last resort there is nobody but the owners.
  const isLast = failed.ladder >= snapshot.ladders.length - 1 || failed.step >= (snapshot.ladders[failed.ladder]?.steps.length ?? 0);
  if (!isLast || failed.state === "retrying") return;
  const { seen } = await readPast(tx, walking.run.id, place);
  const owners = (await ownersOf(tx)).filter((id) => !seen.has(`person:${id}`));
  for (const personId of owners) {
    const told: Told = { kind: "person", personId, media: ["mail"] };
    await tellInstead(escalation, walking, told, where);
  }
}

/** From the one that wakes to the one that is read in time. */
const order: readonly Medium[] = ["phone", "sms", "push", "chat", "mail"];
/** They wake, and cost money: not for what can wait. */
const forSerious = new Set<Medium>(["phone", "sms"]);

/** A medium by which the person was not tried in this step; none when another one may still arrive. */
async function otherMedium(
  escalation: EscalationContext,
  { tx, run }: Walking,
  failed: AttemptRow,
  personId: string,
): Promise<Medium | undefined> {
  const { rows: tried } = await sql<Pick<AttemptRow, "medium" | "state">>`select medium, state from escalation_attempt
    where run_id = ${run.id} and ladder = ${failed.ladder} and round = ${failed.round} and step = ${failed.step} and person_id = ${personId}`.execute(
    tx,
  );
  const mayArrive = tried.some(({ state }) => !lost.has(state) && state !== "retrying");
  if (mayArrive) return undefined;
  const ways = await mediaOfPerson(tx, personId, escalation.notify);
  const isSerious = run.severity === "critical" || run.severity === "error";
  return order.find((medium) => ways.has(medium) && (!forSerious.has(medium) || isSerious) && !tried.some((one) => one.medium === medium));
}

/** Whether nothing of the last act arrived or still may: then waiting for an answer to it would be waiting for nothing. */
async function isUnreached({ tx, run }: Walking): Promise<boolean> {
  // A round that is about to begin keeps its distance: otherwise a broken mail server would be asked without a pause.
  const isBetweenRounds = run.step === 0 && run.target === 0 && !run.has_told && !run.is_delayed;
  if (isBetweenRounds || run.is_anchored) return false;
  const { rows } = await sql<{
    open: number;
    all: number;
    phones: number;
    refused: number;
  }>`select count(*) filter (where state not in ('failed', 'unknown', 'skipped', 'cancelled')) as open, count(*) as all,
      count(*) filter (where medium = 'phone' and state not in ('failed', 'unknown', 'cancelled')) as phones,
      count(*) filter (where goes_on) as refused
    from escalation_attempt where run_id = ${run.id} and act = ${run.acts} and state <> 'skipped'`.execute(tx);
  const [count] = rows;
  if (!count || count.all === 0) return false;
  // A call that nobody answered is the answer, whatever else was sent to that person.
  return count.open === 0 || (count.refused > 0 && count.phones === 0);
}
