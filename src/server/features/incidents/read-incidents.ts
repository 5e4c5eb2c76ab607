import { sql, type SqlBool } from "kysely";
import type { Tx } from "#store";
import type { IncidentState, Severity } from "#wire/alerting";
import type { Named } from "#wire/alerts";
import type { Incident, IncidentSummary } from "#wire/incidents";
import { noIncident, servicesOf, titleOf, type IncidentRow } from "./incident-rows.ts";
import { membersShown, present, presentAlert } from "./read-alerts.ts";

export interface IncidentFilter {
  /** Any of them; empty: all. */
  readonly states: readonly IncidentState[];
  readonly severities: readonly Severity[];
  readonly responderId?: string | undefined;
  /** Name of a service. */
  readonly service?: string | undefined;
  readonly hostId?: string | undefined;
  /** Who had it at some time. */
  readonly takenById?: string | undefined;
  /** Opened within [from, to), unix ms. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly text?: string | undefined;
}

interface ShownIncident extends IncidentRow {
  readonly responder_name: string | null;
  readonly last_responder_name: string | null;
  readonly merged_number: number | null;
}

const shown = (tx: Tx) =>
  tx
    .selectFrom("incidents_incident as i")
    .leftJoin("identity_person as p", "p.id", "i.responder_id")
    .leftJoin("identity_person as l", "l.id", "i.last_responder_id")
    .leftJoin("incidents_incident as g", "g.id", "i.merged_into")
    .selectAll("i")
    .select(["p.name as responder_name", "l.name as last_responder_name", "g.number as merged_number"]);

type ShownQuery = ReturnType<typeof shown>;

function filtered(query: ShownQuery, filter: IncidentFilter): ShownQuery {
  let found = query;
  if (filter.states.length > 0 && filter.states.length < 3) found = found.where("i.state", "in", filter.states);
  if (filter.severities.length > 0) found = found.where("i.severity", "in", filter.severities);
  if (filter.responderId !== undefined) found = found.where("i.responder_id", "=", filter.responderId);
  if (filter.hostId !== undefined) found = found.where(hasAlert(sql`a.host_id = ${filter.hostId}`));
  if (filter.service !== undefined) found = found.where(isOfService(filter.service));
  found = openedWithin(found, filter);
  for (const word of (filter.text ?? "")
    .toLowerCase()
    .split(/\s+/u)
    .filter((one) => one !== "")
    .slice(0, 10))
    found = found.where(isAbout(word));
  return found;
}

function openedWithin(query: ShownQuery, { takenById, from, to }: IncidentFilter): ShownQuery {
  let found = query;
  // Reports count so, and open what they count: alerts of an incident that another took over are counted with that one.
  if (from !== undefined) found = found.where("i.opened_at", ">=", from).where("i.merged_into", "is", null);
  if (to !== undefined) found = found.where("i.opened_at", "<", to);
  if (takenById !== undefined)
    found = found.where(
      sql<SqlBool>`exists (select from incidents_responder_change c where c.incident_id = i.id and c.to_id = ${takenById})`,
    );
  return found;
}

const hasAlert = (condition: ReturnType<typeof sql>) => sql<SqlBool>`exists (
  select from incidents_membership m join incidents_alert a on a.id = m.alert_id where m.incident_id = i.id and m.left_at is null and ${condition})`;

const isOfService = (
  name: string,
) => sql<SqlBool>`(exists (select from inventory_service s where s.name = ${name} and s.id = any (i.service_ids))
  or ${hasAlert(sql`(a.service_id in (select id from inventory_service where name = ${name}) or a.host_id in (
    select hm.host_id from inventory_membership hm join inventory_role r on r.id = hm.role_id and r.deleted_at is null
      join inventory_service hs on hs.id = r.service_id where hm.to_at is null and hs.name = ${name}))`)})`;

/** `#12`, a word of the title, or one of an alert's name, message or host. */
const isAbout = (
  word: string,
) => sql<SqlBool>`(position(${word} in lower(i.title)) > 0 or ${word} = '#' || i.number or ${word} = i.number::text
  or ${hasAlert(sql`(position(${word} in lower(a.name || ' ' || a.message)) > 0 or exists (
    select from inventory_host h where h.id = a.host_id and position(${word} in lower(h.name || ' ' || h.display_name)) > 0))`)})`;

/** One page: those that nobody has, those that somebody has, those that are over; each the newest first. */
export async function pageOfIncidents(
  tx: Tx,
  filter: IncidentFilter,
  page: { readonly offset: number; readonly limit: number },
): Promise<{ readonly incidents: IncidentSummary[]; readonly total: number }> {
  const found = filtered(shown(tx), filter);
  const rows = await found
    .orderBy(sql`array_position(array['open', 'taken', 'resolved'], i.state)`)
    .orderBy("i.number", "desc")
    .offset(page.offset)
    .limit(page.limit)
    .execute();
  const { total } = await found
    .clearSelect()
    .select((of) => of.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  return { incidents: await summaries(tx, rows), total };
}

/** Of the whole organisation. */
export async function countLive(tx: Tx, personId: string | undefined): Promise<{ open: number; taken: number; mine: number }> {
  const { rows } = await sql<{ open: number; taken: number; mine: number }>`select count(*) filter (where state = 'open') as open,
      count(*) filter (where state = 'taken') as taken, count(*) filter (where responder_id = ${personId ?? ""}) as mine
    from incidents_incident where organisation_id = hinoban_organisation() and state <> 'resolved'`.execute(tx);
  return rows[0] ?? { open: 0, taken: 0, mine: 0 };
}

/** The id of an incident that is named by its id or its number. @throws "not-found" */
export async function resolveId(tx: Tx, idOrNumber: string): Promise<string> {
  const number = /^#?\d{1,9}$/u.test(idOrNumber) ? Number(idOrNumber.replace("#", "")) : undefined;
  const row = await tx
    .selectFrom("incidents_incident")
    .select("id")
    .where((of) => (number === undefined ? of("id", "=", idOrNumber) : of.or([of("id", "=", idOrNumber), of("number", "=", number)])))
    .executeTakeFirst();
  if (!row) throw noIncident(idOrNumber);
  return row.id;
}

const mostMembers = 200;

/** @throws "not-found" */
export async function readIncident(tx: Tx, id: string, mayAct: boolean): Promise<Incident> {
  const row = await shown(tx).where("i.id", "=", id).executeTakeFirst();
  const [summary] = row ? await summaries(tx, [row]) : [];
  if (!row || !summary) throw noIncident(id);
  const members = await membersShown(tx, id, mostMembers);
  return {
    ...summary,
    description: row.description,
    openedBy: row.opened_by,
    members: members.flatMap((member) =>
      member.why === null || member.joined_at === null ? [] : { ...presentAlert(member), why: member.why, joinedAt: member.joined_at },
    ),
    mayAct,
  };
}

interface Extent {
  readonly open: number;
  readonly all: number;
  readonly hosts: readonly Named[];
}

async function summaries(tx: Tx, rows: readonly ShownIncident[]): Promise<IncidentSummary[]> {
  const ids = rows.map((row) => row.id);
  const extents = await extentsOf(tx, ids);
  const services = await namedServices(tx, rows);
  return rows.map((row) => summaryOf(row, extents.get(row.id) ?? { open: 0, all: 0, hosts: [] }, services.get(row.id) ?? []));
}

async function extentsOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Extent>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ incident_id: string; open: number; all: number; hosts: Named[] | null }>`with present as (
      select m.incident_id, a.host_id, a.closed_at, a.is_muted, a.seq from incidents_membership m join incidents_alert a on a.id = m.alert_id
      where m.left_at is null and m.incident_id = any (${ids})),
    hosts as (
      select incident_id, host_id, row_number() over (partition by incident_id order by bool_or(closed_at is null) desc, min(seq)) as place
      from present where host_id is not null group by incident_id, host_id)
    select p.incident_id, count(*) filter (where p.closed_at is null and not p.is_muted) as open, count(*) as all,
      (select json_agg(json_build_object('id', h.id, 'name', coalesce(nullif(h.display_name, ''), h.name)) order by o.place)
        from hosts o join inventory_host h on h.id = o.host_id where o.incident_id = p.incident_id and o.place <= 5) as hosts
    from present p group by p.incident_id`.execute(tx);
  return new Map(rows.map(({ incident_id: id, hosts, ...counts }) => [id, { ...counts, hosts: hosts ?? [] }]));
}

async function namedServices(tx: Tx, rows: readonly IncidentRow[]): Promise<Map<string, Named[]>> {
  const found = await servicesOf(
    tx,
    rows.map((row) => row.id),
  );
  const byIncident = new Map(rows.map((row) => [row.id, [...new Set([...row.service_ids, ...(found.get(row.id) ?? [])])]]));
  const ids = [...new Set([...byIncident.values()].flat())];
  if (ids.length === 0) return new Map();
  const services = await tx.selectFrom("inventory_service").select(["id", "name"]).where("id", "in", ids).orderBy("name").execute();
  return new Map([...byIncident].map(([id, own]) => [id, services.filter((service) => own.includes(service.id))]));
}

const person = (id: string | null, name: string | null): Named | undefined => (id === null ? undefined : { id, name: name ?? id });

function summaryOf(row: ShownIncident, extent: Extent, services: readonly Named[]): IncidentSummary {
  return {
    id: row.id,
    number: row.number,
    title: titleOf(row),
    severity: row.severity,
    state: row.state,
    openedAt: row.opened_at,
    isFlapping: row.is_flapping,
    returns: row.returns,
    isManual: row.is_manual,
    openAlerts: extent.open,
    alerts: extent.all,
    hosts: [...extent.hosts],
    services: [...services],
    version: row.version,
    ...present({
      responder: person(row.responder_id, row.responder_name),
      takenAt: row.taken_at,
      takenVia: row.taken_via,
      lastResponder: person(row.last_responder_id, row.last_responder_name),
      resolvedAt: row.resolved_at,
      snoozedUntil: row.snoozed_until,
      settlesAt: row.settles_at,
      mergedInto: row.merged_into === null || row.merged_number === null ? undefined : { id: row.merged_into, number: row.merged_number },
    }),
  };
}
