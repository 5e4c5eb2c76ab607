import { invalidInput } from "#base/errors";
import type { Actor } from "#http";
import { actOn, mostOfText, type ActOn } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";

export interface CommentIncident extends ActOn {
  /** 1 to 10,000 characters. */
  readonly text: string;
}

/** Writes a comment into the timeline, whatever the state. @throws "forbidden", "not-found", "invalid-input" */
export function commentIncident(incidents: IncidentsContext, actor: Actor, { text, ...on }: CommentIncident): Promise<IncidentFacts> {
  return actOn(incidents, actor, on, (work, row) => {
    const trimmed = text.trim();
    if (trimmed === "" || trimmed.length > mostOfText)
      throw invalidInput([{ field: "text", problem: `must be 1 to ${mostOfText} characters` }]);
    work.record({ verb: "incident.commented", object: `incident:${row.id}`, detail: { via: on.via }, texts: { text: trimmed } });
    work.note(row.id, { kind: "commented", text: trimmed });
    work.incidentChanged(row.id, "commented");
    return row;
  });
}
