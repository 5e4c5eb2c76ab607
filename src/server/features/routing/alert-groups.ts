import { sql } from "kysely";
import { minutes, unixMs, type UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import type { AlertChange } from "#features/incidents";
import type { Tx } from "#store";
import type { AlertStatus } from "#wire/alerting";
import { readAlertGroupSettings, takesIn, type AlertGroupSetting } from "./alert-group-settings.ts";
import { worse } from "./collection.ts";
import type { Facts } from "./facts.ts";

/** An alert group that has to be told of: it began, its worst status changed, or it is over. */
export interface ToldGroup {
  readonly id: string;
  readonly setting: AlertGroupSetting;
  readonly status: AlertStatus;
  readonly wasCritical: boolean;
  readonly createdAt: UnixMs;
  readonly closedAt: UnixMs | undefined;
  /** How many alerts are open in it. */
  readonly size: number;
  /** Counts what was told of it. */
  readonly nth: number;
  /** Channels that heard of it before. */
  readonly channelIds: readonly string[];
  /** Alerts of the change that concern it. */
  readonly alertIds: ReadonlySet<string>;
}

export interface Grouped {
  /** Ids of alerts that are in some group, or were until they closed. */
  readonly alertIds: ReadonlySet<string>;
  readonly told: readonly ToldGroup[];
}

interface GroupRow {
  readonly id: string;
  readonly setting_id: string;
  readonly status: AlertStatus;
  readonly was_critical: boolean;
  readonly created_at: number;
  readonly told: number;
  readonly channel_ids: string[];
}

const none: Grouped = { alertIds: new Set(), told: [] };

/**
 * Takes changed alerts into the groups of the settings that want them, and out when they close. Called while alerts of the organisation are
 * being grouped, which happens one transaction at a time. Observations: the history hears of the alerts.
 */
export async function groupAlerts(tx: Tx, at: UnixMs, facts: Facts, changes: readonly AlertChange[]): Promise<Grouped> {
  const settings = await readAlertGroupSettings(tx);
  await forgetOthers(tx, settings);
  if (settings.length === 0) return none;
  const isOut = ({ alert }: AlertChange): boolean => alert.status === "OK" || alert.isMuted || alert.inhibitedBy !== undefined;
  const joining = joiningOf(
    settings,
    facts,
    changes.filter((change) => !isOut(change)),
  );
  const left = await leave(
    tx,
    changes.filter(isOut).map(({ alert }) => alert.id),
  );
  const groups = await openGroups(tx, [...joining.keys()], [...left.keys()]);
  const told: ToldGroup[] = [];
  for (const setting of settings) {
    const joins = joining.get(setting.id) ?? [];
    const row = groups.get(setting.id) ?? (joins.length > 0 ? newGroup(setting.id, at) : undefined);
    if (!row) continue;
    const concerned = new Set([...joins.map(({ alert }) => alert.id), ...(left.get(row.id) ?? [])]);
    const group = await settle(tx, at, { setting, row, isNew: !groups.has(setting.id), joins, concerned });
    if (group) told.push(group);
  }
  return { alertIds: idsIn(joining, left), told };
}

/** Changes by the settings that take their alert in. */
function joiningOf(settings: readonly AlertGroupSetting[], facts: Facts, changes: readonly AlertChange[]): Map<string, AlertChange[]> {
  const joining = new Map<string, AlertChange[]>();
  for (const change of changes) {
    const groupable = groupableOf(facts, change);
    for (const setting of settings) if (takesIn(setting, groupable)) add(joining, setting.id, change);
  }
  return joining;
}

/** Groups whose setting was deleted are none any more. */
async function forgetOthers(tx: Tx, settings: readonly AlertGroupSetting[]): Promise<void> {
  await sql`delete from routing_alert_group where organisation_id = hinoban_organisation() and closed_at is null
    and setting_id <> all(${settings.map(({ id }) => id)}::text[])`.execute(tx);
}

/** Alerts that are in some group now, or were just before. */
function idsIn(joining: ReadonlyMap<string, readonly AlertChange[]>, left: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const joined = [...joining.values()].flatMap((list) => list.map(({ alert }) => alert.id));
  return new Set([...joined, ...[...left.values()].flatMap((ids) => [...ids])]);
}

const groupableOf = (facts: Facts, { alert }: AlertChange) => ({
  monitorId: monitorIdOf(alert.origin),
  host: alert.hostId === undefined ? undefined : facts.hosts.get(alert.hostId),
  service: alert.serviceId === undefined ? undefined : facts.services.get(alert.serviceId)?.name,
});

/** Monitors and checks may be named by groups and settings. */
export const monitorIdOf = ({ kind, id }: AlertChange["alert"]["origin"]): string | undefined =>
  kind === "monitor" || kind === "check" ? id : undefined;

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Takes alerts out of the groups they are in; returns which left which group. */
async function leave(tx: Tx, alertIds: readonly string[]): Promise<Map<string, Set<string>>> {
  const left = new Map<string, Set<string>>();
  if (alertIds.length === 0) return left;
  const { rows } = await sql<{ group_id: string; alert_id: string }>`delete from routing_alert_group_member
    where alert_id = any(${[...alertIds]}::text[]) returning group_id, alert_id`.execute(tx);
  for (const row of rows) left.set(row.group_id, (left.get(row.group_id) ?? new Set()).add(row.alert_id));
  return left;
}

/** The open groups of these settings, and these groups, by setting. */
async function openGroups(tx: Tx, settingIds: readonly string[], groupIds: readonly string[]): Promise<Map<string, GroupRow>> {
  const { rows } = await sql<GroupRow>`select id, setting_id, status, was_critical, created_at, told, channel_ids from routing_alert_group
    where organisation_id = hinoban_organisation() and closed_at is null
      and (setting_id = any(${[...settingIds]}::text[]) or id = any(${[...groupIds]}::text[]))
    order by id for update`.execute(tx);
  return new Map(rows.map((row) => [row.setting_id, row]));
}

const newGroup = (settingId: string, at: UnixMs): GroupRow => ({
  id: newId(),
  setting_id: settingId,
  status: "OK",
  was_critical: false,
  created_at: at,
  told: 0,
  channel_ids: [],
});

interface Settling {
  readonly setting: AlertGroupSetting;
  readonly row: GroupRow;
  readonly isNew: boolean;
  readonly joins: readonly AlertChange[];
  readonly concerned: ReadonlySet<string>;
}

/** Writes what became of a group. Undefined when there is nothing to tell. */
async function settle(tx: Tx, at: UnixMs, { setting, row, isNew, joins, concerned }: Settling): Promise<ToldGroup | undefined> {
  if (isNew) {
    await sql`insert into routing_alert_group (id, setting_id, status, was_critical, created_at)
      values (${row.id}, ${setting.id}, 'OK', false, ${at})`.execute(tx);
  }
  const alerts = joins.map(({ alert }) => alert);
  if (alerts.length > 0) {
    await sql`insert into routing_alert_group_member (group_id, alert_id, status)
      select ${row.id}, m.id, m.status from unnest(${alerts.map(({ id }) => id)}::text[], ${alerts.map(({ status }) => status)}::text[]) as m (id, status)
      on conflict (group_id, alert_id) do update set status = excluded.status`.execute(tx);
  }
  const { rows } = await sql<{ status: AlertStatus; size: number }>`select status, count(*)::int as size from routing_alert_group_member
    where group_id = ${row.id} group by status`.execute(tx);
  const status = rows.reduce<AlertStatus>((worst, one) => worse(worst, one.status), "OK");
  const size = rows.reduce((sum, one) => sum + one.size, 0);
  const isTold = status !== row.status;
  const wasCritical = row.was_critical || status === "CRITICAL";
  const closedAt = size === 0 ? at : undefined;
  const every = setting.notificationInterval;
  const dueAt = closedAt !== undefined || every === undefined ? null : at + minutes(Math.max(10, every));
  await sql`update routing_alert_group set status = ${status}, was_critical = ${wasCritical}, closed_at = ${closedAt ?? null},
    due_at = ${isTold ? dueAt : sql`due_at`}, told = ${row.told + (isTold ? 1 : 0)} where id = ${row.id}`.execute(tx);
  if (!isTold) return undefined;
  return {
    id: row.id,
    setting,
    status,
    wasCritical,
    createdAt: unixMs(row.created_at),
    closedAt,
    size,
    nth: row.told + 1,
    channelIds: row.channel_ids,
    alertIds: concerned,
  };
}

/** Remembers who heard of a group. */
export async function rememberChannels(tx: Tx, groupId: string, channelIds: readonly string[]): Promise<void> {
  await sql`update routing_alert_group set channel_ids = ${[...channelIds]}::text[] where id = ${groupId}`.execute(tx);
}
