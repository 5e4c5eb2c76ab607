import { sql } from "kysely";
import { addTime, millis, minutes, seconds, type Millis, type UnixMs } from "#base/duration";
import { phoneNumber } from "#base/phone-number";
import { standInFor } from "#features/identity";
import type { CallListener, IncomingCall, LiveCall } from "#ports/phone/port";
import type { Tx } from "#store";
import type { CallsContext } from "./context.ts";
import { leaseNow } from "./lease-clock.ts";
import { note } from "./notes.ts";
import { longestCall, standardRing } from "./place.ts";
import { insertCall, settingsOf, type LineRow } from "./store.ts";

/** Calls of one number, known or not, within that time; withheld numbers count as one. */
const within = minutes(10);
const mostPerCaller = 6;
/** Calls of numbers that nobody knows, of a whole line. */
const mostUnknown = 20;
const longestRefusal = seconds(30);
/** How many incidents somebody who calls is told of. */
const mostTold = 20;

/** Under which id a call is written down, and for how long it is this process's without a sign of life. */
interface Answering {
  readonly id: string;
  readonly lineId: string;
  readonly organisationId: string;
  readonly leaseFor: Millis;
}

interface Caller {
  readonly personId: string;
  readonly contactId: string;
  readonly language: "en" | "ja";
  readonly timeZone: string;
}

/**
 * Somebody calls a line: people who are known by a verified number hear what nobody has and can take it; others hear that nothing can be
 * done for them; whoever calls too often, or finds the line full, is not answered.
 * @returns the call, when it was answered
 */
export async function answerIncoming(
  calls: CallsContext,
  answering: Answering,
  incoming: IncomingCall,
  listener: () => CallListener,
): Promise<LiveCall | undefined> {
  const { organisationId, lineId } = answering;
  const taken = await calls.db.tx({ organisationId }, async (tx) => {
    const at = calls.clock.now();
    const row = await tx.selectFrom("calls_line").selectAll().where("id", "=", lineId).executeTakeFirst();
    if (!row || !row.is_on || settingsOf(row).takesCalls !== true) return undefined;
    const number = numberOf(incoming.from, settingsOf(row).countryCode);
    const caller = number === "" ? undefined : await callerOf(tx, number);
    if (!(await isWelcome(tx, at, row, number, caller !== undefined))) return undefined;
    return noteIncoming(calls, tx, at, row, { ...answering, number, caller });
  });
  if (!taken) {
    incoming.reject();
    return undefined;
  }
  return incoming.accept(listener(), taken);
}

/** As it is kept of people; empty when it is withheld or none. */
export function numberOf(from: string, country: string | undefined): string {
  const read = phoneNumber(from.startsWith("sip:") ? (from.slice(4).split("@")[0] ?? "") : from, country ?? "81");
  return read.ok ? read.number : from.replaceAll(/[^\d+]/gu, "").slice(0, 20);
}

/** A member with that verified number. Whose it is when several share it nobody can say: then it is nobody's. */
async function callerOf(tx: Tx, number: string): Promise<Caller | undefined> {
  const rows = await tx
    .selectFrom("notify_contact")
    .select(["id", "person_id"])
    .where("kind", "=", "phone")
    .where("address", "=", number)
    .where("verified_at", "is not", null)
    .execute();
  const [row] = rows;
  if (!row || new Set(rows.map((one) => one.person_id)).size > 1) return undefined;
  const standIn = await standInFor(tx, row.person_id, undefined);
  if (standIn?.actor.state !== "active" || standIn.actor.role === undefined) return undefined;
  return { personId: row.person_id, contactId: row.id, language: standIn.language, timeZone: standIn.timeZone };
}

async function isWelcome(tx: Tx, at: UnixMs, line: LineRow, number: string, isKnown: boolean): Promise<boolean> {
  const since = at - within;
  const { rows } = await sql<{ live: number; of_caller: number; unknown: number }>`select
      (select count(*) from calls_call c where c.line_id = ${line.id} and c.state in ('claimed', 'dialing', 'ringing', 'talking')) as live,
      (select count(*) from calls_call c where c.kind = 'incoming' and c.number = ${number} and c.asked_at > ${since}) as of_caller,
      (select count(*) from calls_call c where c.kind = 'incoming' and c.line_id = ${line.id} and c.person_id is null and c.asked_at > ${since}) as unknown`.execute(
    tx,
  );
  const [count] = rows;
  if (!count || count.live >= line.capacity || count.of_caller >= mostPerCaller) return false;
  return isKnown || count.unknown < mostUnknown;
}

async function noteIncoming(
  calls: CallsContext,
  tx: Tx,
  at: UnixMs,
  line: LineRow,
  { id, number, caller, leaseFor }: Answering & { readonly number: string; readonly caller: Caller | undefined },
): Promise<{ readonly longest: Millis; readonly language: "en" | "ja" }> {
  const who = { ...nobody, ...caller };
  const longest = caller ? longestCall : longestRefusal;
  const language = await languageOf(tx, who);
  await insertCall(tx, {
    id,
    kind: "incoming",
    person_id: who.personId,
    contact_id: who.contactId,
    number,
    language,
    time_zone: who.timeZone,
    line_id: line.id,
    state: "ringing",
    severity: "information",
    rank: 0,
    ring_ms: standardRing,
    longest_ms: longest,
    asked_at: at,
    due_at: at,
    leased_until: addTime(await leaseNow(calls, tx), leaseFor),
  });
  // What nobody has, the worst first; what else there is they find in the console.
  if (caller)
    await sql`insert into calls_topic (call_id, incident_id, asked_at)
      select ${id}, i.id, ${at} from incidents_incident i where i.organisation_id = hinoban_organisation() and i.state = 'open'
      order by array_position(array['critical', 'error', 'warning', 'information'], i.severity), i.opened_at limit ${mostTold}`.execute(tx);
  await note(
    calls,
    tx,
    at,
    { id, kind: "incoming", person_id: caller?.personId ?? null },
    { kind: "received", verb: "call.received", detail: { line: line.id } },
  );
  return { longest: millis(longest), language };
}

/** Whom we do not know we answer as most who call will understand. */
const nobody = { personId: null, contactId: null, language: "ja", timeZone: "Asia/Tokyo" } as const;

async function languageOf(
  tx: Tx,
  { personId, language }: { readonly personId: string | null; readonly language: "en" | "ja" },
): Promise<"en" | "ja"> {
  if (personId === null) return language;
  const row = await tx.selectFrom("calls_person").select("language").where("person_id", "=", personId).executeTakeFirst();
  return row?.language ?? language;
}
