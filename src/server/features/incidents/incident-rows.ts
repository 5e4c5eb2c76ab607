import { sql, type Selectable } from "kysely";
import { unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Tx } from "#store";
import { severities, type Severity } from "#wire/alerting";
import type { IncidentFacts } from "./model.ts";
import type { IncidentsIncidentTable, Why } from "./tables.ts";

export type IncidentRow = Selectable<IncidentsIncidentTable>;

const severityRank = (severity: Severity): number => severities.indexOf(severity);
export const isWorse = (a: Severity, b: Severity): boolean => severityRank(a) > severityRank(b);
export const worseOf = (a: Severity, b: Severity): Severity => (isWorse(a, b) ? a : b);

export const noIncident = (id: string): HinobanError => new HinobanError("not-found", `There is no incident ${id}.`, { id });

/** An incident that is about to be changed, locked until the transaction ends. @throws "not-found" */
export async function lockIncident(tx: Tx, id: string): Promise<IncidentRow> {
  const row = await tx.selectFrom("incidents_incident").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  if (!row) throw noIncident(id);
  return row;
}

/** The same for several, in the order of their ids, so that nobody waits in a circle. */
export function lockIncidents(tx: Tx, ids: readonly string[]): Promise<IncidentRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return tx.selectFrom("incidents_incident").selectAll().where("id", "in", ids).orderBy("id").forUpdate().execute();
}

/** The next `count` numbers of the organisation; the first of them. */
export async function takeNumbers(tx: Tx, count: number): Promise<number> {
  const { rows } = await sql<{ last: number }>`insert into incidents_number (last) values (${count})
    on conflict (organisation_id) do update set last = incidents_number.last + excluded.last returning last`.execute(tx);
  return (rows[0]?.last ?? count) - count + 1;
}

const columns = sql.raw(
  [
    "id, number, state, severity, title, description, is_manual, opened_by, responder_id, taken_at, taken_via, last_responder_id, opened_at, joined_at",
    "resolved_at, resolved_by, snoozed_until, settles_at, returns, is_flapping, service_ids, merged_into, version",
  ].join(", "),
);

export async function insertIncidents(tx: Tx, rows: readonly IncidentRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into incidents_incident (${columns})
    select ${columns} from jsonb_populate_recordset(null::incidents_incident, ${JSON.stringify(rows)}::jsonb)`.execute(tx);
}

/** Writes locked incidents back. Each write counts their version on. */
export async function updateIncidents(tx: Tx, rows: readonly IncidentRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`update incidents_incident i
    set state = x.state, severity = x.severity, title = x.title, description = x.description, responder_id = x.responder_id, taken_at = x.taken_at,
      taken_via = x.taken_via, last_responder_id = x.last_responder_id, joined_at = x.joined_at, resolved_at = x.resolved_at,
      resolved_by = x.resolved_by, snoozed_until = x.snoozed_until, settles_at = x.settles_at, returns = x.returns, is_flapping = x.is_flapping,
      service_ids = x.service_ids, merged_into = x.merged_into, version = i.version + 1
    from jsonb_populate_recordset(null::incidents_incident, ${JSON.stringify(rows)}::jsonb) x where i.id = x.id`.execute(tx);
}

export interface NewMembership {
  readonly alert_id: string;
  readonly incident_id: string;
  readonly why: Why;
  readonly joined_at: number;
}

export async function insertMemberships(tx: Tx, rows: readonly NewMembership[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into incidents_membership (alert_id, incident_id, why, joined_at)
    select alert_id, incident_id, why, joined_at from jsonb_populate_recordset(null::incidents_membership, ${JSON.stringify(rows)}::jsonb)`.execute(
    tx,
  );
}

/** What the present alerts of incidents come to. */
export interface Standing {
  /** Open and not muted. */
  readonly open: number;
  /** Of those that are not inhibited. */
  readonly worst: Severity | undefined;
}

export async function standingsOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Standing>> {
  const { rows } = await sql<{ incident_id: string; open: number; worst: number | null }>`select m.incident_id,
      count(*) filter (where a.closed_at is null and not a.is_muted) as open,
      max(array_position(array['information', 'warning', 'error', 'critical'], a.severity))
        filter (where a.closed_at is null and not a.is_muted and a.inhibited_by is null) as worst
    from incidents_membership m join incidents_alert a on a.id = m.alert_id
    where m.left_at is null and m.incident_id = any (${ids}) group by m.incident_id`.execute(tx);
  return new Map(
    rows.map((row) => [row.incident_id, { open: row.open, worst: row.worst === null ? undefined : severities[row.worst - 1] }]),
  );
}

/** The title with how often it came back: `web01: CPU % ×3`. */
export const titleOf = (row: Pick<IncidentRow, "title" | "returns">): string =>
  row.returns === 0 ? row.title : `${row.title} ×${row.returns + 1}`;

/** Incidents as other features are handed them. */
export async function incidentFacts(tx: Tx, ids: readonly string[]): Promise<Map<string, IncidentFacts>> {
  if (ids.length === 0) return new Map();
  const incidents = await tx.selectFrom("incidents_incident").selectAll().where("id", "in", ids).execute();
  const services = await servicesOf(tx, ids);
  return new Map(incidents.map((row) => [row.id, factsOfIncident(row, services.get(row.id) ?? [])]));
}

function factsOfIncident(row: IncidentRow, services: readonly string[]): IncidentFacts {
  return {
    id: row.id,
    number: row.number,
    title: titleOf(row),
    severity: row.severity,
    state: row.state,
    responderId: row.responder_id ?? undefined,
    openedAt: unixMs(row.opened_at),
    snoozedUntil: row.snoozed_until === null ? undefined : unixMs(row.snoozed_until),
    version: row.version,
    serviceIds: [...new Set([...row.service_ids, ...services])].sort(),
    ...(row.merged_into === null ? {} : { mergedInto: row.merged_into }),
    ...(row.is_flapping ? { isFlapping: true } : {}),
  };
}

/** The services of incidents: those of their alerts and of their alerts' hosts, as far as the alerts are not mere consequences. */
export async function servicesOf(tx: Tx, ids: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ incident_id: string; service_ids: string[] }>`with present as (
      select distinct m.incident_id, a.service_id, a.host_id from incidents_membership m join incidents_alert a on a.id = m.alert_id
      where m.left_at is null and m.incident_id = any (${ids}) and a.inhibited_by is null),
    found as (
      select incident_id, service_id from present where service_id is not null
      union
      select p.incident_id, r.service_id from present p
        join inventory_membership h on h.host_id = p.host_id and h.to_at is null
        join inventory_role r on r.id = h.role_id and r.deleted_at is null)
    select incident_id, array_agg(service_id order by service_id) as service_ids from found group by incident_id`.execute(tx);
  return new Map(rows.map((row) => [row.incident_id, row.service_ids]));
}
