import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import { actOn, demandUnresolved, noteText, type ActOn } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { handed } from "./states.ts";

export interface ReleaseIncident extends ActOn {
  readonly note?: string | undefined;
}

/** The incident is given back: nobody has it afterwards. @throws "forbidden", "not-found", "conflict" when nobody has it */
export function releaseIncident(incidents: IncidentsContext, actor: Actor, { note, ...on }: ReleaseIncident): Promise<IncidentFacts> {
  return actOn(incidents, actor, on, (work, row) => {
    demandUnresolved(row);
    const from = row.responder_id;
    if (from === null) throw new HinobanError("conflict", "Nobody has this incident.", { id: row.id });
    work.record({ verb: "incident.released", object: `incident:${row.id}`, detail: { from, via: on.via }, texts: noteText(note) });
    work.note(row.id, { kind: "released", personId: from, text: note });
    work.incidentChanged(row.id, "released", { fromPersonId: from });
    return handed(row, undefined, work.at, on.via);
  });
}
