import type { Generated } from "kysely";
import type { AlertStatus } from "#wire/alerting";

/** Which alerts go to which channels. */
export interface RoutingGroupTable {
  id: string;
  organisation_id: Generated<string>;
  seq: Generated<number>;
  is_default: boolean;
  name: string;
  /** JSON text of the wire's NewNotificationGroup without its name, with the keys that were written. */
  document: string;
  created_at: number;
}

/** How an organisation wants its messages; no row while it is the default. */
export interface RoutingSettingsTable {
  organisation_id: Generated<string>;
  /** JSON text of the wire's RoutingSettings. */
  settings: string;
}

/** An open alert that is told again and again. */
export interface RoutingReminderTable {
  alert_id: string;
  organisation_id: Generated<string>;
  every_minutes: number;
  /** How often it was told again. */
  count: Generated<number>;
  due_at: number;
  /** The downtime that it waits for. */
  downtime_id: string | null;
}

/** Alerts that a setting takes together, from the first until all are closed. */
export interface RoutingAlertGroupTable {
  id: string;
  organisation_id: Generated<string>;
  setting_id: string;
  /** The worst of its alerts; OK once it is closed. */
  status: AlertStatus;
  was_critical: boolean;
  created_at: number;
  closed_at: number | null;
  /** When it is told again; null: never. */
  due_at: number | null;
  /** Counts what was told of it. */
  told: Generated<number>;
  /** Channels that heard of it: they hear of its end. */
  channel_ids: string[];
}

/** An open alert in an open group. */
export interface RoutingAlertGroupMemberTable {
  organisation_id: Generated<string>;
  group_id: string;
  alert_id: string;
  status: AlertStatus;
}

/** What has lately gone to a channel, and what is being collected for it. */
export interface RoutingPaceTable {
  channel_id: string;
  organisation_id: Generated<string>;
  since: number;
  count: number;
  summaries: number;
  /** Null while messages go out one by one. */
  due_at: number | null;
  /** JSON text of a Collection. */
  collected: string | null;
}

export interface RoutingTables {
  routing_group: RoutingGroupTable;
  routing_settings: RoutingSettingsTable;
  routing_reminder: RoutingReminderTable;
  routing_alert_group: RoutingAlertGroupTable;
  routing_alert_group_member: RoutingAlertGroupMemberTable;
  routing_pace: RoutingPaceTable;
}

export const routingMigrations = [
  {
    id: "routing-001",
    sql: `
create table routing_group (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity,
  is_default boolean not null,
  name text not null,
  document text not null,
  created_at bigint not null
);
create index routing_group_by_organisation on routing_group (organisation_id, seq);
create unique index routing_group_default on routing_group (organisation_id) where is_default;
call hinoban_secure('routing_group');

create table routing_settings (
  organisation_id text primary key default hinoban_organisation(),
  settings text not null
);
call hinoban_secure('routing_settings');

create table routing_reminder (
  alert_id text primary key,
  organisation_id text not null default hinoban_organisation(),
  every_minutes integer not null check (every_minutes > 0),
  count integer not null default 0,
  due_at bigint not null,
  downtime_id text
) with (fillfactor = 70);
create index routing_reminder_due on routing_reminder (due_at);
call hinoban_secure('routing_reminder');

create table routing_alert_group (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  setting_id text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')),
  was_critical boolean not null,
  created_at bigint not null,
  closed_at bigint,
  due_at bigint,
  told integer not null default 0,
  channel_ids text[] not null default '{}'
) with (fillfactor = 70);
create unique index routing_alert_group_open on routing_alert_group (organisation_id, setting_id) where closed_at is null;
create index routing_alert_group_due on routing_alert_group (due_at) where due_at is not null;
call hinoban_secure('routing_alert_group');

create table routing_alert_group_member (
  organisation_id text not null default hinoban_organisation(),
  group_id text not null references routing_alert_group on delete cascade,
  alert_id text not null,
  status text not null check (status in ('WARNING', 'CRITICAL', 'UNKNOWN')),
  primary key (group_id, alert_id)
);
create index routing_alert_group_member_by_alert on routing_alert_group_member (alert_id);
call hinoban_secure('routing_alert_group_member');

create table routing_pace (
  channel_id text primary key,
  organisation_id text not null default hinoban_organisation(),
  since bigint not null,
  count integer not null,
  summaries integer not null,
  due_at bigint,
  collected text
) with (fillfactor = 50);
create index routing_pace_due on routing_pace (due_at) where due_at is not null;
call hinoban_secure('routing_pace');

-- Organisations in which something is due to be told, and the moment when the next thing is.
create function routing_due(at bigint) returns table (organisation_id text, due_at bigint)
language sql stable security definer set search_path = public as $$
  with due as (
    select r.organisation_id, r.due_at from routing_reminder r
    union all select g.organisation_id, g.due_at from routing_alert_group g where g.due_at is not null
    union all select p.organisation_id, p.due_at from routing_pace p where p.due_at is not null)
  select d.organisation_id, min(d.due_at) from due d where d.due_at <= at group by d.organisation_id
  union all
  select null, min(d.due_at) from due d where d.due_at > at
$$;
revoke all on function routing_due(bigint) from public;
grant execute on function routing_due(bigint) to hinoban_app;
`,
  },
] as const;
