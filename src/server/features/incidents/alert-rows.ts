import { sql, type Selectable } from "kysely";
import { unixMs } from "#base/duration";
import type { Tx } from "#store";
import type { AlertFacts, AlertOrigin } from "./model.ts";
import type { IncidentsAlertTable } from "./tables.ts";

export type AlertRow = Selectable<IncidentsAlertTable>;

/** An alert with the incident that it is in. */
export interface PlacedAlert extends AlertRow {
  readonly incident_id: string | null;
}

/** The row alone. */
export function rowOf({ incident_id: _incident, ...row }: PlacedAlert): AlertRow {
  return row;
}

/** At most one open alert has it. */
export const keyOf = (origin: AlertOrigin, key: string): string => `${origin.kind} ${origin.id} ${key}`;

export const originOf = (row: Pick<AlertRow, "origin_kind" | "origin_id">): AlertOrigin => ({ kind: row.origin_kind, id: row.origin_id });

const detailOf = (row: AlertRow): Readonly<Record<string, unknown>> => JSON.parse(row.detail) as Record<string, unknown>; // written by this feature alone

/** An alert as other features are handed it. */
export function factsOfAlert(row: PlacedAlert): AlertFacts {
  return {
    id: row.id,
    origin: originOf(row),
    key: row.key,
    status: row.status,
    severity: row.severity,
    type: row.type,
    name: row.name,
    message: row.message,
    value: row.value ?? undefined,
    hostId: row.host_id ?? undefined,
    serviceId: row.service_id ?? undefined,
    detail: detailOf(row),
    isMuted: row.is_muted,
    openedAt: unixMs(row.opened_at),
    closedAt: row.closed_at === null ? undefined : unixMs(row.closed_at),
    incidentId: row.incident_id ?? undefined,
    ...(row.inhibited_by === null ? {} : { inhibitedBy: row.inhibited_by }),
  };
}

/** Alerts with their incident; a condition narrows them. */
export const placedAlerts = (tx: Tx) =>
  tx
    .selectFrom("incidents_alert as a")
    .leftJoin("incidents_membership as m", (on) => on.onRef("m.alert_id", "=", "a.id").on("m.left_at", "is", null))
    .selectAll("a")
    .select("m.incident_id");

interface Keyed {
  readonly origin: AlertOrigin;
  readonly key: string;
}

const keysText = (keyed: readonly Keyed[]): string =>
  JSON.stringify(keyed.map(({ origin, key }) => ({ kind: origin.kind, id: origin.id, key })));

/** The open alerts of these origins and keys. */
export async function openAlertsOf(tx: Tx, keyed: readonly Keyed[]): Promise<Map<string, PlacedAlert>> {
  const { rows } = await sql<PlacedAlert>`select a.*, m.incident_id
    from jsonb_to_recordset(${keysText(keyed)}::jsonb) as k (kind text, id text, key text)
    join incidents_alert a on a.organisation_id = hinoban_organisation() and a.origin_kind = k.kind and a.origin_id = k.id and a.key = k.key
      and a.closed_at is null
    left join incidents_membership m on m.alert_id = a.id and m.left_at is null`.execute(tx);
  return new Map(rows.map((row) => [keyOf(originOf(row), row.key), row]));
}

/** Where alerts that come back were before: by origin and key, the incident of the one that closed last, no longer ago than `since`. */
export async function incidentsBefore(tx: Tx, keyed: readonly Keyed[], since: number): Promise<Map<string, string>> {
  const { rows } = await sql<{
    kind: AlertOrigin["kind"];
    id: string;
    key: string;
    incident_id: string;
  }>`select k.kind, k.id, k.key, m.incident_id
    from jsonb_to_recordset(${keysText(keyed)}::jsonb) as k (kind text, id text, key text)
    cross join lateral (
      select c.id from incidents_alert c
      where c.organisation_id = hinoban_organisation() and c.origin_kind = k.kind and c.origin_id = k.id and c.key = k.key and c.closed_at >= ${since}
      order by c.closed_at desc, c.seq desc limit 1) a
    join incidents_membership m on m.alert_id = a.id and m.left_at is null`.execute(tx);
  return new Map(rows.map((row) => [keyOf(row, row.key), row.incident_id]));
}

const columns = sql.raw(
  [
    "id, origin_kind, origin_id, key, status, severity, type, name, message, value, host_id, service_id, group_key, means_down, inhibited_by",
    "detail, is_muted, was_critical, memo, reason, trigger, opened_at, changed_at, closed_at",
  ].join(", "),
);

/** Writes new alerts in one statement, in their order. */
export async function insertAlerts(tx: Tx, alerts: readonly AlertRow[]): Promise<void> {
  if (alerts.length === 0) return;
  await sql`insert into incidents_alert (${columns})
    select ${columns} from jsonb_populate_recordset(null::incidents_alert, ${JSON.stringify(alerts)}::jsonb)`.execute(tx);
}

/** Writes what may change of alerts, in one statement. */
export async function updateAlerts(tx: Tx, alerts: readonly AlertRow[]): Promise<void> {
  if (alerts.length === 0) return;
  await sql`update incidents_alert a
    set status = x.status, severity = x.severity, message = x.message, value = x.value, detail = x.detail, inhibited_by = x.inhibited_by,
      is_muted = x.is_muted, was_critical = x.was_critical, reason = x.reason, trigger = x.trigger, changed_at = x.changed_at, closed_at = x.closed_at
    from jsonb_populate_recordset(null::incidents_alert, ${JSON.stringify(alerts)}::jsonb) x where a.id = x.id`.execute(tx);
}

/** Keeps what was found last of alerts that did not change otherwise: nothing is told or recorded. */
export async function refreshAlerts(tx: Tx, alerts: readonly Pick<AlertRow, "id" | "message" | "value" | "detail">[]): Promise<void> {
  if (alerts.length === 0) return;
  await sql`update incidents_alert a set message = x.message, value = x.value, detail = x.detail
    from jsonb_to_recordset(${JSON.stringify(alerts)}::jsonb) as x (id text, message text, value double precision, detail text)
    where a.id = x.id and a.closed_at is null`.execute(tx);
}

/** Writes one log for each alert as it is now. */
export async function insertLogs(tx: Tx, logs: readonly { readonly id: string; readonly alert: AlertRow }[]): Promise<void> {
  if (logs.length === 0) return;
  const rows = logs.map(({ id, alert }) => ({
    id,
    alert_id: alert.id,
    status: alert.status,
    trigger: alert.trigger,
    value: alert.value,
    message: alert.message,
    created_at: alert.changed_at,
  }));
  await sql`insert into incidents_alert_log (id, alert_id, status, trigger, value, message, created_at)
    select id, alert_id, status, trigger, value, message, created_at
    from jsonb_populate_recordset(null::incidents_alert_log, ${JSON.stringify(rows)}::jsonb)`.execute(tx);
}
