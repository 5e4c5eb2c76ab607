import type { Generated } from "kysely";
import type { AlertStatus } from "#wire/alerting";
import type { MonitorType } from "#wire/monitor-settings";

/** A rule that watches something. */
export interface MonitorsMonitorTable {
  id: string;
  organisation_id: Generated<string>;
  type: MonitorType;
  name: string;
  is_muted: boolean;
  /** JSON text: everything that somebody set, with the spelling and the keys that they wrote. */
  settings: string;
  /** Counts every change: whoever edits says what they saw. */
  version: number;
  created_at: number;
  updated_at: number;
}

/** What a rule last said of one of its targets. Written only when that changes. */
export interface MonitorsStateTable {
  organisation_id: Generated<string>;
  monitor_id: string;
  /** A host's id, a vantage, or empty where a rule has one target. */
  target: string;
  status: AlertStatus;
  /** How often in a row it was not well, as far as that is counted here. */
  attempts: number;
  message: string;
  /** Points up to this moment were judged, in unix ms. */
  judged_at: number;
  changed_at: number;
  /** When a person closed its alert by hand; null once it was judged otherwise. */
  closed_at: number | null;
}

/** When the periodic rules of an organisation are looked at next. */
export interface MonitorsScheduleTable {
  organisation_id: Generated<string>;
  due_at: number;
  /** Until when a server has taken it on. */
  leased_until: number;
  /** Whether the rules that every organisation begins with were made. */
  has_first_rules: boolean;
  /** The minute in which expressions were judged last. */
  expressions_at: number;
}

/** What an anomaly detection learnt. */
export interface MonitorsModelTable {
  organisation_id: Generated<string>;
  monitor_id: string;
  trained_at: number;
  /** What it learnt from; 0 while there was too little. */
  samples: number;
  days: number;
  /** JSON text; null while there was too little to learn from. */
  model: string | null;
}

export interface MonitorsTables {
  monitors_monitor: MonitorsMonitorTable;
  monitors_state: MonitorsStateTable;
  monitors_schedule: MonitorsScheduleTable;
  monitors_model: MonitorsModelTable;
}

export const monitorsMigrations = [
  {
    id: "monitors-001",
    sql: `
create table monitors_monitor (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  type text collate "C" not null,
  name text collate "C" not null,
  is_muted boolean not null,
  settings text not null,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null
);
create index monitors_monitor_by_name on monitors_monitor (organisation_id, type, name, id);
call hinoban_secure('monitors_monitor');

create table monitors_state (
  organisation_id text not null default hinoban_organisation(),
  monitor_id text not null references monitors_monitor on delete cascade,
  target text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')),
  attempts integer not null,
  message text not null,
  judged_at bigint not null,
  changed_at bigint not null,
  closed_at bigint,
  primary key (monitor_id, target)
) with (fillfactor = 70);
create index monitors_state_by_target on monitors_state (organisation_id, target);
call hinoban_secure('monitors_state');

create table monitors_schedule (
  organisation_id text primary key default hinoban_organisation(),
  due_at bigint not null,
  leased_until bigint not null,
  has_first_rules boolean not null,
  expressions_at bigint not null
) with (fillfactor = 50);
call hinoban_secure('monitors_schedule', 'select, update');

create table monitors_model (
  organisation_id text not null default hinoban_organisation(),
  monitor_id text primary key references monitors_monitor on delete cascade,
  trained_at bigint not null,
  samples integer not null,
  days integer not null,
  model text
);
call hinoban_secure('monitors_model');

-- Takes on the organisations whose periodic rules are due: whoever gets one judges it, and nobody else does before the lease ends.
create function hinoban_lease_monitor_schedules(at bigint, most integer) returns table (organisation_id text)
language plpgsql security definer set search_path = public as $$
begin
  insert into monitors_schedule (organisation_id, due_at, leased_until, has_first_rules, expressions_at)
  select o.id, at, 0, false, 0 from identity_organisation o
  where not exists (select from monitors_schedule s where s.organisation_id = o.id)
  on conflict do nothing;
  return query
  update monitors_schedule s
  set leased_until = at + 120000, due_at = (at / 60000 + 1) * 60000
  where s.organisation_id in (
    select d.organisation_id from monitors_schedule d
    where d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  returning s.organisation_id;
end $$;
revoke all on function hinoban_lease_monitor_schedules(bigint, integer) from public;
grant execute on function hinoban_lease_monitor_schedules(bigint, integer) to hinoban_app;
`,
  },
] as const;
