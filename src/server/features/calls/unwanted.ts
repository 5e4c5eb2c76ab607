import { sql } from "kysely";
import { minutes, seconds, type UnixMs } from "#base/duration";
import { publish, repeated, type Tx } from "#store";
import { pendingOf } from "./answers.ts";
import { closeCall, dropCall, onceMore } from "./close-call.ts";
import { callsTopic, type CallsContext } from "./context.ts";
import { closeTopic, settle, type Settlement } from "./settle.ts";
import { isLive, lockCall, topicsOf, triedLines, updateCall, type CallRow, type LineRow, type TopicRow } from "./store.ts";
import { holdIncidents } from "./world.ts";

/** An escalation waits for a call no longer than a quarter of an hour. */
const longestQueue = minutes(14);
/** Without a line that works nobody is kept waiting for longer than it takes one to register anew. */
const longestWithoutLine = seconds(20);

/**
 * Somebody else took care of what a call tells: what waits is taken back, what rings is ended, and whoever listens hears who has it. The
 * call of the one who takes it goes on.
 */
export function noteUnwanted(calls: CallsContext, organisationId: string, callId: string): Promise<void> {
  return repeated(calls.db).tx({ organisationId }, async (tx) => {
    const at = calls.clock.now();
    await holdIncidents(tx, callId);
    const call = await lockCall(tx, callId);
    if (!call || call.state === "over") return;
    if (!(await takeBackTopics(calls, tx, at, call))) return;
    if (call.state === "queued") await closeCall(calls, tx, at, await dropCall(calls, tx, at, { ...call, unwanted: "taken" }, undefined));
    else if (call.unwanted === null) await updateCall(tx, callId, { unwanted: "taken" });
    await publish(tx, callsTopic);
  });
}

/** @returns whether that leaves nothing for which anybody is needed */
async function takeBackTopics(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow): Promise<boolean> {
  const theirs = new Set(pendingOf(call)?.incidentIds);
  let [open, takenBack] = [0, 0];
  for (const topic of await topicsOf(tx, call.id)) {
    if (topic.state !== "open") continue;
    // What they are about to take is answered by what comes of it.
    const back = theirs.has(topic.incident_id) ? undefined : await takenBackOf(calls, tx, topic);
    if (!back) {
      open += 1;
      continue;
    }
    takenBack += 1;
    if (call.state === "talking") open += await tell(calls, tx, at, topic, back);
    else await closeTopic(calls, tx, at, topic, { state: "cancelled", settlement: back.isLate ? elsewhere : undefined });
  }
  return open === 0 && takenBack > 0;
}

const elsewhere: Settlement = { kind: "sent", note: "Nobody has to take it any more." };

interface TakenBack {
  readonly isNeeded: boolean;
  /** Its notification was on its way when the others were taken back: it waits for us. */
  readonly isLate: boolean;
}

async function takenBackOf(
  calls: CallsContext,
  tx: Tx,
  { delivery_id: deliveryId, incident_id: incidentId }: TopicRow,
): Promise<TakenBack | undefined> {
  if (deliveryId === null) return undefined;
  const { rows } = await sql<{ state: string }>`select state from notify_delivery where id = ${deliveryId}`.execute(tx);
  const isCancelled = rows[0]?.state === "cancelled";
  const isNeeded = (await calls.incidents.factsOf(tx, incidentId))?.state === "open";
  return isCancelled || !isNeeded ? { isNeeded, isLate: !isCancelled } : undefined;
}

/** Whoever listens is told how it stands with the incident, so it stays among what is told; the notification is done with. @returns 1 when it still needs somebody */
async function tell(calls: CallsContext, tx: Tx, at: UnixMs, topic: TopicRow, { isNeeded, isLate }: TakenBack): Promise<number> {
  if (isLate && !(await settle(calls, tx, at, topic.delivery_id ?? "", elsewhere))) return isNeeded ? 1 : 0; // it is just being handed on to us
  await sql`update calls_topic set delivery_id = null where call_id = ${topic.call_id} and incident_id = ${topic.incident_id}`.execute(tx);
  return isNeeded ? 1 : 0;
}

/** Calls that wait for a line that does not come: whoever asked for them reaches the person by another way. */
export async function giveUpWaiting(calls: CallsContext, tx: Tx, at: UnixMs): Promise<void> {
  const waiting = await tx
    .selectFrom("calls_call")
    .selectAll()
    .where("state", "=", "queued")
    .where("due_at", "<=", at)
    .orderBy("seq")
    .execute();
  if (waiting.length === 0) return;
  const lines = await tx.selectFrom("calls_line").selectAll().where("is_on", "=", true).where("deleted_at", "is", null).execute();
  for (const { id } of waiting) {
    const found = await tx.selectFrom("calls_call").selectAll().where("id", "=", id).executeTakeFirst();
    const problem = found && whyNot(found, lines, at);
    if (problem === undefined) continue;
    await holdIncidents(tx, id);
    const call = await lockCall(tx, id);
    if (call?.state !== "queued" || isLive(call)) continue;
    const over = await dropCall(calls, tx, at, call, problem);
    await closeCall(calls, tx, at, { ...over, tried_lines: JSON.stringify([...triedLines(call), onceMore]) });
  }
}

function whyNot(call: CallRow, lines: readonly LineRow[], at: UnixMs): string | undefined {
  const mine = lines.filter((line) => (call.wanted_line_id ?? line.id) === line.id && !triedLines(call).includes(line.id));
  if (mine.length === 0) return "No telephone line is on.";
  const works = mine.some((line) => line.state === "ready" && line.suspended_until <= at + longestWithoutLine);
  if (!works && call.due_at <= at - longestWithoutLine) return "No telephone line works.";
  return call.due_at <= at - longestQueue ? "No telephone line was free in time." : undefined;
}
