import type { Actor } from "#http";
import { actOn, type ActOn } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { tellWoken } from "./wake.ts";

/** Ends a snooze at once; one that is not snoozed stays as it is. @throws "forbidden", "not-found" */
export function wakeIncident(incidents: IncidentsContext, actor: Actor, on: ActOn): Promise<IncidentFacts> {
  return actOn(incidents, actor, on, (work, row) => {
    if (row.snoozed_until === null) return row;
    tellWoken(work, row.id);
    return { ...row, snoozed_until: null };
  });
}
