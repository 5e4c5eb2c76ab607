import { sql } from "kysely";
import { addTime, minutes, seconds, unixMs, type UnixMs } from "#base/duration";
import { publish, type Tx } from "#store";
import type { EscalationContext } from "./context.ts";
import { followFailures } from "./follow-failures.ts";
import { longestWait, next } from "./model.ts";
import { stillAtIt } from "./notices.ts";
import { endRun, nextAtOf, pauseRun, placeOf, snapshotOf, writePlan, type RunRow } from "./runs.ts";
import { loadWorld } from "./world.ts";
import { actor, readPast, tell, writeLines, type Walking } from "./telling.ts";

/** Acts that follow each other without waiting within one transaction: channels that are told before somebody. */
const mostActsAtOnce = 30;
const askedFor = minutes(15);
const wakesWithin = seconds(30);
const longestCall = minutes(15);
/** The end of a call wakes the run by itself; this is the net. */
const looksAgain = seconds(30);

export type Advanced =
  | "nothing" // somebody else has it, or it is not due
  | "done"
  | "overtaken"; // the responder did not say that they are still at it: nobody is to have it any more

/**
 * Goes on with one run: looks at the incident again, decides, writes down whom to tell and when to go on, all in one transaction. Any number
 * of workers may try; the row's lock lets one of them through, and what it writes is either all there or not at all.
 */
export function advanceRun(escalation: EscalationContext, organisationId: string, runId: string): Promise<Advanced> {
  const at = escalation.clock.now();
  return escalation.db.tx({ organisationId }, async (tx) => {
    const run = await lockRun(tx, runId);
    if (!run) return "nothing";
    const incident = await escalation.incidents.factsOf(tx, run.incident_id);
    if (!incident) {
      await endRun(tx, at, run.id, "gone");
      return "done";
    }
    const walking: Walking = { tx, at, run, snapshot: snapshotOf(run), incident };
    const hastened = await followFailures(escalation, walking);
    const due = nextAtOf(run);
    if (run.state === "done" || due === undefined || (due > at && !hastened)) return "done";
    return proceed(escalation, walking);
  });
}

/**
 * The incident first, as everybody does who changes it; it is only kept from being changed in a way that its timeline refers to.
 * Then the run, unless somebody else has it.
 */
async function lockRun(tx: Tx, runId: string): Promise<RunRow | undefined> {
  const found = await tx.selectFrom("escalation_run").select("incident_id").where("id", "=", runId).executeTakeFirst();
  if (!found) return undefined;
  await sql`select id from incidents_incident where id = ${found.incident_id} for key share`.execute(tx);
  return tx.selectFrom("escalation_run").selectAll().where("id", "=", runId).forUpdate().skipLocked().executeTakeFirst();
}

async function proceed(escalation: EscalationContext, walking: Walking): Promise<Advanced> {
  const { tx, at, run, incident } = walking;
  if (incident.state === "resolved") {
    await endRun(tx, at, run.id, "resolved");
    return "done";
  }
  if (incident.state === "taken") return run.result === "taken" ? askResponder(escalation, walking) : finishTaken(walking);
  const asleepUntil = sleepsUntil(incident.snoozedUntil, at);
  if (asleepUntil !== undefined) {
    await pauseRun(tx, at, run.id, { until: asleepUntil, result: "snoozed", isAnchored: true });
    return "done";
  }
  if (await isOnThePhone(walking)) {
    const until = addTime(at, looksAgain);
    await sql`update escalation_run set next_at = ${until}, planned_at = ${at}, is_anchored = false where id = ${run.id}`.execute(tx);
    return "done";
  }
  await walkOn(escalation, walking);
  return "done";
}

/**
 * Whether somebody who was told last is being called and has not said that they cannot: a call takes as long as it takes, for lack of a line
 * too, and its end lets the run go on at once. Only for a call that never ends nobody waits.
 */
async function isOnThePhone({ tx, at, run }: Walking): Promise<boolean> {
  const { rows } = await sql`select from escalation_attempt a
    where a.run_id = ${run.id} and a.act = ${run.acts} and a.state = 'calling' and a.created_at > ${at - longestCall}
      and not exists (select from escalation_skip s
        where s.run_id = a.run_id and s.ladder = a.ladder and s.round = a.round and s.person_id = a.person_id)
    limit 1`.execute(tx);
  return rows.length > 0;
}

/**
 * Whoever notes the end of a snooze begins the walk anew. At the moment itself that may not have been done yet: to go on then would tell the
 * next person and afterwards the first. Should it never be done, the walk goes on by itself.
 */
function sleepsUntil(snoozedUntil: UnixMs | undefined, at: UnixMs): UnixMs | undefined {
  if (snoozedUntil === undefined) return undefined;
  const until = snoozedUntil > at ? snoozedUntil : addTime(snoozedUntil, wakesWithin);
  return until > at ? until : undefined;
}

async function finishTaken({ tx, at, run }: Walking): Promise<Advanced> {
  await endRun(tx, at, run.id, "taken");
  return "done";
}

/** Tells whoever is next, and those after them as far as nobody has to be waited for. */
async function walkOn(escalation: EscalationContext, walking: Walking): Promise<void> {
  const { tx, at, snapshot, incident } = walking;
  const world = await loadWorld(tx, escalation.duty, { ladders: snapshot.ladders, at, incidentId: incident.id });
  let { run } = walking;
  for (let turn = 0; turn < mostActsAtOnce; turn += 1) {
    const now: Walking = { ...walking, run };
    const place = placeOf(run);
    const decision = next(snapshot, place, world, await readPast(tx, run.id, place));
    await writeLines(escalation, now, decision.lines);
    const acts = decision.act ? run.acts + 1 : run.acts;
    if (decision.act) await tell(escalation, now, decision.act, acts, decision.nextAt);
    await writePlan(tx, at, run.id, { place: decision.place, nextAt: decision.nextAt, isAnchored: decision.isAnchored, acts });
    if (decision.nextAt > at) break;
    const row = await tx.selectFrom("escalation_run").selectAll().where("id", "=", run.id).executeTakeFirstOrThrow();
    run = row;
  }
  await publish(tx, `incident:${incident.id}`);
}

/** Whoever took it is asked after a while whether they still are at it; without any sign nobody has it any more, and others are told. */
async function askResponder(escalation: EscalationContext, walking: Walking): Promise<Advanced> {
  const { tx, at, run, snapshot, incident } = walking;
  const every = seconds(snapshot.ackTimeoutSeconds);
  if (every === 0 || incident.responderId === undefined) return finishTaken(walking);
  const hasMoved = run.asked_version !== null && run.asked_version !== incident.version;
  if (run.asked_version === null || hasMoved) {
    const until = addTime(at, hasMoved || every < askedFor ? every : askedFor);
    const asked = hasMoved ? null : incident.version;
    await sql`update escalation_run set next_at = ${until}, planned_at = ${at}, is_anchored = false, asked_version = ${asked} where id = ${run.id}`.execute(
      tx,
    );
    if (!hasMoved) await ask(escalation, walking, incident.responderId, until);
    return "done";
  }
  // The release is an act of its own transaction; should the process end before it, it is tried again.
  const again = addTime(at, minutes(1));
  await sql`update escalation_run set next_at = ${again}, planned_at = ${at}, is_anchored = false where id = ${run.id}`.execute(tx);
  return "overtaken";
}

async function ask(escalation: EscalationContext, { tx, at, run, incident }: Walking, personId: string, until: UnixMs): Promise<void> {
  await escalation.incidents.addToTimeline(tx, at, incident.id, { kind: "asked", by: actor, via: "system", personId, detail: { until } });
  for (const medium of ["mail", "chat"] as const) {
    await escalation.notify.send(tx, at, {
      to: { kind: "person", personId, medium },
      key: `asked:${run.id}:${at}:${medium}`,
      about: `incident:${incident.id}`,
      isUrgent: true,
      write: (to) => stillAtIt(escalation, tx, incident, until, to),
    });
  }
}

/** The latest moment at which a run that waits for nothing but time goes on. */
export const latestPlanned = (run: RunRow, at: UnixMs): UnixMs => unixMs(at + longestWait(snapshotOf(run)) * 1000);
