import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import { actOn, noteText, type ActOn } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { membersOf } from "./people.ts";
import { reopened } from "./states.ts";

export interface ReopenIncident extends ActOn {
  readonly note?: string | undefined;
}

/**
 * Somebody says that it is not over. It comes back to whom had it last; when they no longer may have it, or nobody had it, nobody has it.
 * One that is not over stays as it is.
 * @throws "forbidden", "not-found", "conflict" for one that another took over
 */
export function reopenIncident(incidents: IncidentsContext, actor: Actor, { note, ...on }: ReopenIncident): Promise<IncidentFacts> {
  return actOn(incidents, actor, on, async (work, row) => {
    if (row.state !== "resolved") return row;
    if (row.merged_into !== null)
      throw new HinobanError("conflict", "Another incident took this one over. Reopen that one.", {
        id: row.id,
        mergedInto: row.merged_into,
      });
    const last = row.last_responder_id;
    const isThere = last !== null && (await membersOf(work.tx, [last])).get(last)?.mayAct === true;
    const responderId = isThere ? last : undefined;
    const detail = { cause: "by-hand", via: on.via, ...(responderId === undefined ? {} : { person: responderId }) };
    work.record({ verb: "incident.reopened", object: `incident:${row.id}`, detail, texts: noteText(note) });
    work.note(row.id, { kind: "reopened", personId: responderId, text: note, detail: { cause: "by-hand" } });
    work.incidentChanged(row.id, "reopened", { personId: responderId });
    return reopened(row, work.at, { responderId, severity: row.severity, via: on.via });
  });
}
