import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { standInFor, type StandIn } from "#features/identity";
import { declineIncident, takeIncident } from "#features/incidents";
import { guarded } from "#http";
import type { Tx } from "#store";
import type { CallsContext } from "./context.ts";
import type { ActOutcome, KeyAction } from "./model.ts";
import type { CallRow } from "./store.ts";
import { standingOf } from "./world.ts";

/** A key that was written down and whose act may not have been done yet. */
export interface Pending {
  readonly action: Extract<KeyAction, "take" | "cannot" | "next">;
  readonly incidentIds: readonly string[];
  /** When it was pressed. */
  readonly at: UnixMs;
}

export const pendingOf = ({ pending }: Pick<CallRow, "pending">): Pending | undefined =>
  pending === null ? undefined : (JSON.parse(pending) as Pending); // written by this feature

/**
 * Does what a key asked for, each incident in a transaction of its own. Doing it again has no further effect: whoever has an incident takes
 * it again for nothing, and who said that they cannot has said so.
 */
export async function act(calls: CallsContext, call: CallRow, pending: Pending): Promise<ActOutcome[]> {
  const scope = { organisationId: call.organisation_id };
  const personId = call.person_id ?? "";
  const standIn = await calls.db.tx(scope, (tx) => standInFor(tx, personId, undefined));
  const outcomes: ActOutcome[] = [];
  for (const incidentId of pending.incidentIds) {
    if (!standIn) outcomes.push({ incidentId, kind: "refused" });
    else if (pending.action === "take") outcomes.push(await take(calls, call, standIn.actor, incidentId));
    else if (pending.action === "cannot") outcomes.push(await decline(calls, call, standIn.actor, incidentId, pending.at));
    else outcomes.push(await goOn(calls, call, incidentId));
  }
  return outcomes;
}

type Actor = StandIn["actor"];

async function take(calls: CallsContext, call: CallRow, actor: Actor, incidentId: string): Promise<ActOutcome> {
  try {
    await guarded(calls.gate, actor, () => takeIncident(calls.incidents, actor, { incidentId, via: "phone" }));
    return { incidentId, kind: "taken" };
  } catch (error) {
    return refused(calls, call, incidentId, error);
  }
}

/** Said once: the timeline knows whether it was said in this call. */
async function decline(calls: CallsContext, call: CallRow, actor: Actor, incidentId: string, since: UnixMs): Promise<ActOutcome> {
  const standing = await calls.db.tx({ organisationId: call.organisation_id }, async (tx) => {
    const { rows } = await sql`select 1 from incidents_timeline where incident_id = ${incidentId} and kind = 'declined' and via = 'phone'
      and person_id = ${actor.personId} and at >= ${since} limit 1`.execute(tx);
    if (rows.length > 0) return { kind: "declined" } as const;
    return standingNow(calls, tx, call, incidentId);
  });
  if (standing.kind === "declined") return { incidentId, kind: "declined" };
  if (standing.kind === "others") return { incidentId, kind: "others", name: standing.name };
  if (standing.kind === "over") return { incidentId, kind: "over" };
  try {
    await guarded(calls.gate, actor, () => declineIncident(calls.incidents, actor, { incidentId, via: "phone" }));
    return { incidentId, kind: "declined" };
  } catch (error) {
    return refused(calls, call, incidentId, error);
  }
}

/** Said once: its topic knows whether it was said in this call. */
async function goOn(calls: CallsContext, call: CallRow, incidentId: string): Promise<ActOutcome> {
  return calls.db.tx({ organisationId: call.organisation_id }, async (tx) => {
    const at = calls.clock.now();
    await sql`select id from incidents_incident where id = ${incidentId} for key share`.execute(tx);
    const { rows } = await sql`update calls_topic set stepped_at = ${at}
      where call_id = ${call.id} and incident_id = ${incidentId} and stepped_at is null returning call_id`.execute(tx);
    if (rows.length === 0) return { incidentId, kind: "next" };
    const standing = await standingNow(calls, tx, call, incidentId);
    if (standing.kind === "others") return { incidentId, kind: "others", name: standing.name };
    if (standing.kind === "over") return { incidentId, kind: "over" };
    for (const extension of calls.extensions) await extension.nextStep?.(tx, at, incidentId);
    return { incidentId, kind: "next" };
  });
}

async function standingNow(calls: CallsContext, tx: Tx, call: CallRow, incidentId: string) {
  const facts = await calls.incidents.factsOf(tx, incidentId);
  return facts ? standingOf(calls, tx, facts, call) : ({ kind: "over" } as const);
}

/** Somebody was faster, it is over, or they may not: each is an answer. Whatever else went wrong is tried again. */
async function refused(calls: CallsContext, call: CallRow, incidentId: string, error: unknown): Promise<ActOutcome> {
  if (!(error instanceof HinobanError)) throw error;
  if (error.code === "forbidden" || error.code === "invalid-input") return { incidentId, kind: "refused" };
  if (error.code !== "conflict" && error.code !== "not-found") throw error;
  const standing = await calls.db.tx({ organisationId: call.organisation_id }, (tx) => standingNow(calls, tx, call, incidentId));
  if (standing.kind === "others") return { incidentId, kind: "others", name: standing.name };
  return { incidentId, kind: standing.kind === "mine" ? "taken" : "over" };
}
