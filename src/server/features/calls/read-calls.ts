import { HinobanError } from "#base/errors";
import { maskedNumber } from "#base/phone-number";
import type { UnixMs } from "#base/duration";
import { isAllowed, standingOf } from "#features/identity";
import type { Actor } from "#http";
import type { Tx } from "#store";
import { callCauses, type Call, type CallEvent, type CallState, type listCalls } from "#wire/calls";
import type { QueryOf, ResponseOf } from "#wire/contract";
import { recordedAmong } from "./recordings.ts";
import type { CallRow } from "./store.ts";

const pageLength = 50;

/** Whose numbers are shown in full. */
interface Onlooker {
  readonly personId: string | undefined;
  readonly seesNumbers: boolean;
}

/** Telephone numbers are personal: managers and the person see them, others the last digits. */
const onlookerOf = (actor: Actor, at: UnixMs): Onlooker => ({
  personId: actor.kind === "person" ? actor.personId : undefined,
  seesNumbers: isAllowed(actor, "line.change", at),
});

/** Calls, newest first. */
export async function readCalls(tx: Tx, at: UnixMs, actor: Actor, query: QueryOf<typeof listCalls>): Promise<ResponseOf<typeof listCalls>> {
  const limit = query.limit ?? pageLength;
  let select = tx.selectFrom("calls_call").selectAll();
  if (query.kind !== undefined) select = select.where("kind", "=", query.kind);
  if (query.person !== undefined) select = select.where("person_id", "=", query.person);
  if (query.line !== undefined) select = select.where("line_id", "=", query.line);
  if (query.from !== undefined) select = select.where("asked_at", ">=", query.from);
  if (query.until !== undefined) select = select.where("asked_at", "<", query.until);
  if (query.state !== undefined) select = select.where("state", "in", statesOf(query.state));
  if (query.before !== undefined) select = select.where("seq", "<", seqOf(query.before));
  const { incident } = query;
  if (incident !== undefined) {
    select = select.where("id", "in", (of) => of.selectFrom("calls_topic").select("call_id").where("incident_id", "=", incident));
  }
  const rows = await select
    .orderBy("seq", "desc")
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    calls: await presentedCalls(tx, onlookerOf(actor, at), shown),
    ...(rows.length > limit && last ? { next: String(last.seq) } : {}),
  };
}

type StoredState = CallRow["state"];

function statesOf(state: CallState | "open"): StoredState[] {
  if (state === "open") return ["queued", "claimed", "dialing", "ringing", "talking"];
  return state === "queued" ? ["queued", "claimed"] : [state];
}

/** @throws "invalid-input" */
function seqOf(text: string): number {
  if (/^\d{1,15}$/u.test(text)) return Number(text);
  throw new HinobanError("invalid-input", "before: is the `next` of a page", {
    fields: [{ field: "before", problem: "is the `next` of a page" }],
  });
}

/** One call with its timeline. @throws "not-found" */
export async function readCall(tx: Tx, at: UnixMs, actor: Actor, id: string): Promise<{ call: Call; events: CallEvent[] }> {
  const row = await tx.selectFrom("calls_call").selectAll().where("id", "=", id).executeTakeFirst();
  const [call] = row ? await presentedCalls(tx, onlookerOf(actor, at), [row]) : [];
  if (!call) throw new HinobanError("not-found", `There is no call ${id}.`, { id });
  const events = await tx.selectFrom("calls_event").selectAll().where("call_id", "=", id).orderBy("seq").limit(1000).execute();
  return {
    call,
    events: events.map((event) => ({
      at: event.at,
      kind: event.kind,
      ...(event.said === null ? {} : { said: JSON.parse(event.said) as string[] }), // written by `addEvent` in this shape
      detail: JSON.parse(event.detail) as CallEvent["detail"], // the same
    })),
  };
}

async function presentedCalls(tx: Tx, onlooker: Onlooker, rows: readonly CallRow[]): Promise<Call[]> {
  if (rows.length === 0) return [];
  const people = await standingOf(tx, [...new Set(rows.flatMap(({ person_id: id }) => (id === null ? [] : [id])))]);
  const lines = await lineNames(tx);
  const incidents = await incidentsOf(
    tx,
    rows.map(({ id }) => id),
  );
  const recorded = await recordedAmong(
    tx,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    state: row.state === "claimed" ? "queued" : row.state,
    ...present("personId", row.person_id),
    ...present("personName", row.person_id === null ? null : (people.get(row.person_id)?.name ?? null)),
    number: onlooker.seesNumbers || (row.person_id !== null && row.person_id === onlooker.personId) ? row.number : maskedNumber(row.number),
    ...present("lineId", row.line_id),
    ...present("lineName", row.line_id === null ? null : (lines.get(row.line_id) ?? null)),
    incidentIds: incidents.get(row.id) ?? [],
    language: row.language,
    ...outcomeOf(row),
    askedAt: row.asked_at,
    ...present("dialledAt", row.dialled_at),
    ...present("rangAt", row.rang_at),
    ...present("answeredAt", row.answered_at),
    ...present("endedAt", row.ended_at),
    hasRecording: recorded.has(row.id),
  }));
}

const present = <K extends string, V>(key: K, value: V | null): { readonly [key in K]?: V } =>
  (value === null ? {} : { [key]: value }) as { readonly [key in K]?: V }; // one key of that name, or none

function outcomeOf(row: CallRow): Partial<Call> {
  const cause = callCauses.find((one) => one === row.cause);
  return {
    ...(cause === undefined ? {} : { cause }),
    ...present("result", row.result),
    ...present("problem", row.problem),
    ...(row.pressed === "" ? {} : { pressed: row.pressed }),
    ...(row.talked_ms === null ? {} : { seconds: Math.round(row.talked_ms / 1000) }),
    ...present("cost", row.cost),
    ...present("currency", row.currency === "" ? null : row.currency),
  };
}

async function lineNames(tx: Tx): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.selectFrom("calls_line").select(["id", "name"]).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function incidentsOf(tx: Tx, callIds: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const rows = await tx
    .selectFrom("calls_topic")
    .select(["call_id", "incident_id"])
    .where("call_id", "in", callIds)
    .orderBy("asked_at")
    .execute();
  const of = new Map<string, string[]>();
  for (const row of rows) of.set(row.call_id, [...(of.get(row.call_id) ?? []), row.incident_id]);
  return of;
}
