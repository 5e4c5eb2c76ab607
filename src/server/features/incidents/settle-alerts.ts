import { minutes } from "#base/duration";
import { newId } from "#base/ids";
import { incidentsBefore, keyOf, originOf, placedAlerts, rowOf, updateAlerts, type PlacedAlert } from "./alert-rows.ts";
import { group, type Grouped, type Joiner, type Placement } from "./grouping.ts";
import { hostFacts, hostsDown, joinerOf, liveIncidents, type HostFacts } from "./grouping-context.ts";
import { insertMemberships, isWorse } from "./incident-rows.ts";
import { mergeStages } from "./merge-stages.ts";
import type { AlertTrigger } from "./model.ts";
import type { Touched } from "./report.ts";
import { readGrouping } from "./settings.ts";
import { Stages, type OpenedIncident } from "./stages.ts";
import { readTopology, topologyOf } from "./topology.ts";
import { tellAlerts } from "./tell-alerts.ts";
import type { Work } from "./work.ts";

export interface Told {
  readonly trigger: AlertTrigger;
  /** The person who closed them by hand. */
  readonly by?: string | undefined;
}

/**
 * Brings incidents in line with alerts that were just written: places those that have none, frees those whose cause ended, resolves and
 * reopens. Returns the incident of each placed alert. The grouping lock is held.
 */
export async function settleAlerts(work: Work, touched: readonly Touched[], told: Told): Promise<ReadonlyMap<string, string>> {
  const { tx } = work;
  const settings = await readGrouping(tx);
  const stages = new Stages(work);
  const freed = await freeConsequences(work, touched);
  await stages.lock([...touched, ...freed].flatMap(({ alert }) => alert.incident_id ?? []));
  for (const { alert, before } of touched) {
    const stage = alert.incident_id === null ? undefined : stages.get(alert.incident_id);
    if (stage && before && alert.closed_at === null && !alert.is_muted && isWorse(alert.severity, before.severity)) stage.isWorse = true;
  }
  const loose = touched.filter(({ alert }) => alert.incident_id === null && alert.closed_at === null && !alert.is_muted);
  const placing = new Placing(work, stages);
  const grouped = await placing.group(
    loose.map(({ alert }) => alert),
    settings,
  );
  const placed = new Map(
    grouped.placements.map(({ joiner, incidentId }) => [joiner.alertId, grouped.absorbed.get(incidentId) ?? incidentId]),
  );
  for (const [from, into] of grouped.absorbed) await mergeStages(work, stages, from, into);
  const now = (alert: PlacedAlert): PlacedAlert => ({
    ...alert,
    incident_id: placed.get(alert.id) ?? alert.incident_id,
    inhibited_by: placing.inhibitors.get(alert.id) ?? alert.inhibited_by,
  });
  tellAlerts(
    work,
    [...touched, ...freed].map(({ alert, before }) => ({ alert: now(alert), before })),
    told,
  );
  await stages.settle(settings);
  return placed;
}

/** Alerts of hosts that depended on one which is well again: from now on they speak for themselves. */
async function freeConsequences(work: Work, touched: readonly Touched[]): Promise<Touched[]> {
  const { tx } = work;
  const isOver = ({ alert }: Touched): boolean => alert.means_down && (alert.closed_at !== null || alert.is_muted);
  const hosts = [...new Set(touched.filter(isOver).flatMap(({ alert }) => alert.host_id ?? []))];
  if (hosts.length === 0) return [];
  const rows = await placedAlerts(tx).where("a.closed_at", "is", null).where("a.inhibited_by", "in", hosts).execute();
  if (rows.length === 0) return [];
  const down = await hostsDown(tx);
  const own = new Set(touched.map(({ alert }) => alert.id));
  const freed = rows.filter((row) => !own.has(row.id) && row.inhibited_by !== null && !down.has(row.inhibited_by));
  const alerts = freed.map((row) => ({ alert: { ...row, inhibited_by: null }, before: row }));
  await updateAlerts(
    tx,
    alerts.map(({ alert }) => rowOf(alert)),
  );
  return alerts;
}

/** Finds or makes the incident of each alert that has none. */
class Placing {
  readonly #work: Work;
  readonly #stages: Stages;
  /** The host that is down, of each alert that is a mere consequence. */
  readonly inhibitors = new Map<string, string>();

  constructor(work: Work, stages: Stages) {
    this.#work = work;
    this.#stages = stages;
  }

  async group(alerts: readonly PlacedAlert[], settings: Awaited<ReturnType<typeof readGrouping>>): Promise<Grouped> {
    if (alerts.length === 0) return { placements: [], absorbed: new Map() };
    const { tx, at } = this.#work;
    const hosts = await hostFacts(tx, [...new Set(alerts.flatMap((alert) => alert.host_id ?? []))]);
    const returns = await this.#returnsOf(alerts, at - minutes(settings.flapMinutes), settings.flapMinutes > 0);
    const since = at - minutes(settings.windowMinutes);
    const live = settings.windowMinutes === 0 ? [] : await liveIncidents(tx, since);
    const topology = settings.byDependency && hosts.size > 0 ? await readTopology(tx) : topologyOf([]);
    const down = topology.isEmpty ? new Map<string, string>() : await hostsDown(tx);
    await this.#stages.lock([...live.map((one) => one.id), ...down.values()]);
    const isLive = (id: string): boolean => this.#stages.get(id)?.row.state !== "resolved";
    const grouped = group({
      joiners: alerts.map((alert) => joinerOf(alert, hosts.get(alert.host_id ?? ""), returns.get(alert.id))),
      live: live.filter((one) => isLive(one.id)).map((one) => ({ ...one, isOpen: this.#stages.get(one.id)?.row.state === "open" })),
      down: new Map([...down].filter(([, id]) => isLive(id))),
      topology,
      settings,
      newId,
    });
    await this.#write(grouped, new Map(alerts.map((alert) => [alert.id, alert])), hosts);
    return grouped;
  }

  async #returnsOf(alerts: readonly PlacedAlert[], since: number, isWanted: boolean): Promise<Map<string, string>> {
    if (!isWanted) return new Map();
    const keyed = alerts.map((alert) => ({ origin: originOf(alert), key: alert.key }));
    const before = await incidentsBefore(this.#work.tx, keyed, since);
    const returns = new Map<string, string>();
    await this.#stages.lock([...before.values()]);
    for (const alert of alerts) {
      const id = before.get(keyOf(originOf(alert), alert.key));
      if (id !== undefined) returns.set(alert.id, await this.#stages.lockFinal(id));
    }
    return returns;
  }

  async #write({ placements }: Grouped, alerts: ReadonlyMap<string, PlacedAlert>, hosts: ReadonlyMap<string, HostFacts>): Promise<void> {
    const { tx, at } = this.#work;
    await this.#stages.open(openedBy(placements, alerts, hosts, this.#stages));
    await insertMemberships(
      tx,
      placements.map(({ joiner, incidentId, why }) => ({ alert_id: joiner.alertId, incident_id: incidentId, why, joined_at: at })),
    );
    const inhibited = placements.flatMap(({ joiner, inhibitedBy }) =>
      inhibitedBy === undefined ? [] : ([[joiner.alertId, inhibitedBy]] as const),
    );
    for (const [id, by] of inhibited) this.inhibitors.set(id, by);
    await updateAlerts(
      tx,
      inhibited.flatMap(([id, by]) => {
        const alert = alerts.get(id);
        return alert ? { ...rowOf(alert), inhibited_by: by } : [];
      }),
    );
    for (const placement of placements) mark(this.#stages, placement);
  }
}

function mark(stages: Stages, { incidentId, why, inhibitedBy }: Placement): void {
  const stage = stages.get(incidentId);
  if (!stage) return;
  stage.isTouched = true;
  if (inhibitedBy === undefined) stage.hasJoined = true;
  if (why === "again") stage.hasReturned = true;
}

/** The new incidents among the placements, each named by the first alert that joined it. */
function openedBy(
  placements: readonly Placement[],
  alerts: ReadonlyMap<string, PlacedAlert>,
  hosts: ReadonlyMap<string, HostFacts>,
  stages: Stages,
): OpenedIncident[] {
  const opened = new Map<string, OpenedIncident>();
  for (const { joiner, incidentId } of placements) {
    if (stages.get(incidentId) || opened.has(incidentId)) continue;
    opened.set(incidentId, { id: incidentId, title: titleFor(joiner, alerts, hosts), severity: joiner.severity });
  }
  return [...opened.values()];
}

const mostOfTitle = 200;

function titleFor(joiner: Joiner, alerts: ReadonlyMap<string, PlacedAlert>, hosts: ReadonlyMap<string, HostFacts>): string {
  const name = alerts.get(joiner.alertId)?.name ?? "";
  const host = hosts.get(joiner.hostId ?? "")?.name;
  return [...(host === undefined ? name : `${host}: ${name}`)].slice(0, mostOfTitle).join("");
}
