import { sql } from "kysely";
import { seconds, type Millis, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { publish, type Tx } from "#store";
import type { Severity } from "#wire/alerting";
import type { CallKind } from "#wire/calls";
import type { Language } from "#wire/shapes";
import { preferencesOf } from "./call-preferences.ts";
import { readCallSettings, whyNotCallable } from "./call-settings.ts";
import { callsTopic, type CallsContext } from "./context.ts";
import type { Placing } from "./engine.ts";
import { randomTakeKeys } from "./model.ts";
import { note } from "./notes.ts";
import { insertCall, type CallRow, type FurtherNumber } from "./store.ts";
import { sealedContent } from "./world.ts";

/** How long it rings when nobody said anything; a shorter time than the least is over before a telephone rings. */
export const standardRing = seconds(25);
const leastRing = seconds(10);
const mostRing = seconds(120);
/** The longest that somebody is kept on the line. */
export const longestCall = seconds(300);

const ringWithin = (wished: Millis): number => Math.min(mostRing, Math.max(leastRing, wished));

/** Who waits most urgently comes first; those who wait at a screen for a code come before what can wait. */
const rankOf = (kind: CallKind, severity: Severity): number =>
  kind === "weekly" ? 9 : kind === "incident" ? ({ critical: 0, error: 1, warning: 3, information: 4 } as const)[severity] : 2;

/** A call that is to be queued. */
export interface NewCall {
  readonly kind: CallKind;
  readonly personId: string;
  readonly contactId: string;
  readonly number: string;
  readonly further: readonly FurtherNumber[];
  readonly language: Language;
  readonly timeZone: string;
  readonly severity: Severity;
  readonly ringFor: Millis | undefined;
  readonly lineId?: string | undefined;
  readonly code?: string | undefined;
  readonly dueAt?: UnixMs;
  /** Carried over from the call in whose place it is made. */
  readonly instead?: Pick<CallRow, "id" | "asked_at" | "recoveries"> & { readonly triedLines: readonly string[] };
}

/** Writes a call down that is dialled as soon as a line is free. @returns its id */
export async function queueCall(calls: CallsContext, tx: Tx, at: UnixMs, organisationId: string, input: NewCall): Promise<string> {
  const id = newId();
  const wishes = await preferencesOf(tx, input.personId, { organisationId, serverKey: calls.serverKey });
  const { instead } = input;
  await insertCall(tx, {
    ...targetOf(input),
    id,
    kind: input.kind,
    language: wishes.language ?? input.language,
    time_zone: input.timeZone,
    state: "queued",
    severity: input.severity,
    rank: rankOf(input.kind, input.severity),
    ring_ms: ringWithin(wishes.ringFor ?? input.ringFor ?? standardRing),
    longest_ms: longestCall,
    take_key: wishes.hasRandomDigit ? randomKey(calls) : null,
    content: input.code === undefined ? null : sealedContent(calls, id, input.code),
    due_at: input.dueAt ?? at,
    ...carriedOver(at, instead),
  });
  if (instead) await sql`update calls_call set followed_by = ${id} where id = ${instead.id}`.execute(tx);
  await publish(tx, callsTopic);
  return id;
}

const targetOf = ({ personId, contactId, number, further, lineId }: NewCall) => ({
  person_id: personId,
  contact_id: contactId,
  number,
  further: JSON.stringify(further),
  wanted_line_id: lineId ?? null,
});

const carriedOver = (at: UnixMs, instead: NewCall["instead"]) =>
  instead
    ? { tried_lines: JSON.stringify(instead.triedLines), asked_at: instead.asked_at, recoveries: instead.recoveries }
    : { asked_at: at };

const randomKey = ({ random = Math.random }: CallsContext): string | null =>
  randomTakeKeys[Math.floor(random() * randomTakeKeys.length)] ?? null;

/** See {@link CallEngine.place}. */
export async function placeCall(calls: CallsContext, tx: Tx, at: UnixMs, placing: Placing): Promise<string> {
  const problem = whyNotCallable(await readCallSettings(tx), placing.to);
  if (problem !== undefined) throw new HinobanError("invalid-input", problem, { fields: [{ field: "address", problem }] });
  const { rows } = await sql<{ id: string }>`select hinoban_organisation() as id`.execute(tx);
  const call: NewCall = {
    kind: placing.kind,
    personId: placing.personId,
    contactId: placing.contactId,
    number: placing.to,
    further: [],
    language: placing.language,
    timeZone: placing.timeZone,
    severity: "information",
    ringFor: undefined,
    lineId: placing.lineId,
    code: placing.code,
  };
  const id = await queueCall(calls, tx, at, rows[0]?.id ?? "", call);
  await note(calls, tx, at, { id, kind: placing.kind, person_id: placing.personId }, { kind: "asked", verb: "call.asked" });
  return id;
}

/** An incident that a person is to be called about. */
interface IncidentCall extends Omit<NewCall, "kind" | "lineId" | "code" | "instead"> {
  readonly incidentId: string;
  readonly deliveryId: string;
}

/**
 * Has a person called about an incident: in the call that waits for them or that nobody answered yet, where there is one, so that one call
 * tells all; else in one of its own. The same notification again changes nothing.
 * @returns false when they are asked about this incident already because of another notification, or were asked because of this one
 */
export async function queueIncident(
  calls: CallsContext,
  tx: Tx,
  at: UnixMs,
  organisationId: string,
  input: IncidentCall,
): Promise<boolean> {
  const known = await tx.selectFrom("calls_topic").select(["state", "settlement"]).where("delivery_id", "=", input.deliveryId).execute();
  // What was settled already would wait for ever for being settled.
  if (known.length > 0) return known.some(({ state, settlement }) => state === "open" || settlement !== null);
  // One at a time per person, so that two notifications at the same moment become one call.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`calls:${organisationId}:${input.personId}`}, 0))`.execute(tx);
  const joined = await findJoinable(tx, input.personId);
  const person = { kind: "incident" as const, person_id: input.personId };
  const { incidentId } = input;
  if (!joined) {
    const id = await queueCall(calls, tx, at, organisationId, { ...input, kind: "incident" });
    await addTopic(tx, at, id, input);
    await note(calls, tx, at, { id, ...person }, { kind: "asked", verb: "call.asked", incidentIds: [incidentId] });
    return true;
  }
  const isNew = await addTopic(tx, at, joined.id, input);
  if (!isNew) return false;
  const rank = Math.min(joined.rank, rankOf("incident", input.severity));
  await sql`update calls_call set rank = ${rank}, severity = case when ${rank} < rank then ${input.severity} else severity end where id = ${joined.id}`.execute(
    tx,
  );
  await note(calls, tx, at, { id: joined.id, ...person }, { kind: "joined", verb: "call.asked", incidentIds: [incidentId] });
  return true;
}

/** What was not answered yet tells more than it was asked for; what is being listened to does not change under way. */
const findJoinable = (tx: Tx, personId: string): Promise<CallRow | undefined> =>
  tx
    .selectFrom("calls_call")
    .selectAll()
    .where("person_id", "=", personId)
    .where("kind", "=", "incident")
    .where("state", "in", ["queued", "claimed", "dialing", "ringing"])
    .where("unwanted", "is", null)
    .orderBy(sql`state = 'queued'`)
    .orderBy("seq")
    .limit(1)
    .forUpdate()
    .executeTakeFirst();

/** A topic whose notification was taken back, whether that was noticed already or not, is open again because of the new one. */
async function addTopic(tx: Tx, at: UnixMs, callId: string, { incidentId, deliveryId }: IncidentCall): Promise<boolean> {
  const { rows } = await sql`insert into calls_topic (call_id, incident_id, delivery_id, asked_at)
    values (${callId}, ${incidentId}, ${deliveryId}, ${at})
    on conflict (call_id, incident_id) do update set delivery_id = excluded.delivery_id, state = 'open', settlement = null
      where calls_topic.state = 'cancelled' or (calls_topic.state = 'open' and exists (
        select from notify_delivery d where d.id = calls_topic.delivery_id and d.state in ('cancelled', 'failed', 'sent', 'unknown')))
    returning call_id`.execute(tx);
  return rows.length > 0;
}
