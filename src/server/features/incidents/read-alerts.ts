import { sql, type SqlBool } from "kysely";
import { HinobanError } from "#base/errors";
import type { RoleName } from "#features/inventory";
import type { Tx } from "#store";
import type { AlertStatus, IncidentState } from "#wire/alerting";
import type { AlertSummary } from "#wire/alerts";
import { originOf, placedAlerts, type PlacedAlert } from "./alert-rows.ts";

export const noAlert = (id: string): HinobanError => new HinobanError("not-found", `There is no alert ${id}.`, { id });

/** @throws "not-found" */
export async function demandAlert(tx: Tx, id: string): Promise<PlacedAlert> {
  const row = await placedAlerts(tx).where("a.id", "=", id).executeTakeFirst();
  if (!row) throw noAlert(id);
  return row;
}

export interface AlertFilter {
  readonly state: "open" | "closed" | "all";
  /** Any of them; empty: all. */
  readonly status: readonly AlertStatus[];
  readonly hostId?: string | undefined;
  /** Name of a service, whose own alerts and whose hosts' are meant. */
  readonly service?: string | undefined;
  /** A role, whose hosts' alerts are meant. */
  readonly role?: RoleName | undefined;
  readonly incidentId?: string | undefined;
  readonly originId?: string | undefined;
  /** Opened within [from, to), unix ms. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly text?: string | undefined;
}

/** What is shown beside an alert. */
export interface ShownAlert extends PlacedAlert {
  readonly host_name: string | null;
  readonly service_name: string | null;
  readonly inhibitor_name: string | null;
  readonly number: number | null;
  readonly title: string | null;
  readonly state: IncidentState | null;
  readonly responder_id: string | null;
  readonly responder_name: string | null;
}

const shownName = (alias: "h" | "d") =>
  sql<string | null>`coalesce(nullif(${sql.ref(`${alias}.display_name`)}, ''), ${sql.ref(`${alias}.name`)})`;

const shown = (tx: Tx) =>
  placedAlerts(tx)
    .leftJoin("inventory_host as h", "h.id", "a.host_id")
    .leftJoin("inventory_host as d", "d.id", "a.inhibited_by")
    .leftJoin("inventory_service as s", "s.id", "a.service_id")
    .leftJoin("incidents_incident as i", "i.id", "m.incident_id")
    .leftJoin("identity_person as p", "p.id", "i.responder_id")
    .select([
      shownName("h").as("host_name"),
      shownName("d").as("inhibitor_name"),
      "s.name as service_name",
      "i.number",
      "i.title",
      "i.state",
      "i.responder_id",
      "p.name as responder_name",
    ]);

type ShownQuery = ReturnType<typeof shown>;

/** Words of a search, each of which must be found. */
const wordsOf = (text: string | undefined): string[] =>
  (text ?? "")
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== "")
    .slice(0, 10);

function filtered(query: ShownQuery, filter: AlertFilter): ShownQuery {
  const { hostId, incidentId, originId, status } = filter;
  let found = query;
  if (filter.state === "open") found = found.where("a.closed_at", "is", null);
  if (filter.state === "closed") found = found.where("a.closed_at", "is not", null);
  if (status.length > 0) found = found.where("a.status", "in", status);
  if (hostId !== undefined) found = found.where("a.host_id", "=", hostId);
  if (filter.from !== undefined) found = found.where("a.opened_at", ">=", filter.from);
  if (filter.to !== undefined) found = found.where("a.opened_at", "<", filter.to);
  if (incidentId !== undefined) found = found.where("m.incident_id", "=", incidentId);
  if (originId !== undefined) found = found.where("a.origin_id", "=", originId);
  if (filter.service !== undefined) found = found.where(isOfService(filter.service));
  if (filter.role !== undefined) found = found.where(isOfRole(filter.role));
  for (const word of wordsOf(filter.text))
    found = found.where(sql<SqlBool>`position(${word} in lower(concat_ws(' ', a.name, a.message, h.display_name, h.name))) > 0`);
  return found;
}

/** Its own alerts and those of the hosts of its roles. */
const isOfService = (name: string) => sql<SqlBool>`(s.name = ${name} or a.host_id in (
  select hm.host_id from inventory_membership hm join inventory_role r on r.id = hm.role_id and r.deleted_at is null
    join inventory_service hs on hs.id = r.service_id and hs.deleted_at is null
  where hm.to_at is null and hs.name = ${name}))`;

/** Those of the hosts that belong to a role now. */
const isOfRole = ({ service, role }: RoleName) => sql<SqlBool>`a.host_id in (
  select hm.host_id from inventory_membership hm join inventory_role r on r.id = hm.role_id and r.deleted_at is null
    join inventory_service hs on hs.id = r.service_id and hs.deleted_at is null
  where hm.to_at is null and hs.name = ${service} and r.name = ${role})`;

/** One page, newest first, and how many there are. */
export async function pageOfAlerts(
  tx: Tx,
  filter: AlertFilter,
  page: { readonly offset: number; readonly limit: number },
): Promise<{ readonly alerts: AlertSummary[]; readonly total: number }> {
  const found = filtered(shown(tx), filter);
  const rows = await found.orderBy("a.seq", "desc").offset(page.offset).limit(page.limit).execute();
  const { total } = await found
    .clearSelect()
    .select((of) => of.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return { alerts: rows.map(presentAlert), total };
}

/** @throws "not-found" */
export async function readAlert(tx: Tx, id: string): Promise<ShownAlert> {
  const row = await shown(tx).where("a.id", "=", id).executeTakeFirst();
  if (!row) throw noAlert(id);
  return row;
}

/** The members of an incident, open ones first, then the newest. */
export function membersShown(tx: Tx, incidentId: string, limit: number) {
  return shown(tx)
    .select(["m.why", "m.joined_at"])
    .where("m.incident_id", "=", incidentId)
    .orderBy((of) => of("a.closed_at", "is", null), "desc")
    .orderBy("a.seq", "desc")
    .limit(limit)
    .execute();
}

export async function countOpen(tx: Tx): Promise<{ CRITICAL: number; WARNING: number; UNKNOWN: number }> {
  const rows = await tx
    .selectFrom("incidents_alert")
    .select(["status", (of) => of.fn.countAll<number>().as("count")])
    .where("closed_at", "is", null)
    .groupBy("status")
    .execute();
  const counts = { CRITICAL: 0, WARNING: 0, UNKNOWN: 0 };
  for (const { status, count } of rows) if (status !== "OK") counts[status] = count;
  return counts;
}

const named = (id: string | null, name: string | null): { readonly id: string; readonly name: string } | undefined =>
  id === null ? undefined : { id, name: name ?? id };

/** Leaves out what is not there. */
export function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], null | undefined> }; // only the values that are there
}

export function presentAlert(row: ShownAlert): AlertSummary {
  const responder = named(row.responder_id, row.responder_name);
  return {
    id: row.id,
    status: row.status,
    severity: row.severity,
    type: row.type,
    name: row.name,
    message: row.message,
    origin: originOf(row),
    isMuted: row.is_muted,
    openedAt: row.opened_at,
    changedAt: row.changed_at,
    memo: row.memo,
    ...present({
      value: row.value,
      host: named(row.host_id, row.host_name),
      service: named(row.service_id, row.service_name),
      inhibitedBy: named(row.inhibited_by, row.inhibitor_name),
      closedAt: row.closed_at,
      reason: row.reason,
    }),
    ...(row.incident_id === null || row.number === null || row.title === null || row.state === null
      ? {}
      : { incident: { id: row.incident_id, number: row.number, title: row.title, state: row.state, ...present({ responder }) } }),
  };
}
