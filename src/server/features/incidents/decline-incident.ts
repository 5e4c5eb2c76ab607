import type { Actor } from "#http";
import { actOn, concerned, demandUnresolved, noteText, type ActOn } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { handed } from "./states.ts";

export interface DeclineIncident extends ActOn {
  readonly note?: string | undefined;
}

/**
 * Somebody who was asked cannot take it: the next one is to be asked at once. Said by the one who has it, it is given back by that.
 * @throws "forbidden", "not-found", "invalid-input", "conflict" when it is over
 */
export function declineIncident(
  incidents: IncidentsContext,
  actor: Actor,
  { personId, note, ...on }: DeclineIncident,
): Promise<IncidentFacts> {
  return actOn(incidents, actor, { ...on, personId }, async (work, row) => {
    demandUnresolved(row);
    const person = await concerned(work.tx, actor, personId);
    const isResponder = row.responder_id === person;
    work.record({ verb: "incident.declined", object: `incident:${row.id}`, detail: { person, via: on.via }, texts: noteText(note) });
    work.note(row.id, { kind: "declined", personId: person, text: note, detail: isResponder ? { from: person } : {} });
    work.incidentChanged(row.id, "declined", { personId: person, fromPersonId: isResponder ? person : undefined });
    return isResponder ? handed(row, undefined, work.at, on.via) : row;
  });
}
