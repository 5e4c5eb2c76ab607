import { sql } from "kysely";
import { addTime, seconds, unixMs, type UnixMs } from "#base/duration";
import { publish, repeated, type Tx } from "#store";
import type { CallCause, CallEnd } from "#ports/phone/port";
import { callsTopic, type CallsContext } from "./context.ts";
import { noteLineFailure, noteLineWorks } from "./line-health.ts";
import { countCall } from "./lines-usage.ts";
import { note } from "./notes.ts";
import { queueCall, type NewCall } from "./place.ts";
import { closeTopic, type Settlement } from "./settle.ts";
import {
  furtherOf,
  isHere,
  isLive,
  lockCall,
  settingsOf,
  topicsOf,
  triedLines,
  updateCall,
  type CallRow,
  type LineRow,
  type TopicRow,
} from "./store.ts";
import { holdIncidents, standingOf } from "./world.ts";

/** `lost`: its process ended, and nobody knows how it went on. */
type EndCause = CallCause | "lost";

/** How often a person is called again because a process ended. */
const mostRecoveries = 1;
/** Stands among the lines that were tried: all were, and the same are tried once more. */
export const onceMore = "again";
const longestWaitForLine = seconds(15);

/**
 * Notes the end of a call, and what follows from it: the next number, another line, the next person. Anything after the first end is nothing.
 * @param claim by which whoever tells it took the call on; absent: whoever has it
 */
export function endCall(
  calls: CallsContext,
  organisationId: string,
  callId: string,
  end: Omit<CallEnd, "cause"> & { readonly cause: EndCause },
  claim?: number,
): Promise<void> {
  return repeated(calls.db).tx({ organisationId }, async (tx) => {
    const at = calls.clock.now();
    await holdIncidents(tx, callId);
    const call = await lockCall(tx, callId);
    if (!call || !isLive(call) || (await isOfAnother(tx, call, claim))) return;
    const line = await lineOf(tx, call);
    const talked = talkedFor(call, end, at);
    const over: CallRow = { ...call, state: "over", cause: causeOf(call, end.cause), ended_at: at, problem: end.problem ?? call.problem };
    await updateCall(tx, callId, {
      state: "over",
      cause: over.cause,
      ended_at: at,
      talked_ms: Math.round(talked),
      problem: over.problem?.slice(0, 1000) ?? null,
      sip_code: end.sipCode ?? null,
      recover_at: null,
      ...(line ? await counted(tx, at, line, call, talked) : undefined),
    });
    const retryAt = line ? await noteLine(tx, at, line, over, end) : undefined;
    await noteEnded(calls, tx, at, over, talked);
    // What was pressed is done first; it closes the call.
    if (call.pending === null) await closeCall(calls, tx, at, over, retryAt);
  });
}

/** Whoever took it on before and came too late to dial ended nothing. */
const isOfAnother = async (tx: Tx, call: CallRow, claim: number | undefined): Promise<boolean> =>
  claim !== undefined && (call.claims !== claim || (call.saved === null && !(await isHere(tx, call))));

const lineOf = async (tx: Tx, { line_id: id }: CallRow): Promise<LineRow | undefined> =>
  id === null ? undefined : tx.selectFrom("calls_line").selectAll().where("id", "=", id).executeTakeFirst();

/** Where nobody measured it: until now, but never beyond the time after which the call was to be ended. An outage is not talked through. */
function talkedFor({ answered_at: answeredAt, longest_ms: longest }: CallRow, { talked }: { readonly talked: number }, at: UnixMs): number {
  if (answeredAt === null) return 0;
  return talked > 0 ? talked : Math.min(Math.max(0, at - answeredAt), longest);
}

/** Whoever hangs up on our wish, or finds the call unwanted while it is set up, did nothing wrong. */
function causeOf(call: CallRow, cause: EndCause): EndCause {
  if (call.unwanted === null || call.answered_at !== null) return cause;
  return cause === "line-failed" || cause === "finished" || cause === "lost" ? "cancelled" : cause;
}

async function counted(
  tx: Tx,
  at: UnixMs,
  line: LineRow,
  call: CallRow,
  talked: number,
): Promise<Partial<Pick<CallRow, "cost" | "currency">>> {
  if (call.kind === "incoming" || call.dialled_at === null) return {};
  return countCall(tx, { id: line.id, name: line.name, settings: settingsOf(line) }, { at, talked });
}

async function noteLine(
  tx: Tx,
  at: UnixMs,
  line: LineRow,
  { cause, answered_at: answeredAt, kind }: CallRow,
  end: Omit<CallEnd, "cause">,
): Promise<UnixMs | undefined> {
  if (cause === "line-failed" && answeredAt === null) return noteLineFailure(tx, at, line.id, { ...end, cause: "line-failed" });
  if (cause !== "cancelled" && cause !== "lost" && kind !== "incoming") await noteLineWorks(tx, line.id);
  return undefined;
}

async function noteEnded(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow, talked: number): Promise<void> {
  const topics = call.kind === "incident" ? await topicsOf(tx, call.id) : [];
  await note(calls, tx, at, call, {
    kind: "ended",
    verb: "call.ended",
    incidentIds: topics.filter(({ state }) => state !== "moved").map((topic) => topic.incident_id),
    detail: {
      cause: call.cause ?? "",
      seconds: Math.round(talked / 1000),
      ...(call.line_id === null ? {} : { line: call.line_id }),
      ...(call.result === null ? {} : { result: call.result }),
    },
  });
}

/** Takes back a call that nothing was dialled for. */
export async function dropCall(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow, problem: string | undefined): Promise<CallRow> {
  const over: CallRow = { ...call, state: "over", cause: "cancelled", ended_at: at, problem: problem ?? null };
  await updateCall(tx, call.id, { state: "over", cause: "cancelled", ended_at: at, problem: over.problem, recover_at: null });
  await noteEnded(calls, tx, at, over, 0);
  return over;
}

/** What follows from the end of a call: another in its place, or what is said to whoever asked for it. */
export async function closeCall(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow, retryAt?: UnixMs): Promise<void> {
  const open = await stillOpen(calls, tx, at, call);
  const mayFollow = call.kind !== "incoming" && call.unwanted === null && (call.kind !== "incident" || open.length > 0);
  const following = mayFollow ? await followingOf(tx, at, call, retryAt) : undefined;
  if (following) await follow(calls, tx, at, call, open, following);
  else {
    for (const topic of open) {
      const settlement = topic.delivery_id === null ? undefined : settlementOf(call);
      await closeTopic(calls, tx, at, topic, { state: unreached.has(call.cause ?? "") ? "unreached" : "unanswered", settlement });
    }
  }
  await tellEnd(calls, tx, at, call, following !== undefined);
  await publish(tx, callsTopic);
}

const unreached: ReadonlySet<string> = new Set([
  "busy",
  "declined",
  "no-answer",
  "wrong-number",
  "line-failed",
  "cancelled",
  "lost",
  "answered-late",
]);

/** Closes topics that need no answer any more, since somebody took care of them; gives the others. */
async function stillOpen(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow): Promise<TopicRow[]> {
  const left: TopicRow[] = [];
  for (const topic of await topicsOf(tx, call.id)) {
    if (topic.state !== "open") continue;
    const facts = await calls.incidents.factsOf(tx, topic.incident_id);
    const standing = facts ? await standingOf(calls, tx, facts, call) : ({ kind: "over" } as const);
    if (standing.kind === "open") left.push(topic);
    else {
      const state = standing.kind === "mine" ? "taken" : standing.kind === "others" ? "elsewhere" : "over";
      await closeTopic(calls, tx, at, topic, { state, settlement: { kind: "sent", note: "Nobody has to take it any more." } });
    }
  }
  return left;
}

type Following = Partial<Pick<NewCall, "number" | "contactId" | "further" | "dueAt">> & {
  readonly triedLines: readonly string[];
  readonly recoveries?: number;
};

/** The call that is made in place of one that came to nothing, for which the person has not been reached. */
async function followingOf(tx: Tx, at: UnixMs, call: CallRow, retryAt: UnixMs | undefined): Promise<Following | undefined> {
  const { cause } = call;
  const isCutOff = cause === "lost" || (cause === "line-failed" && call.answered_at !== null);
  if (isCutOff && call.result === null)
    return call.recoveries < mostRecoveries ? { triedLines: [], recoveries: call.recoveries + 1 } : undefined;
  if (cause === "line-failed" && call.answered_at === null) return otherLine(tx, at, call, retryAt);
  if (cause !== "busy" && cause !== "no-answer" && cause !== "wrong-number") return undefined;
  const [next, ...rest] = furtherOf(call);
  return next && { number: next.number, contactId: next.contactId, further: rest, triedLines: [] };
}

/** The same number over the next line; over the same once more, when there is no other and it is worth the waiting. */
async function otherLine(tx: Tx, at: UnixMs, call: CallRow, retryAt: UnixMs | undefined): Promise<Following | undefined> {
  const tried = [...triedLines(call), ...(call.line_id === null ? [] : [call.line_id])];
  const lines = await tx.selectFrom("calls_line").selectAll().where("is_on", "=", true).where("deleted_at", "is", null).execute();
  const usable = lines.filter((line) => (call.wanted_line_id ?? line.id) === line.id);
  if (usable.some((line) => !tried.includes(line.id) && line.state !== "failed")) return { triedLines: tried };
  const again = retryAt ?? addTime(at, seconds(5));
  const isWorthIt = usable.length > 0 && !tried.includes(onceMore) && again <= at + longestWaitForLine;
  return isWorthIt ? { triedLines: [onceMore], dueAt: again } : undefined;
}

async function follow(
  calls: CallsContext,
  tx: Tx,
  at: UnixMs,
  call: CallRow,
  topics: readonly TopicRow[],
  { triedLines: tried, recoveries = call.recoveries, ...more }: Following,
): Promise<void> {
  const queued = await queuedOf(tx, call);
  const incidentIds = topics.map((topic) => topic.incident_id);
  const id =
    queued ??
    (await queueCall(calls, tx, at, call.organisation_id, {
      kind: call.kind,
      personId: call.person_id ?? "",
      contactId: call.contact_id ?? "",
      number: call.number,
      further: furtherOf(call),
      language: call.language,
      timeZone: call.time_zone,
      severity: call.severity,
      ringFor: undefined,
      lineId: call.wanted_line_id ?? undefined,
      code: call.content === null ? undefined : calls.contentSeal.open(call.content, call.id).reveal(),
      ...more,
      instead: { id: call.id, asked_at: call.asked_at, recoveries, triedLines: tried },
    }));
  if (!queued) await updateCall(tx, id, { ring_ms: call.ring_ms });
  await sql`update calls_topic set state = 'moved' where call_id = ${call.id} and incident_id = any(${incidentIds}::text[])`.execute(tx);
  await sql`insert into calls_topic (call_id, incident_id, delivery_id, asked_at)
    select ${id}, t.incident_id, t.delivery_id, t.asked_at from calls_topic t where t.call_id = ${call.id} and t.incident_id = any(${incidentIds}::text[])
    on conflict (call_id, incident_id) do nothing`.execute(tx);
  await settleDoubles(calls, tx, at, call.id, id);
  await note(calls, tx, at, { ...call, id }, { kind: "asked", verb: "call.asked", incidentIds, detail: { instead: call.id } });
}

/** What the other call tells already, because of another notification, is told by that. */
async function settleDoubles(calls: CallsContext, tx: Tx, at: UnixMs, from: string, to: string): Promise<void> {
  const there = new Set((await topicsOf(tx, to)).map((topic) => topic.delivery_id));
  for (const topic of await topicsOf(tx, from)) {
    if (topic.state !== "moved" || topic.delivery_id === null || there.has(topic.delivery_id)) continue;
    await closeTopic(calls, tx, at, topic, { state: "moved", settlement: { kind: "sent", note: "They are called about it already." } });
  }
}

async function queuedOf(tx: Tx, call: CallRow): Promise<string | undefined> {
  if (call.kind !== "incident" || call.person_id === null) return undefined;
  const row = await tx
    .selectFrom("calls_call")
    .select("id")
    .where("person_id", "=", call.person_id)
    .where("kind", "=", "incident")
    .where("state", "=", "queued")
    .executeTakeFirst();
  return row?.id;
}

type Told = readonly [text: string, blame: "address" | "server" | "message", goesOn: boolean];

const pressedNothing: Told = ["Somebody or something answered, and pressed no key.", "message", true];
const toldAbout: ReadonlyMap<string, Told> = new Map<string, Told>([
  ["busy", ["The number was busy, or the call was refused.", "message", true]],
  ["declined", ["The call was refused.", "message", true]],
  ["no-answer", ["Nobody answered.", "message", true]],
  ["answered-late", ["Nobody answered.", "message", true]],
  ["wrong-number", ["The number is wrong.", "address", false]],
  ["line-failed", ["The telephone line does not work.", "server", false]],
  ["lost", ["The server ended during the call; nobody knows whether it was heard.", "server", true]],
  ["cancelled", ["The call was not made.", "server", false]],
]);

/** What whoever asked for the call is told. */
function settlementOf({ cause, problem, unwanted }: CallRow): Settlement {
  const failed = (text: string, blame: "address" | "server" | "message", goesOn: boolean): Settlement => ({
    kind: "failed",
    problem: problem === null ? text : `${text} ${problem}`,
    blame,
    goesOn,
  });
  if (unwanted === "ended") return failed("The call was ended by hand.", "message", true);
  return failed(...(toldAbout.get(cause ?? "") ?? pressedNothing));
}

async function tellEnd(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow, goesOn: boolean): Promise<void> {
  for (const extension of calls.extensions) {
    await extension.callEnded?.(tx, at, {
      id: call.id,
      kind: call.kind,
      personId: call.person_id ?? undefined,
      contactId: call.contact_id ?? undefined,
      lineId: call.line_id ?? undefined,
      cause: endCause(call),
      result: (await resultOf(tx, call.id)) ?? undefined,
      problem: call.problem ?? undefined,
      goesOn,
    });
  }
}

const endCause = ({ cause }: CallRow): EndCause => (cause ?? "lost") as EndCause; // written by endCall and dropCall alone

const resultOf = async (tx: Tx, id: string): Promise<string | null> =>
  (await tx.selectFrom("calls_call").select("result").where("id", "=", id).executeTakeFirst())?.result ?? null;

export const deadlineOf = ({
  dialled_at: dialledAt,
  answered_at: answeredAt,
  asked_at: askedAt,
  ring_ms: ring,
  longest_ms: longest,
}: CallRow): UnixMs => unixMs(answeredAt === null ? (dialledAt ?? askedAt) + ring : answeredAt + longest);
