import { minutes } from "#base/duration";
import { newId } from "#base/ids";
import type { GroupingSettings } from "#wire/alerts";
import { incidentsBefore, keyOf, originOf, type PlacedAlert } from "./alert-rows.ts";
import { finalOf, group, type Placement } from "./grouping.ts";
import { hostFacts, hostsDown, joinerOf, liveIncidents, type HostFacts } from "./grouping-context.ts";
import type { Stages, OpenedIncident } from "./stages.ts";
import { readTopology, topologyOf } from "./topology.ts";
import type { Work } from "./work.ts";

/** Where alerts go that had no incident. */
export interface Places {
  /** In the order in which the alerts joined. */
  readonly placements: readonly Placement[];
  /** Incidents that end since another one explains them. */
  readonly absorbed: ReadonlyMap<string, string>;
  readonly alerts: ReadonlyMap<string, PlacedAlert>;
  readonly hosts: ReadonlyMap<string, HostFacts>;
  /** What an alert that was placed is from now on. */
  of(alertId: string): Pick<PlacedAlert, "incident_id" | "inhibited_by"> | undefined;
}

/** Decides in which incident each alert goes, and locks those that may be joined. Writes nothing. */
export async function decidePlaces(work: Work, stages: Stages, loose: readonly PlacedAlert[], settings: GroupingSettings): Promise<Places> {
  const alerts = new Map(loose.map((alert) => [alert.id, alert]));
  if (loose.length === 0) return { placements: [], absorbed: new Map(), alerts, hosts: new Map(), of: () => undefined };
  const { tx, at } = work;
  const hosts = await hostFacts(tx, [...new Set(loose.flatMap((alert) => alert.host_id ?? []))]);
  const returns = settings.flapMinutes === 0 ? new Map<string, string>() : await returnsOf(work, stages, loose, settings.flapMinutes);
  const live = settings.windowMinutes === 0 ? [] : await liveIncidents(tx, at - minutes(settings.windowMinutes));
  const topology = settings.byDependency && hosts.size > 0 ? await readTopology(tx) : topologyOf([]);
  const down = topology.isEmpty ? new Map<string, string>() : await hostsDown(tx);
  await stages.lock([...live.map((one) => one.id), ...down.values()]);
  const stateOf = (id: string): string | undefined => stages.get(id)?.row.state;
  const { placements, absorbed } = group({
    joiners: loose.map((alert) => joinerOf(alert, hosts.get(alert.host_id ?? ""), returns.get(alert.id))),
    live: live.filter((one) => stateOf(one.id) !== "resolved").map((one) => ({ ...one, isOpen: stateOf(one.id) === "open" })),
    down: new Map([...down].filter(([, id]) => stateOf(id) !== "resolved")),
    topology,
    settings,
    newId,
  });
  const placed = new Map(
    placements.map(({ joiner, incidentId, inhibitedBy }) => [
      joiner.alertId,
      { incident_id: finalOf(incidentId, absorbed), inhibited_by: inhibitedBy ?? null },
    ]),
  );
  return { placements, absorbed, alerts, hosts, of: (alertId) => placed.get(alertId) };
}

/** The incidents to which alerts come back that closed a moment ago. */
async function returnsOf(
  { tx, at }: Work,
  stages: Stages,
  loose: readonly PlacedAlert[],
  flapMinutes: number,
): Promise<Map<string, string>> {
  const keyed = loose.map((alert) => ({ origin: originOf(alert), key: alert.key }));
  const before = await incidentsBefore(tx, keyed, at - minutes(flapMinutes));
  const returns = new Map<string, string>();
  await stages.lock([...before.values()]);
  for (const alert of loose) {
    const id = before.get(keyOf(originOf(alert), alert.key));
    if (id !== undefined) returns.set(alert.id, await stages.lockFinal(id));
  }
  return returns;
}

/** Notes at an incident what an alert that joined means for it. */
export function markPlaced(stages: Stages, { incidentId, why, inhibitedBy }: Placement): void {
  const stage = stages.get(incidentId);
  if (!stage) return;
  stage.isTouched = true;
  if (inhibitedBy === undefined) stage.hasJoined = true;
  if (why === "again") stage.hasReturned = true;
}

const mostOfTitle = 200;

/** The new incidents among the places, each named by the first alert that joined it. */
export function incidentsOpenedBy({ placements, alerts, hosts }: Places, stages: Stages): OpenedIncident[] {
  const opened = new Map<string, OpenedIncident>();
  for (const { joiner, incidentId } of placements) {
    if (stages.get(incidentId) || opened.has(incidentId)) continue;
    const name = alerts.get(joiner.alertId)?.name ?? "";
    const host = hosts.get(joiner.hostId ?? "")?.name;
    const title = [...(host === undefined ? name : `${host}: ${name}`)].slice(0, mostOfTitle).join("");
    opened.set(incidentId, { id: incidentId, title, severity: joiner.severity });
  }
  return [...opened.values()];
}
