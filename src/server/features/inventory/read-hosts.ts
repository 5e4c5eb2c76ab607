import { sql, type SelectQueryBuilder } from "kysely";
import { minutes } from "#base/duration";
import type { Tx } from "#store";
import type { HostInterface, HostStatus } from "#wire/inventory";
import type { Tables } from "../../store/tables.ts";
import { noHost, type HostRow } from "./find.ts";
import { groupedBy, joinIntervals, roleText, searchWords, type Interval, type RoleName } from "./model.ts";

/** Which hosts a list shows. */
export interface HostFilter {
  /** None = all four. */
  readonly status?: readonly HostStatus[];
  readonly service?: string;
  /** Roles of `service`, any of them; without a service they do not count. */
  readonly roles?: readonly string[];
  readonly text?: string;
  readonly name?: string;
  readonly customIdentifier?: string;
  /** Whether capitals count in `customIdentifier`; they do when absent. */
  readonly ignoresCase?: boolean;
  readonly retired: "exclude" | "include" | "only";
  /** Only hosts from which no data comes although it should. */
  readonly silent?: SilenceRule;
}

/** When a host counts as silent, by the minutes that it is allowed. */
export interface SilenceRule {
  /** What hosts are allowed whose roles say nothing. */
  readonly organisationMinutes: number;
  /** For each allowed time that the organisation or a role has: hosts that were heard of before this moment are silent. */
  readonly heardBefore: ReadonlyMap<number, number>;
}

export interface HostOrder {
  readonly sort: "name" | "createdAt" | "lastSeen";
  readonly order: "asc" | "desc";
  readonly offset: number;
  readonly limit: number;
}

/** A host with the roles it has, or had when it was retired. */
export interface HostRecord extends HostRow {
  readonly seen_at: number | null;
  readonly roles: readonly RoleName[];
  /** The minutes without data that its roles allow; null where a role leaves that to the organisation. */
  readonly no_data_minutes: readonly (number | null)[];
}

export const interfacesOf = (row: HostRow): HostInterface[] => JSON.parse(row.interfaces) as HostInterface[]; // written by this feature alone

type HostQuery = SelectQueryBuilder<Tables & { h: Tables["inventory_host"] }, "h", object>;

/** One page of hosts. The filters walk the organisation's hosts, at most some ten thousand. */
export async function pageOfHosts(tx: Tx, filter: HostFilter, page: HostOrder): Promise<HostRecord[]> {
  const direction = page.order;
  const rows = await filtered(tx, filter)
    .leftJoin("inventory_seen as seen", "seen.host_id", "h.id")
    .selectAll("h")
    .select("seen.at as seen_at")
    .$if(page.sort === "createdAt", (q) => q.orderBy("h.created_at", direction))
    .$if(page.sort === "lastSeen", (q) =>
      q.orderBy("seen.at", (by) => (direction === "asc" ? by.asc().nullsFirst() : by.desc().nullsLast())),
    )
    .$if(page.sort === "name", (q) => q.orderBy("h.sort_name", direction))
    .orderBy("h.id", direction)
    .offset(page.offset)
    .limit(page.limit)
    .execute();
  return withRoles(tx, rows);
}

/** Ids of all hosts that match, oldest first: for lists without pages, which then read the hosts by id. */
export async function idsOfHosts(tx: Tx, filter: HostFilter): Promise<string[]> {
  const rows = await filtered(tx, filter).select("h.id").orderBy("h.created_at").orderBy("h.id").execute();
  return rows.map((row) => row.id);
}

export async function countHosts(tx: Tx, filter: HostFilter): Promise<number> {
  const { count } = await filtered(tx, filter)
    .select((of) => of.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

function filtered(tx: Tx, filter: HostFilter): HostQuery {
  const { status, service, roles } = filter;
  let query: HostQuery = tx.selectFrom("inventory_host as h");
  if (filter.retired === "exclude") query = query.where("h.retired_at", "is", null);
  if (filter.retired === "only") query = query.where("h.retired_at", "is not", null);
  if (status && status.length > 0 && status.length < 4) query = query.where("h.status", "in", status);
  if (service !== undefined) query = query.where("h.id", "in", membersOf(tx, service, roles ?? []));
  if (filter.silent) query = silent(query, filter.silent);
  for (const word of searchWords(filter.text ?? "")) query = query.where(sql<boolean>`position(${word} in h.search) > 0`);
  return named(query, filter);
}

/** What is heard of is written down within a minute, so a host is listed here at most that much later than it shows as silent. */
function silent(query: HostQuery, { organisationMinutes, heardBefore }: SilenceRule): HostQuery {
  const allowed = sql`coalesce((
    select min(r.no_data_minutes) from inventory_membership m join inventory_role r on r.id = m.role_id
    where m.host_id = h.id and m.to_at is null and r.deleted_at is null), ${organisationMinutes})`;
  const cases = [...heardBefore].map(([allowedMinutes, moment]) => sql`when ${allowedMinutes} then ${moment - flushedWithin}::bigint`);
  return query
    .where("h.retired_at", "is", null)
    .where("h.status", "in", ["working", "standby"])
    .where(
      sql<boolean>`exists (select 1 from inventory_seen s where s.host_id = h.id and s.at < case ${allowed} ${sql.join(cases, sql` `)} end)`,
    );
}

const flushedWithin = minutes(1);

/** The distinct times without data that roles allow, in minutes. */
export async function allowedByRoles(tx: Tx): Promise<number[]> {
  const rows = await tx
    .selectFrom("inventory_role")
    .select("no_data_minutes")
    .distinct()
    .where("no_data_minutes", "is not", null)
    .where("deleted_at", "is", null)
    .execute();
  return rows.flatMap((row) => row.no_data_minutes ?? []);
}

function named(query: HostQuery, { name, customIdentifier, ignoresCase }: HostFilter): HostQuery {
  const byName = name === undefined ? query : query.where("h.name", "=", name);
  if (customIdentifier === undefined) return byName;
  return ignoresCase
    ? byName.where(sql<boolean>`lower(h.custom_identifier) = lower(${customIdentifier})`)
    : byName.where("h.custom_identifier", "=", customIdentifier);
}

const membersOf = (tx: Tx, service: string, roles: readonly string[]) =>
  tx
    .selectFrom("inventory_membership as m")
    .innerJoin("inventory_role as r", "r.id", "m.role_id")
    .innerJoin("inventory_service as s", "s.id", "r.service_id")
    .innerJoin("inventory_host as mh", "mh.id", "m.host_id")
    .select("m.host_id")
    .where("s.name", "=", service)
    .where("s.deleted_at", "is", null)
    .where("r.deleted_at", "is", null)
    .$if(roles.length > 0, (q) => q.where("r.name", "in", roles))
    .where((either) => either.or([either("m.to_at", "is", null), either("m.to_at", "=", either.ref("mh.retired_at"))]));

/** @throws "not-found" */
export async function readHost(tx: Tx, id: string): Promise<HostRecord> {
  const [host] = await readHosts(tx, [id]);
  if (!host) throw noHost(id);
  return host;
}

/** In the order of the ids; those that do not exist are left out. */
export async function readHosts(tx: Tx, ids: readonly string[]): Promise<HostRecord[]> {
  const rows = await tx
    .selectFrom("inventory_host as h")
    .leftJoin("inventory_seen as seen", "seen.host_id", "h.id")
    .selectAll("h")
    .select("seen.at as seen_at")
    .where("h.id", "in", ids)
    .execute();
  const hosts = new Map((await withRoles(tx, rows)).map((host) => [host.id, host]));
  return ids.flatMap((id) => hosts.get(id) ?? []);
}

async function withRoles(tx: Tx, rows: readonly (HostRow & { readonly seen_at: number | null })[]): Promise<HostRecord[]> {
  if (rows.length === 0) return [];
  const memberships = await tx
    .selectFrom("inventory_membership as m")
    .innerJoin("inventory_host as h", "h.id", "m.host_id")
    .innerJoin("inventory_role as r", "r.id", "m.role_id")
    .innerJoin("inventory_service as s", "s.id", "r.service_id")
    .select(["m.host_id", "r.name as role", "s.name as service", "r.no_data_minutes"])
    .where(
      "m.host_id",
      "in",
      rows.map((row) => row.id),
    )
    .where((either) => either.or([either("m.to_at", "is", null), either("m.to_at", "=", either.ref("h.retired_at"))]))
    .where("r.deleted_at", "is", null)
    .where("s.deleted_at", "is", null)
    .orderBy("s.name")
    .orderBy("r.name")
    .execute();
  const roles = groupedBy(memberships, (membership) => membership.host_id);
  return rows.map((row) => {
    const own = roles.get(row.id) ?? [];
    return {
      ...row,
      roles: own.map(({ service, role }) => ({ service, role })),
      no_data_minutes: own.map((one) => one.no_data_minutes),
    };
  });
}

export type StatusCounts = Record<HostStatus | "retired", number>;

export async function countByStatus(tx: Tx): Promise<StatusCounts> {
  const rows = await tx
    .selectFrom("inventory_host")
    .select(["status", sql<boolean>`retired_at is not null`.as("is_retired"), (of) => of.fn.countAll<number>().as("count")])
    .groupBy(["status", "is_retired"])
    .execute();
  const counts: StatusCounts = { working: 0, standby: 0, maintenance: 0, poweroff: 0, retired: 0 };
  for (const row of rows) counts[row.is_retired ? "retired" : row.status] += row.count;
  return counts;
}

/** A host that ever belonged to a role, with the times when it did. */
export interface MemberRecord {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly status: HostStatus;
  readonly retired_at: number | null;
  readonly during: readonly Interval[];
}

/** Members of a role at any time in [from, to), by name. The index inventory_membership_by_role serves it. */
export async function membersOfRole(
  tx: Tx,
  roleId: string,
  range: { readonly from?: number; readonly to?: number },
): Promise<MemberRecord[]> {
  let query = tx
    .selectFrom("inventory_membership as m")
    .innerJoin("inventory_host as h", "h.id", "m.host_id")
    .select(["h.id", "h.name", "h.display_name", "h.status", "h.retired_at", "m.from_at", "m.to_at"])
    .where("m.role_id", "=", roleId);
  const { from, to } = range;
  if (to !== undefined) query = query.where("m.from_at", "<", to);
  if (from !== undefined) query = query.where((either) => either.or([either("m.to_at", "is", null), either("m.to_at", ">", from)]));
  const rows = await query.orderBy("h.sort_name").orderBy("h.id").orderBy("m.from_at").execute();
  const members = [...groupedBy(rows, (row) => row.id).values()].map((intervals) => {
    const { id = "", name = "", display_name = "", status = "working", retired_at = null } = intervals[0] ?? {};
    return {
      id,
      name,
      display_name,
      status,
      retired_at,
      during: joinIntervals(intervals.map((one) => ({ from: one.from_at, to: one.to_at }))),
    } as const;
  });
  return members.filter((member) => member.during.length > 0);
}

/** The names that the history page shows, by the ledger's ids. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const of = (kind: string): string[] => ids.filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
  const [hosts, services, roles] = [of("host"), of("service"), of("role")];
  const names: Record<string, string> = {};
  if (hosts.length > 0) {
    const rows = await tx.selectFrom("inventory_host").select(["id", "name", "display_name"]).where("id", "in", hosts).execute();
    for (const row of rows) names[`host:${row.id}`] = row.display_name || row.name;
  }
  if (services.length > 0) {
    const rows = await tx.selectFrom("inventory_service").select(["id", "name"]).where("id", "in", services).execute();
    for (const row of rows) names[`service:${row.id}`] = row.name;
  }
  if (roles.length > 0) {
    const rows = await tx
      .selectFrom("inventory_role as r")
      .innerJoin("inventory_service as s", "s.id", "r.service_id")
      .select(["r.id", "r.name as role", "s.name as service"])
      .where("r.id", "in", roles)
      .execute();
    for (const row of rows) names[`role:${row.id}`] = roleText(row);
  }
  return names;
}
