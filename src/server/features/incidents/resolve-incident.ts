import type { Actor } from "#http";
import { actOn, noteText, type ActOn } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { resolved } from "./states.ts";

export interface ResolveIncident extends ActOn {
  readonly note?: string | undefined;
}

/**
 * Somebody says that it is over. Alerts of it that are still open stay open: the incident stays resolved until one of them gets worse, or
 * comes back within the time of flapping. One that is over already stays as it is.
 * @throws "forbidden", "not-found"
 */
export function resolveIncident(incidents: IncidentsContext, actor: Actor, { note, ...on }: ResolveIncident): Promise<IncidentFacts> {
  return actOn(incidents, actor, on, (work, row) => {
    if (row.state === "resolved") return row;
    const from = row.responder_id ?? undefined;
    const detail = { cause: "by-hand", via: on.via, ...(from === undefined ? {} : { from }) };
    work.record({ verb: "incident.resolved", object: `incident:${row.id}`, detail, texts: noteText(note) });
    work.note(row.id, { kind: "resolved", text: note, detail: { cause: "by-hand" } });
    work.incidentChanged(row.id, "resolved", { fromPersonId: from });
    return resolved(row, work.at, work.by);
  });
}
