import { sql } from "kysely";
import { joined, intersected } from "#base/spans";
import { plannedTimes, type PlannedTimes } from "#features/downtimes";
import type { Tx } from "#store";
import { availabilityOf, criticalSpans, type DownFact, type MemberFact, type ServiceFact } from "./figures/availability.ts";
import { grouped } from "./figures/grouped.ts";
import type { Range, ServiceAvailability } from "./model.ts";

/** Types of monitors that ask a service from outside whether it answers. */
const probeTypes = ["external", "ping", "tcp", "dns", "smtp", "imap", "pop3", "ldap", "ssh"] as const;

/** How long each service was up within what has passed of a range. */
export async function readAvailability(tx: Tx, range: Range): Promise<ServiceAvailability[]> {
  const services = await servicesIn(tx, range);
  const members = await membersIn(tx, range);
  const planned = await plannedTimes(tx, range);
  const downs = await downsIn(tx, range, planned, members);
  const ofServices = new Map(
    services.map(({ id }) => [id, intersected(joined(planned.of({ serviceIds: [id], roleIds: [] })), [range])] as const),
  );
  return availabilityOf({ services, members, downs, planned: ofServices });
}

async function servicesIn(tx: Tx, { from, to }: Range): Promise<ServiceFact[]> {
  const { rows } = await sql<{ id: string; name: string; created_at: number; deleted_at: number | null; probes: number; watches: boolean }>`
    select s.id, s.name, s.created_at, s.deleted_at,
      (select count(*) from monitors_monitor m
        where m.type = any (${probeTypes}) and not m.is_muted and m.settings::jsonb ->> 'service' = s.name and s.deleted_at is null) as probes,
      exists (select from monitors_monitor m where m.type = 'connectivity' and not m.is_muted) as watches
    from inventory_service s where s.created_at < ${to} and (s.deleted_at is null or s.deleted_at > ${from}) order by s.name`.execute(tx);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    existed: { from: Math.max(from, row.created_at), to: Math.min(to, row.deleted_at ?? to) },
    probes: row.probes,
    watchesHosts: row.watches,
  }));
}

async function membersIn(tx: Tx, { from, to }: Range): Promise<MemberFact[]> {
  const { rows } = await sql<{ service_id: string; role_id: string; role: string; host_id: string; from_at: number; to_at: number | null }>`
    select r.service_id, r.id as role_id, r.name as role, m.host_id, m.from_at, m.to_at
    from inventory_membership m join inventory_role r on r.id = m.role_id
    where m.organisation_id = hinoban_organisation() and m.from_at < ${to} and (m.to_at is null or m.to_at > ${from})`.execute(tx);
  return rows.map((row) => ({
    serviceId: row.service_id,
    roleId: row.role_id,
    roleName: row.role,
    hostId: row.host_id,
    from: Math.max(from, row.from_at),
    to: Math.min(to, row.to_at ?? to),
  }));
}

interface DownRow {
  readonly id: string;
  readonly origin_id: string;
  readonly name: string;
  readonly host: string | null;
  readonly host_id: string | null;
  readonly service_id: string | null;
  readonly closed_at: number | null;
}

/** Alerts that say that something cannot be reached, and that were critical for a while within the range. Muted ones say nothing. */
async function downsIn(tx: Tx, range: Range, planned: PlannedTimes, members: readonly MemberFact[]): Promise<DownFact[]> {
  const { rows } = await sql<DownRow>`select a.id, a.origin_id, a.name, coalesce(nullif(h.display_name, ''), h.name) as host, a.host_id,
      case when a.type = any (${probeTypes}) then a.service_id end as service_id, a.closed_at
    from incidents_alert a left join inventory_host h on h.id = a.host_id
    where a.organisation_id = hinoban_organisation() and a.opened_at < ${range.to} and (a.closed_at is null or a.closed_at > ${range.from})
      and a.was_critical and not a.is_muted
      and ((a.type = any (${probeTypes}) and a.service_id is not null) or (a.means_down and a.host_id is not null))`.execute(tx);
  const logs = await logsOf(
    tx,
    rows.map(({ id }) => id),
  );
  const membersOf = grouped(members, ({ hostId }) => hostId);
  return rows.flatMap((row) => {
    const log = (logs.get(row.id) ?? []).map(({ at, status }) => ({ at, isCritical: status === "CRITICAL" }));
    const spans = criticalSpans(log, row.closed_at ?? undefined, range);
    if (spans.length === 0) return [];
    const own = row.host_id === null ? [] : (membersOf.get(row.host_id) ?? []);
    const thing = {
      monitorId: row.origin_id,
      hostId: row.host_id ?? undefined,
      serviceIds: [...new Set([...(row.service_id === null ? [] : [row.service_id]), ...own.map(({ serviceId }) => serviceId)])],
      roleIds: own.map(({ roleId }) => roleId),
    };
    return [
      {
        alertId: row.id,
        cause: row.host === null ? row.name : `${row.name}: ${row.host}`,
        serviceId: row.service_id ?? undefined,
        hostId: row.host_id ?? undefined,
        spans,
        planned: joined(planned.of(thing)),
      },
    ];
  });
}

interface LogRow {
  readonly alert_id: string;
  readonly status: string;
  readonly at: number;
}

/** So many alerts are asked for at a time. */
const batch = 2000;

/** Changes of alerts in their order, by alert. */
async function logsOf(tx: Tx, ids: readonly string[]): Promise<Map<string, LogRow[]>> {
  const all: LogRow[] = [];
  for (let from = 0; from < ids.length; from += batch) {
    const { rows } = await sql<LogRow>`select alert_id, status, created_at as at from incidents_alert_log
      where alert_id = any (${ids.slice(from, from + batch)}) order by alert_id, seq`.execute(tx);
    all.push(...rows);
  }
  return grouped(all, ({ alert_id: id }) => id);
}
