import type { UnixMs } from "#base/duration";
import { record } from "#features/ledger";
import { publish, type Tx } from "#store";
import type { Verb } from "#wire/verbs";
import { actor, callsTopic, type CallsContext } from "./context.ts";
import { addEvent, type CallRow, type NewEvent } from "./store.ts";

/** Something that happened in a call. */
export interface Note extends NewEvent {
  /** Absent: the history does not have it, only the call's own timeline. */
  readonly verb?: Extract<Verb, `call.${string}`>;
  /** The incidents in whose timelines it stands too. */
  readonly incidentIds?: readonly string[];
  /** The person did it. */
  readonly isTheirs?: boolean;
}

/** Writes down what happened in a call: in its own timeline, in those of its incidents, and in the ledger. */
export async function note(
  { incidents }: Pick<CallsContext, "incidents">,
  tx: Tx,
  at: UnixMs,
  call: Pick<CallRow, "id" | "person_id" | "kind">,
  { verb, incidentIds = [], isTheirs = false, ...event }: Note,
): Promise<void> {
  await addEvent(tx, at, call.id, event);
  const by = isTheirs && call.person_id !== null ? `person:${call.person_id}` : actor;
  for (const incidentId of incidentIds) {
    await incidents.addToTimeline(tx, at, incidentId, {
      kind: "call",
      by,
      via: "phone",
      personId: call.person_id ?? undefined,
      detail: { what: event.kind, call: call.id, ...event.detail },
    });
  }
  if (verb) {
    await record(tx, {
      at,
      actor: by,
      verb,
      object: `call:${call.id}`,
      outcome: "done",
      detail: {
        kind: call.kind,
        ...(call.person_id === null ? {} : { person: call.person_id }),
        ...(incidentIds.length === 0 ? {} : { incidents: [...incidentIds] }),
        ...event.detail,
      },
    });
  }
  await publish(tx, callsTopic);
}
