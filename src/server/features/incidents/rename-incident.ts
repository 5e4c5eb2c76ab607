import { invalidInput } from "#base/errors";
import type { Actor } from "#http";
import { actOn, mostOfText, type ActOn } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";

export interface RenameIncident extends ActOn {
  /** 1 to 200 characters. */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
}

/** Changes what people read about an incident. @throws "forbidden", "not-found", "invalid-input" */
export function renameIncident(
  incidents: IncidentsContext,
  actor: Actor,
  { title, description, ...on }: RenameIncident,
): Promise<IncidentFacts> {
  return actOn(incidents, actor, on, (work, row) => {
    const next = { title: title?.trim() ?? row.title, description: description ?? row.description };
    if (next.title === "" || next.title.length > 200) throw invalidInput([{ field: "title", problem: "must be 1 to 200 characters" }]);
    if (next.description.length > mostOfText)
      throw invalidInput([{ field: "description", problem: `must be at most ${mostOfText} characters` }]);
    const fields = (["title", "description"] as const).filter((field) => next[field] !== row[field]);
    if (fields.length === 0) return row;
    work.record({ verb: "incident.changed", object: `incident:${row.id}`, detail: { fields, via: on.via }, texts: { title: next.title } });
    work.note(row.id, { kind: "renamed", text: next.title, detail: { fields } });
    return { ...row, ...next };
  });
}
