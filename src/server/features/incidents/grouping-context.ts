import { sql } from "kysely";
import type { Tx } from "#store";
import type { AlertRow } from "./alert-rows.ts";
import { originOf } from "./alert-rows.ts";
import { groupOf, type Joiner, type Live } from "./grouping.ts";
import type { AlertOrigin } from "./model.ts";

/** What a host is called, and to what it belongs. */
export interface HostFacts {
  readonly name: string;
  readonly roleIds: readonly string[];
  readonly serviceIds: readonly string[];
}

/** Names, roles and services of hosts, as they are now. */
export async function hostFacts(tx: Tx, ids: readonly string[]): Promise<Map<string, HostFacts>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string; role_ids: string[]; service_ids: string[] }>`select h.id,
      coalesce(nullif(h.display_name, ''), h.name) as name,
      coalesce(array_agg(r.id order by r.id) filter (where r.id is not null), '{}') as role_ids,
      coalesce(array_agg(distinct r.service_id) filter (where r.id is not null), '{}') as service_ids
    from inventory_host h
      left join inventory_membership m on m.host_id = h.id and m.to_at is null
      left join inventory_role r on r.id = m.role_id and r.deleted_at is null
    where h.id = any (${ids}) group by h.id`.execute(tx);
  return new Map(rows.map((row) => [row.id, { name: row.name, roleIds: row.role_ids, serviceIds: row.service_ids }]));
}

interface LiveRow {
  readonly id: string;
  readonly state: "open" | "taken";
  readonly origin_kind: AlertOrigin["kind"];
  readonly origin_id: string;
  readonly group_key: string | null;
  readonly host_id: string | null;
  readonly service_id: string | null;
  readonly is_open: boolean;
}

/** Incidents that may still be joined, the oldest first: the last alert joined at `since` or later. Consequences do not make anything join. */
export async function liveIncidents(tx: Tx, since: number): Promise<Live[]> {
  const { rows } = await sql<LiveRow>`select i.id, i.state, a.origin_kind, a.origin_id, a.group_key, a.host_id, a.service_id,
      bool_or(a.closed_at is null and not a.is_muted) as is_open
    from incidents_incident i
      join incidents_membership m on m.incident_id = i.id and m.left_at is null
      join incidents_alert a on a.id = m.alert_id
    where i.organisation_id = hinoban_organisation() and i.state <> 'resolved' and i.joined_at >= ${since}
      and a.inhibited_by is null and a.origin_kind <> 'system'
    group by i.id, i.state, i.number, a.origin_kind, a.origin_id, a.group_key, a.host_id, a.service_id
    order by i.number`.execute(tx);
  const hosts = await hostFacts(tx, [...new Set(rows.flatMap((row) => row.host_id ?? []))]);
  const byIncident = new Map<string, LiveRow[]>();
  for (const row of rows) {
    const list = byIncident.get(row.id);
    if (list) list.push(row);
    else byIncident.set(row.id, [row]);
  }
  return [...byIncident].map(([id, alerts]) => liveOf(id, alerts, hosts));
}

function liveOf(id: string, alerts: readonly LiveRow[], hosts: ReadonlyMap<string, HostFacts>): Live {
  const open = alerts.filter((alert) => alert.is_open);
  const own = alerts.flatMap((alert) => alert.service_id ?? []);
  const hostIds = [...new Set(alerts.flatMap((alert) => alert.host_id ?? []))];
  const facts = hostIds.flatMap((host) => hosts.get(host) ?? []);
  return {
    id,
    isOpen: alerts.every((alert) => alert.state === "open"),
    hostIds,
    roleIds: [...new Set(facts.flatMap((one) => one.roleIds))],
    serviceIds: [...new Set([...own, ...facts.flatMap((one) => one.serviceIds)])],
    groups: [...new Set(alerts.flatMap((alert) => (alert.group_key === null ? [] : groupOf(originOf(alert), alert.group_key))))],
    openHostIds: [...new Set(open.flatMap((alert) => alert.host_id ?? []))],
    hasHostless: open.some((alert) => alert.host_id === null),
  };
}

/** The hosts that are down, each with the unresolved incident that says so. */
export async function hostsDown(tx: Tx): Promise<Map<string, string>> {
  const rows = await tx
    .selectFrom("incidents_alert as a")
    .innerJoin("incidents_membership as m", (on) => on.onRef("m.alert_id", "=", "a.id").on("m.left_at", "is", null))
    .innerJoin("incidents_incident as i", "i.id", "m.incident_id")
    .select(["a.host_id", "i.id"])
    .where("a.closed_at", "is", null)
    .where("a.means_down", "=", true)
    .where("a.is_muted", "=", false)
    .where("a.host_id", "is not", null)
    .where("i.state", "<>", "resolved")
    .orderBy("a.seq", "desc")
    .execute();
  return new Map(rows.flatMap((row) => (row.host_id === null ? [] : [[row.host_id, row.id] as const])));
}

/** An alert as the grouping looks at it. */
export function joinerOf(alert: AlertRow, host: HostFacts | undefined, returnsTo: string | undefined): Joiner {
  const own = alert.service_id === null ? [] : [alert.service_id];
  return {
    alertId: alert.id,
    origin: originOf(alert),
    group: alert.group_key ?? undefined,
    hostId: alert.host_id ?? undefined,
    roleIds: host?.roleIds ?? [],
    serviceIds: [...new Set([...own, ...(host?.serviceIds ?? [])])],
    severity: alert.severity,
    meansDown: alert.means_down,
    returnsTo,
  };
}
