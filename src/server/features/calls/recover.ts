import { addTime, seconds, type UnixMs } from "#base/duration";
import type { PhoneLine, Recovered } from "#ports/phone/port";
import { repeated } from "#store";
import { finishPending } from "./turns.ts";
import { pendingOf } from "./answers.ts";
import { deadlineOf, endCall } from "./close-call.ts";
import type { CallsContext } from "./context.ts";
import { note } from "./notes.ts";
import { isLive, lockCall, updateCall, type CallRow } from "./store.ts";

/** For how long a line is asked. */
const longestAsking = seconds(10);
/** How often a call that goes on without us is asked for. */
const asksEvery = seconds(60);
const slack = seconds(3);

/**
 * Looks after a call whose process ended: what was pressed is done, the line is asked what became of it and ends it where it can, and
 * only then somebody is called again, if anybody still has to be.
 * @param line absent: it is not open any more, so nobody can be asked
 */
export async function recoverCall(calls: CallsContext, organisationId: string, callId: string, line: PhoneLine | undefined): Promise<void> {
  const scope = { organisationId };
  const call = await calls.db.tx(scope, (tx) => tx.selectFrom("calls_call").selectAll().where("id", "=", callId).executeTakeFirst());
  if (!call) return;
  const pending = pendingOf(call);
  if (pending) await finishPending(calls, call, pending);
  if (!isLive(call) || (call.recover_at !== null && call.recover_at > calls.clock.now())) return;
  if (call.kind === "incoming") return endCall(calls, organisationId, callId, { cause: "lost", talked: seconds(0) });
  if (call.saved === null) return putBack(calls, call);
  const fate = line ? await asked(calls, line, call.saved) : "unknown";
  const at = calls.clock.now();
  if (fate === "alive" || (fate === "unknown" && call.recover_at === null)) return wait(calls, call, fate, at);
  await repeated(calls.db).tx(scope, async (tx) => {
    const now = await lockCall(tx, callId);
    if (now && isLive(now))
      await note(calls, tx, at, now, {
        kind: "recovered",
        verb: "call.recovered",
        detail: { fate, ...(call.line_id === null ? {} : { line: call.line_id }) },
      });
  });
  await endCall(calls, organisationId, callId, { cause: "lost", talked: seconds(0), problem: "The server ended during the call." });
}

/** A line that does not answer knows nothing. */
async function asked({ clock, log }: CallsContext, line: PhoneLine, saved: string): Promise<Recovered> {
  const stop = new AbortController();
  const late = clock.sleep("calls.recover", longestAsking, stop.signal).then(
    () => "unknown" as const,
    () => "unknown" as const,
  );
  try {
    return await Promise.race([line.recover(saved), late]);
  } catch (error) {
    log.warn({ err: error }, "a line could not say what became of a call");
    return "unknown";
  } finally {
    stop.abort();
  }
}

/** Nothing had left the house: it waits for its turn again. */
function putBack(calls: CallsContext, { id, organisation_id: organisationId }: CallRow): Promise<void> {
  return repeated(calls.db).tx({ organisationId }, async (tx) => {
    const at = calls.clock.now();
    const call = await lockCall(tx, id);
    if (!call || !isLive(call) || call.saved !== null) return;
    await updateCall(tx, id, { state: "queued", line_id: null, leased_by: null, leased_until: 0 });
    await note(calls, tx, at, call, { kind: "recovered", verb: "call.recovered", detail: { fate: "queued" } });
  });
}

/** It goes on without us, or may ring for as long as it was allowed to: nobody else is called meanwhile. */
async function wait(calls: CallsContext, call: CallRow, fate: "alive" | "unknown", at: UnixMs): Promise<void> {
  const until = fate === "alive" ? addTime(at, asksEvery) : latest(at, call);
  await calls.db.tx({ organisationId: call.organisation_id }, async (tx) => {
    const now = await lockCall(tx, call.id);
    if (now && isLive(now)) await updateCall(tx, call.id, { recover_at: until });
  });
}

/** Whoever talks to nobody hangs up soon. */
const latest = (at: UnixMs, call: CallRow): UnixMs => {
  const end = call.answered_at === null ? deadlineOf(call) : addTime(at, seconds(15));
  return addTime(end > at ? end : at, slack);
};
