import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { actorId, scopeOf, type Actor } from "#http";
import { repeated, type Tx } from "#store";
import { demandUnresolved, factsNow, type ActOn } from "./act.ts";
import { placedAlerts, type PlacedAlert } from "./alert-rows.ts";
import { noIncident, takeNumbers, insertIncidents, worseOf, type IncidentRow } from "./incident-rows.ts";
import type { IncidentsContext } from "./context.ts";
import { moveAlerts } from "./merge-stages.ts";
import type { IncidentFacts } from "./model.ts";
import { lockGrouping } from "./grouping-lock.ts";
import { readGrouping } from "./settings.ts";
import { newIncident, Stages, tellOpened } from "./stages.ts";
import { handed } from "./states.ts";
import { Work } from "./work.ts";

export interface SplitIncident extends ActOn {
  /** Alerts of it, at least one of them open, not all of them. */
  readonly alertIds: readonly string[];
}

export interface Split {
  readonly incident: IncidentFacts;
  readonly original: IncidentFacts;
}

/**
 * Moves alerts into an incident of their own. Whoever has the original has the new one too: nobody is woken by somebody's tidying up.
 * @throws "forbidden", "not-found", "invalid-input" for alerts that are not in it, "conflict" when it is over or nothing would remain
 */
export function splitIncident(incidents: IncidentsContext, actor: Actor, { incidentId, via, alertIds }: SplitIncident): Promise<Split> {
  return repeated(incidents.db).tx(scopeOf(actor), async (tx) => {
    const at = incidents.clock.now();
    demand(actor, "incident.act", `incident:${incidentId}`, at);
    await lockGrouping(tx);
    const work = new Work({ tx, at, by: actorId(actor), via });
    const stages = new Stages(work);
    await stages.lock([incidentId]);
    const original = stages.get(incidentId)?.row;
    if (!original) throw noIncident(incidentId);
    demandUnresolved(original);
    const moved = await demandAlerts(tx, original, alertIds);
    const incident = await openFrom(work, original, moved);
    await moveAlerts(tx, { from: original.id, into: incident.id, at, why: "split", alertIds });
    work.record({ verb: "incident.split", object: `incident:${original.id}`, detail: { alerts: alertIds.length, into: incident.id, via } });
    work.note(original.id, { kind: "split", detail: { into: incident.id, number: incident.number, count: alertIds.length } });
    await stages.settle(await readGrouping(tx));
    await work.finish(incidents.listeners);
    return { incident: await factsNow(tx, incident.id), original: await factsNow(tx, original.id) };
  });
}

async function demandAlerts(tx: Tx, original: IncidentRow, ids: readonly string[]): Promise<PlacedAlert[]> {
  const present = await placedAlerts(tx).where("m.incident_id", "=", original.id).orderBy("a.seq").execute();
  const wanted = new Set(ids);
  const moved = present.filter((alert) => wanted.has(alert.id));
  if (moved.length < wanted.size) {
    const known = new Set(moved.map((alert) => alert.id));
    throw invalidInput(
      [...wanted].filter((id) => !known.has(id)).map((id) => ({ field: "alerts", problem: `${id} is not in this incident` })),
    );
  }
  if (!moved.some((alert) => alert.closed_at === null)) throw invalidInput([{ field: "alerts", problem: "at least one must be open" }]);
  const remains = present.some((alert) => !wanted.has(alert.id) && alert.closed_at === null);
  if (!remains && !original.is_manual)
    throw new HinobanError("conflict", "No open alert would remain in the incident. Rename it instead.", { id: original.id });
  return moved;
}

async function openFrom(work: Work, original: IncidentRow, moved: readonly PlacedAlert[]): Promise<IncidentRow> {
  const open = moved.filter((alert) => alert.closed_at === null);
  const severity = open.map((alert) => alert.severity).reduce(worseOf, "information");
  const number = await takeNumbers(work.tx, 1);
  const fresh = newIncident({ id: newId(), title: open[0]?.name ?? original.title, severity }, number, work);
  const responderId = original.responder_id ?? undefined;
  const row = responderId === undefined ? fresh : handed(fresh, responderId, work.at, work.via);
  await insertIncidents(work.tx, [row]);
  tellOpened(work, row, "split");
  if (responderId !== undefined) {
    work.note(row.id, { kind: "taken", personId: responderId });
    work.incidentChanged(row.id, "taken", { personId: responderId });
  }
  return row;
}
