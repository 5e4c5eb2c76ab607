import type { Generated } from "kysely";

/** What holds for all calls of an organisation; no row: the defaults of {@link ./call-settings.ts}. */
export interface CallsSettingTable {
  organisation_id: Generated<string>;
  /** JSON list of calling codes that may be called. */
  countries: string;
  updated_at: number;
}

/** How somebody wants to be called; no row: as everybody. */
export interface CallsPersonTable {
  organisation_id: Generated<string>;
  person_id: string;
  /** Null: the language of the profile. */
  language: "en" | "ja" | null;
  /** Null: what the policy says. */
  ring_seconds: number | null;
  has_random_digit: Generated<boolean>;
  /** HMAC of the PIN under the server key; null: no PIN. */
  pin_digest: Buffer | null;
  /** How many digits are collected. */
  pin_length: number | null;
}

/** When somebody wants to be called to see that it works; no row: never. */
export interface CallsWeeklyTable {
  organisation_id: Generated<string>;
  person_id: string;
  is_on: boolean;
  /** 0 is Sunday. */
  weekday: number;
  /** 10:00, in the person's time zone. */
  time: string;
  /** When the next one falls due; null while none is wanted. */
  due_at: number | null;
  leased_until: Generated<number>;
  last_at: number | null;
  last_call_id: string | null;
  last_outcome: "passed" | "failed" | "running" | "impossible" | null;
  /** What went wrong, for people. */
  last_problem: string | null;
}

/** What a line carried in a month of the organisation's time zone. Rows of deleted lines stay: somebody pays for them. */
export interface CallsUsageTable {
  organisation_id: Generated<string>;
  line_id: string;
  /** 2026-11 */
  month: string;
  calls: Generated<number>;
  answered: Generated<number>;
  minutes: Generated<number>;
  cost: Generated<number>;
  currency: Generated<string>;
  /** How far the limit was told of: 0 not at all, 1 near, 2 reached. */
  told: Generated<number>;
}

/** Something about lines that becomes an alert, in a transaction of its own; the latest of an origin counts. */
export interface CallsReportTable {
  organisation_id: Generated<string>;
  origin_id: string;
  status: "OK" | "WARNING" | "CRITICAL";
  severity: "warning" | "error";
  name: string;
  message: string;
  at: number;
}

/** What was said and heard in a call, until it is forgotten. */
export interface CallsRecordingTable {
  organisation_id: Generated<string>;
  call_id: string;
  /** A WAV file in base64, sealed with the call's id. */
  sound: Buffer;
  expires_at: number;
}

export interface LinesTables {
  calls_setting: CallsSettingTable;
  calls_person: CallsPersonTable;
  calls_weekly: CallsWeeklyTable;
  calls_usage: CallsUsageTable;
  calls_report: CallsReportTable;
  calls_recording: CallsRecordingTable;
}

export const linesMigrations = [
  {
    id: "lines-001",
    sql: `
create table calls_setting (
  organisation_id text primary key default hinoban_organisation(),
  countries text not null,
  updated_at bigint not null
);
call hinoban_secure('calls_setting');

create table calls_person (
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  language text check (language in ('en', 'ja')),
  ring_seconds integer check (ring_seconds between 10 and 120),
  has_random_digit boolean not null default false,
  pin_digest bytea,
  pin_length smallint check (pin_length between 4 and 8),
  primary key (organisation_id, person_id),
  check ((pin_digest is null) = (pin_length is null))
);
call hinoban_secure('calls_person');

create table calls_weekly (
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  is_on boolean not null,
  weekday smallint not null check (weekday between 0 and 6),
  time text not null,
  due_at bigint,
  leased_until bigint not null default 0,
  last_at bigint,
  last_call_id text,
  last_outcome text check (last_outcome in ('passed', 'failed', 'running', 'impossible')),
  last_problem text,
  primary key (organisation_id, person_id)
) with (fillfactor = 70);
create index calls_weekly_due on calls_weekly (due_at) where due_at is not null;
call hinoban_secure('calls_weekly');

create table calls_usage (
  organisation_id text not null default hinoban_organisation(),
  line_id text not null,
  month text not null,
  calls integer not null default 0,
  answered integer not null default 0,
  minutes integer not null default 0,
  cost double precision not null default 0,
  currency text not null default '',
  told smallint not null default 0,
  primary key (organisation_id, line_id, month)
) with (fillfactor = 70);
call hinoban_secure('calls_usage');

create index calls_usage_told on calls_usage (organisation_id) where told > 0;

create table calls_report (
  organisation_id text not null default hinoban_organisation(),
  origin_id text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL')),
  severity text not null check (severity in ('warning', 'error')),
  name text not null,
  message text not null,
  at bigint not null,
  primary key (organisation_id, origin_id)
);
call hinoban_secure('calls_report');

create table calls_recording (
  organisation_id text not null default hinoban_organisation(),
  call_id text primary key references calls_call (id) on delete cascade,
  sound bytea not null,
  expires_at bigint not null
);
create index calls_recording_by_end on calls_recording (expires_at);
call hinoban_secure('calls_recording');

-- Forgets recordings whose time is over. Says how many went.
create function hinoban_purge_call_recordings(at bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  gone integer;
begin
  delete from calls_recording where expires_at <= at;
  get diagnostics gone = row_count;
  return gone;
end $$;

create function hinoban_waiting_calls_reports() returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select distinct r.organisation_id from calls_report r
$$;

-- Organisations in which somebody was told of a limit: it may hold no longer.
create function hinoban_told_line_limits() returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select distinct u.organisation_id from calls_usage u where u.told > 0
$$;

-- Takes on the weekly tests that are due, of all organisations, for a minute.
create function hinoban_lease_weekly_calls(at bigint, most integer) returns table (organisation_id text, person_id text)
language sql security definer set search_path = public as $$
  update calls_weekly p set leased_until = at + 60000
  where (p.organisation_id, p.person_id) in (
    select d.organisation_id, d.person_id from calls_weekly d
    where d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  returning p.organisation_id, p.person_id
$$;
create function hinoban_next_weekly_call() returns bigint language sql stable security definer set search_path = public as $$
  select min(greatest(due_at, leased_until)) from calls_weekly where due_at is not null
$$;
revoke all on function hinoban_purge_call_recordings(bigint), hinoban_waiting_calls_reports(), hinoban_told_line_limits(), hinoban_lease_weekly_calls(bigint, integer), hinoban_next_weekly_call() from public;
grant execute on function hinoban_purge_call_recordings(bigint), hinoban_waiting_calls_reports(), hinoban_told_line_limits(), hinoban_lease_weekly_calls(bigint, integer), hinoban_next_weekly_call() to hinoban_app;
`,
  },
] as const;
