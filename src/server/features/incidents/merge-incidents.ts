import { invalidInput } from "#base/errors";
import { demand } from "#features/identity";
import { actorId, scopeOf, type Actor } from "#http";
import { repeated } from "#store";
import { demandUnresolved, factsNow, type ActOn } from "./act.ts";
import { noIncident } from "./incident-rows.ts";
import type { IncidentsContext } from "./context.ts";
import { mergeStages } from "./merge-stages.ts";
import type { IncidentFacts } from "./model.ts";
import { lockGrouping } from "./grouping-lock.ts";
import { readGrouping } from "./settings.ts";
import { Stages } from "./stages.ts";
import { handed } from "./states.ts";
import { Work } from "./work.ts";

export interface MergeIncident extends ActOn {
  /** The incident that ends. */
  readonly otherId: string;
}

/**
 * Lets an incident take over the alerts of another, which ends by that. When nobody has it but somebody has the other, they have it now.
 * @throws "forbidden", "not-found", "invalid-input" for one and the same, "conflict" when one of them is over
 */
export function mergeIncident(
  incidents: IncidentsContext,
  actor: Actor,
  { incidentId, otherId, via }: MergeIncident,
): Promise<IncidentFacts> {
  return repeated(incidents.db).tx(scopeOf(actor), async (tx) => {
    const at = incidents.clock.now();
    demand(actor, "incident.act", `incident:${incidentId}`, at);
    if (otherId === incidentId) throw invalidInput([{ field: "other", problem: "must be another incident" }]);
    await lockGrouping(tx);
    const work = new Work({ tx, at, by: actorId(actor), via });
    const stages = new Stages(work);
    await stages.lock([incidentId, otherId]);
    const [target, other] = [stages.get(incidentId), stages.get(otherId)];
    if (!target) throw noIncident(incidentId);
    if (!other) throw noIncident(otherId);
    demandUnresolved(target.row);
    demandUnresolved(other.row);
    const responderId = target.row.responder_id ?? other.row.responder_id;
    await mergeStages(work, stages, otherId, incidentId);
    if (target.row.responder_id === null && responderId !== null) {
      target.row = handed(target.row, responderId, at, via);
      work.note(incidentId, { kind: "taken", personId: responderId });
      work.incidentChanged(incidentId, "taken", { personId: responderId });
    }
    target.hasJoined = true;
    target.isTouched = true;
    await stages.settle(await readGrouping(tx));
    await work.finish(incidents.listeners);
    return factsNow(tx, incidentId);
  });
}
