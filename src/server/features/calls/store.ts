import { sql, type Selectable } from "kysely";
import type { UnixMs } from "#base/duration";
import type { Turn } from "#ports/phone/port";
import type { Tx } from "#store";
import type { LineSettings } from "#wire/line-settings";
import type { CallsCallTable, CallsLineTable, CallsTopicTable } from "./tables.ts";

export type CallRow = Selectable<CallsCallTable>;
export type LineRow = Selectable<CallsLineTable>;
export type TopicRow = Selectable<CallsTopicTable>;

/** States in which a call may be heard somewhere. */
export const liveStates = ["claimed", "dialing", "ringing", "talking"] as const;
export const isLive = ({ state }: Pick<CallRow, "state">): boolean => liveStates.some((one) => one === state);

/** A call that is about to be changed, locked until the transaction ends. */
export const lockCall = (tx: Tx, id: string): Promise<CallRow | undefined> =>
  tx.selectFrom("calls_call").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();

/** Whether this process looks after a call. */
export async function isHere(tx: Tx, { leased_by: device }: Pick<CallRow, "leased_by">): Promise<boolean> {
  const { rows } = await sql<{ is_here: boolean }>`select ${device}::text = current_setting('hinoban.device') as is_here`.execute(tx);
  return rows[0]?.is_here === true;
}

/** A call that this process took on by that claim, locked as by {@link lockCall}; undefined when it is somebody else's now. */
export async function lockClaimed(tx: Tx, id: string, claim: number): Promise<CallRow | undefined> {
  const call = await lockCall(tx, id);
  return call?.claims === claim && (await isHere(tx, call)) ? call : undefined;
}

/** What is told in a call, in the order in which it was asked for. */
export const topicsOf = (tx: Tx, callId: string): Promise<TopicRow[]> =>
  tx.selectFrom("calls_topic").selectAll().where("call_id", "=", callId).orderBy("asked_at").orderBy("incident_id").execute();

export const settingsOf = ({ settings }: Pick<LineRow, "settings">): LineSettings => JSON.parse(settings) as LineSettings; // checked when it was written

/** Lines that could not place a call. */
export const triedLines = ({ tried_lines: tried }: CallRow): string[] => JSON.parse(tried) as string[]; // written by this feature

/** A number to be tried after another. */
export interface FurtherNumber {
  readonly contactId: string;
  readonly number: string;
}

export const furtherOf = ({ further }: CallRow): FurtherNumber[] => JSON.parse(further) as FurtherNumber[]; // written by this feature

export const lastTurnOf = ({ last_turn: turn }: CallRow): Turn | undefined => (turn === null ? undefined : (JSON.parse(turn) as Turn)); // written by this feature

export interface NewEvent {
  readonly kind: string;
  readonly said?: readonly string[];
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Adds a line to a call's own timeline. */
export async function addEvent(tx: Tx, at: UnixMs, callId: string, { kind, said, detail }: NewEvent): Promise<void> {
  await sql`insert into calls_event (call_id, at, kind, said, detail)
    values (${callId}, ${at}, ${kind}, ${said ? JSON.stringify(said) : null}, ${JSON.stringify(detail ?? {})})`.execute(tx);
}

/** A call that is new, as far as it is known at its beginning. */
type NewCallRow = Pick<
  CallRow,
  "id" | "kind" | "number" | "language" | "time_zone" | "state" | "severity" | "rank" | "ring_ms" | "longest_ms" | "asked_at" | "due_at"
> &
  Partial<
    Pick<
      CallRow,
      "person_id" | "contact_id" | "further" | "wanted_line_id" | "line_id" | "tried_lines" | "take_key" | "content" | "recoveries"
    >
  > & {
    /** It came in by a line that is open on this device. */
    readonly leased_until?: number;
  };

export async function insertCall(tx: Tx, row: NewCallRow): Promise<void> {
  await sql`insert into calls_call (id, kind, person_id, contact_id, number, further, language, time_zone, wanted_line_id, line_id, tried_lines,
      state, severity, rank, ring_ms, longest_ms, take_key, content, asked_at, due_at, recoveries, leased_by, leased_until)
    values (${row.id}, ${row.kind}, ${row.person_id ?? null}, ${row.contact_id ?? null}, ${row.number}, ${row.further ?? "[]"}, ${row.language},
      ${row.time_zone}, ${row.wanted_line_id ?? null}, ${row.line_id ?? null}, ${row.tried_lines ?? "[]"}, ${row.state}, ${row.severity}, ${row.rank},
      ${row.ring_ms}, ${row.longest_ms}, ${row.take_key ?? null}, ${row.content ?? null}, ${row.asked_at}, ${row.due_at}, ${row.recoveries ?? 0},
      case when ${row.leased_until ?? null}::bigint is null then null else current_setting('hinoban.device') end, ${row.leased_until ?? 0})`.execute(
    tx,
  );
}

/** Writes columns of a call that this transaction has locked. */
export async function updateCall(
  tx: Tx,
  id: string,
  change: Partial<Omit<CallRow, "seq" | "id" | "organisation_id" | "content">>,
): Promise<void> {
  const columns = Object.entries(change);
  if (columns.length === 0) return;
  const set = sql.join(columns.map(([name, value]) => sql`${sql.ref(name)} = ${value}`));
  await sql`update calls_call set ${set} where id = ${id}`.execute(tx);
}
