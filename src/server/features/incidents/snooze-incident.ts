import { days, type UnixMs } from "#base/duration";
import { invalidInput } from "#base/errors";
import type { Actor } from "#http";
import { actOn, demandUnresolved, noteText, type ActOn } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";

const longest = days(30);

export interface SnoozeIncident extends ActOn {
  /** At most 30 days ahead. */
  readonly until: UnixMs;
  readonly note?: string | undefined;
}

/**
 * Nobody is to be disturbed about the incident until then; it gets worse, somebody takes it or passes it on, or it ends: over at once.
 * @throws "forbidden", "not-found", "invalid-input", "conflict" when it is over
 */
export function snoozeIncident(incidents: IncidentsContext, actor: Actor, { until, note, ...on }: SnoozeIncident): Promise<IncidentFacts> {
  return actOn(incidents, actor, on, (work, row) => {
    demandUnresolved(row);
    if (until <= work.at) throw invalidInput([{ field: "until", problem: "must lie in the future" }]);
    if (until > work.at + longest) throw invalidInput([{ field: "until", problem: "must lie at most 30 days ahead" }]);
    work.record({ verb: "incident.snoozed", object: `incident:${row.id}`, detail: { until, via: on.via }, texts: noteText(note) });
    work.note(row.id, { kind: "snoozed", text: note, detail: { until } });
    work.incidentChanged(row.id, "snoozed");
    return { ...row, snoozed_until: until };
  });
}
