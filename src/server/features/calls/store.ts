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
