import { sql } from "kysely";
import { minutes, type UnixMs } from "#base/duration";
import { alertsById, type AlertChange, type AlertFacts } from "#features/incidents";
import { publish, type Tx } from "#store";
import type { AlertStatus } from "#wire/alerting";
import { intervalOf } from "./alert-detail.ts";
import { readAlertGroupSettings } from "./alert-group-settings.ts";
import { monitorIdOf } from "./alert-groups.ts";
import { alertMessage, channelsOf, heardOf, isTold } from "./alert-message.ts";
import { routingTopic } from "./deliver.ts";
import { factsAbout, servicesOf, type Facts } from "./facts.ts";
import { groupMessage } from "./group-message.ts";
import type { Routes } from "./groups.ts";
import type { Message } from "./message.ts";
import type { RoutingContext } from "./context.ts";

/** Plans when open alerts are told again, from the last time that they changed. When time passes, nobody acts: the history does not hear of it. */
export async function planReminders(tx: Tx, at: UnixMs, changes: readonly AlertChange[]): Promise<void> {
  const again = changes.flatMap(({ alert }) => {
    const every = alert.status === "OK" || alert.isMuted ? undefined : intervalOf(alert);
    return every === undefined ? [] : [{ id: alert.id, every }];
  });
  const planned = new Set(again.map(({ id }) => id));
  const over = changes.filter(({ alert, effect }) => effect !== "opened" && !planned.has(alert.id)).map(({ alert }) => alert.id);
  if (over.length > 0) await sql`delete from routing_reminder where alert_id = any(${over}::text[])`.execute(tx);
  if (again.length === 0) return;
  await sql`insert into routing_reminder (alert_id, every_minutes, due_at)
    select r.id, r.every, ${at}::bigint + r.every * 60000::bigint
    from unnest(${again.map(({ id }) => id)}::text[], ${again.map(({ every }) => every)}::integer[]) as r (id, every)
    on conflict (alert_id) do update set every_minutes = excluded.every_minutes, due_at = excluded.due_at, downtime_id = null`.execute(tx);
  await publish(tx, routingTopic);
}

interface ReminderRow {
  readonly alert_id: string;
  readonly every_minutes: number;
  readonly count: number;
  readonly due_at: number;
}

/** So many are looked at in one transaction; the rest right after it. */
const mostAtOnce = 500;

/** What is due to be told again, as messages. Those in a downtime wait for its end. @returns undefined when there is nothing due */
export async function dueReminders(routing: RoutingContext, tx: Tx, at: UnixMs, routes: Routes): Promise<Message[] | undefined> {
  const { rows } = await sql<ReminderRow>`select alert_id, every_minutes, count, due_at from routing_reminder
    where organisation_id = hinoban_organisation() and due_at <= ${at} order by due_at limit ${mostAtOnce} for update skip locked`.execute(
    tx,
  );
  if (rows.length === 0) return undefined;
  const alerts = new Map(
    (
      await alertsById(
        tx,
        rows.map((row) => row.alert_id),
      )
    ).map((alert) => [alert.id, alert]),
  );
  const facts = await factsAbout(tx, routing.publicUrl, [...alerts.values()]);
  const quiet = await quietUntil(routing, tx, at, facts, [...alerts.values()]);
  const grouped = await membersAmong(tx, [...alerts.keys()]);
  const messages: Message[] = [];
  for (const row of rows) {
    const alert = alerts.get(row.alert_id);
    if (!alert || alert.status === "OK") {
      await sql`delete from routing_reminder where alert_id = ${row.alert_id}`.execute(tx);
      continue;
    }
    const pause = quiet.get(alert.id);
    const change = { alert, trigger: "monitoring", wasCritical: alert.status === "CRITICAL" } as const;
    const isSaid = pause === undefined && isTold(facts, change);
    const again = row.count + (isSaid ? 1 : 0);
    if (isSaid) {
      const told = { alert, from: alert.status, trigger: "monitoring", by: undefined, again, at } as const;
      messages.push(alertMessage(routing, facts, told, channelsOf(routes, heardOf(facts, change), grouped.has(alert.id))));
    }
    const next = pause === undefined ? nextDue(row, at) : (pause.until ?? at + minutes(row.every_minutes));
    await sql`update routing_reminder set due_at = ${next}, count = ${again}, downtime_id = ${pause?.downtimeId ?? null}
      where alert_id = ${row.alert_id}`.execute(tx);
  }
  return messages;
}

/** The rhythm is kept; what was missed while nobody ran is told once. */
function nextDue({ due_at: dueAt, every_minutes: every }: ReminderRow, at: UnixMs): number {
  const length = minutes(every);
  return dueAt + (Math.floor((at - dueAt) / length) + 1) * length;
}

interface Pause {
  readonly downtimeId: string;
  /** Undefined: nobody knows. */
  readonly until: UnixMs | undefined;
}

async function quietUntil(
  { downtimes }: RoutingContext,
  tx: Tx,
  at: UnixMs,
  facts: Facts,
  alerts: readonly AlertFacts[],
): Promise<Map<string, Pause>> {
  const things = alerts.map((alert) => ({
    monitorId: monitorIdOf(alert.origin),
    hostId: alert.hostId,
    serviceIds: servicesOf(facts, alert),
    roleIds: alert.hostId === undefined ? [] : (facts.hosts.get(alert.hostId)?.roleIds ?? []),
  }));
  const covered = await downtimes.covers(tx, at, things, facts.organisation.id);
  const pauses = new Map<string, Pause>();
  for (const [index, alert] of alerts.entries()) {
    const downtimeId = covered[index];
    if (downtimeId !== undefined) pauses.set(alert.id, { downtimeId, until: await downtimes.endOf(tx, at, downtimeId) });
  }
  return pauses;
}

async function membersAmong(tx: Tx, alertIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ alert_id: string }>`select distinct alert_id from routing_alert_group_member
    where alert_id = any(${[...alertIds]}::text[])`.execute(tx);
  return new Set(rows.map((row) => row.alert_id));
}

/** What waited for a downtime that ended waits no longer. */
export async function wakeReminders(tx: Tx, at: UnixMs, downtimeId: string): Promise<void> {
  const { rows } = await sql<{ alert_id: string }>`update routing_reminder set due_at = least(due_at, ${at}), downtime_id = null
    where organisation_id = hinoban_organisation() and downtime_id = ${downtimeId} returning alert_id`.execute(tx);
  if (rows.length > 0) await publish(tx, routingTopic);
}

interface DueGroup {
  readonly id: string;
  readonly setting_id: string;
  readonly status: AlertStatus;
  readonly created_at: UnixMs;
  readonly told: number;
  readonly channel_ids: string[];
  readonly size: number;
}

/** Open alert groups that are told again by their setting's interval. */
export async function dueGroups(routing: RoutingContext, tx: Tx, at: UnixMs, routes: Routes): Promise<Message[]> {
  const { rows } = await sql<DueGroup>`select g.id, g.setting_id, g.status, g.created_at, g.told, g.channel_ids,
      (select count(*)::int from routing_alert_group_member m where m.group_id = g.id) as size
    from routing_alert_group g where g.organisation_id = hinoban_organisation() and g.due_at <= ${at} order by g.id for update skip locked`.execute(
    tx,
  );
  if (rows.length === 0) return [];
  const settings = new Map((await readAlertGroupSettings(tx)).map((setting) => [setting.id, setting]));
  const { organisation } = await factsAbout(tx, routing.publicUrl, []);
  const messages: Message[] = [];
  for (const row of rows) {
    const setting = settings.get(row.setting_id);
    const every = setting?.notificationInterval;
    const next = every === undefined ? null : at + minutes(Math.max(10, every));
    await sql`update routing_alert_group set due_at = ${next}, told = told + 1 where id = ${row.id}`.execute(tx);
    if (!setting || every === undefined) continue;
    const channelIds = row.channel_ids.filter((id) => routes.channels.get(id)?.events.has("alertGroup"));
    messages.push(
      groupMessage(organisation, {
        id: row.id,
        setting,
        status: row.status,
        createdAt: row.created_at,
        closedAt: undefined,
        size: row.size,
        nth: row.told + 1,
        channelIds,
      }),
    );
  }
  return messages;
}
