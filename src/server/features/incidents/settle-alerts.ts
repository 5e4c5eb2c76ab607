import { newId } from "#base/ids";
import { insertAlerts, insertLogs, placedAlerts, rowOf, updateAlerts, type PlacedAlert } from "./alert-rows.ts";
import { rootCause } from "./grouping.ts";
import { hostsDown } from "./grouping-context.ts";
import { insertMemberships, isWorse } from "./incident-rows.ts";
import { mergeStages } from "./merge-stages.ts";
import { decidePlaces, incidentsOpenedBy, markPlaced, type Places } from "./place-alerts.ts";
import type { Told, Touched } from "./touched.ts";
import { readGrouping } from "./settings.ts";
import { Stages } from "./stages.ts";
import { tellAlerts } from "./tell-alerts.ts";
import { readTopology } from "./topology.ts";
import type { Work } from "./work.ts";

/**
 * Writes alerts that open, change or close, and brings incidents in line with them: places those that have none, frees those whose cause
 * ended, resolves and reopens. Returns the incident of each placed alert. The grouping lock is held.
 */
export async function settleAlerts(work: Work, touched: readonly Touched[], told: Told): Promise<ReadonlyMap<string, string>> {
  const { tx } = work;
  const settings = await readGrouping(tx);
  const stages = new Stages(work);
  // Before anything is decided: what closed is down no longer. What opens is written once it is known whose consequence it is.
  await updateAlerts(
    tx,
    touched.flatMap(({ alert, before }) => (before ? rowOf(alert) : [])),
  );
  const freed = await freeConsequences(work, touched);
  await stages.lock([...touched, ...freed].flatMap(({ alert }) => alert.incident_id ?? []));
  markWorse(stages, touched);
  const loose = touched.flatMap(({ alert }) => (alert.incident_id === null && alert.closed_at === null && !alert.is_muted ? alert : []));
  const places = await decidePlaces(work, stages, loose, settings);
  const now = (alert: PlacedAlert): PlacedAlert => ({ ...alert, ...places.of(alert.id) });
  const changed = touched.map(({ alert, before }) => ({ alert: now(alert), before }));
  await write(work, stages, changed, places);
  for (const [from, into] of places.absorbed) await mergeStages(work, stages, from, into);
  tellAlerts(work, [...changed, ...freed], told);
  await stages.settle(settings);
  return new Map(
    loose.flatMap(({ id }) => {
      const incidentId = places.of(id)?.incident_id;
      return typeof incidentId === "string" ? [[id, incidentId] as const] : [];
    }),
  );
}

/** Writes new alerts, a log of each one, and the incidents that they open or join. */
async function write(work: Work, stages: Stages, changed: readonly Touched[], places: Places): Promise<void> {
  const { tx, at } = work;
  await insertAlerts(
    tx,
    changed.flatMap(({ alert, before }) => (before ? [] : rowOf(alert))),
  );
  await updateAlerts(
    tx,
    changed.flatMap(({ alert, before }) => (before && before.inhibited_by !== alert.inhibited_by ? rowOf(alert) : [])),
  );
  await insertLogs(
    tx,
    changed.map(({ alert }) => ({ id: newId(), alert })),
  );
  await stages.open(incidentsOpenedBy(places, stages));
  await insertMemberships(
    tx,
    places.placements.map(({ joiner, incidentId, why }) => ({ alert_id: joiner.alertId, incident_id: incidentId, why, joined_at: at })),
  );
  for (const placement of places.placements) markPlaced(stages, placement);
}

function markWorse(stages: Stages, touched: readonly Touched[]): void {
  for (const { alert, before } of touched) {
    const stage = alert.incident_id === null ? undefined : stages.get(alert.incident_id);
    if (stage && before && alert.closed_at === null && !alert.is_muted && isWorse(alert.severity, before.severity)) stage.isWorse = true;
  }
}

/**
 * Alerts of hosts that depended on one which is well again: from now on they speak for themselves, unless another host explains them.
 * Returns those that do.
 */
async function freeConsequences({ tx }: Work, touched: readonly Touched[]): Promise<Touched[]> {
  const isOver = ({ alert }: Touched): boolean => alert.means_down && (alert.closed_at !== null || alert.is_muted);
  const hosts = [...new Set(touched.filter(isOver).flatMap(({ alert }) => alert.host_id ?? []))];
  if (hosts.length === 0) return [];
  const rows = await placedAlerts(tx).where("a.closed_at", "is", null).where("a.inhibited_by", "in", hosts).execute();
  if (rows.length === 0) return [];
  const [down, topology] = [await hostsDown(tx), await readTopology(tx)];
  const own = new Set(touched.map(({ alert }) => alert.id));
  const loosened = rows.flatMap((before) => {
    const isStill = before.inhibited_by !== null && down.has(before.inhibited_by);
    if (own.has(before.id) || isStill) return [];
    const cause = before.host_id === null ? undefined : rootCause(before.host_id, down, topology);
    return { alert: { ...before, inhibited_by: cause ?? null }, before };
  });
  await updateAlerts(
    tx,
    loosened.map(({ alert }) => rowOf(alert)),
  );
  return loosened.filter(({ alert }) => alert.inhibited_by === null);
}
