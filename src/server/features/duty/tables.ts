import type { Generated } from "kysely";

export interface DutyTeamTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  memo: string;
  lead_id: string | null;
  created_at: number;
  /** Deleted things stay, so that the history can still name them. */
  deleted_at: number | null;
}

export interface DutyMemberTable {
  organisation_id: Generated<string>;
  team_id: string;
  person_id: string;
  /** From 0, in the order in which they are asked. */
  position: number;
}

export interface DutyScheduleTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  memo: string;
  time_zone: string;
  team_id: string | null;
  /** JSON text of the wire's Layer[], from low to high. */
  layers: string;
  /** Counts the changes of what stands above. */
  revision: Generated<number>;
  /** Whether those who come on and go off duty are told. */
  tells_people: boolean;
  /** The channel that is told of hand-overs and gaps as well. */
  channel_id: string | null;
  created_at: number;
  deleted_at: number | null;
  /** When to look next for a hand-over. */
  due_at: number;
  leased_until: Generated<number>;
  /** Who was on duty at the last look; null before the first. */
  seen_people: string[] | null;
}

export interface DutyOverrideTable {
  id: string;
  organisation_id: Generated<string>;
  schedule_id: string;
  kind: "add" | "remove" | "replace";
  person_id: string;
  instead_of: string | null;
  from_at: number;
  to_at: number;
  reason: string;
  /** The swap that it came from. */
  swap_id: string | null;
  /** As the ledger names who made it. */
  created_by: string;
  created_at: number;
  /** Position in time order of making, also for those of one moment. */
  num: Generated<number>;
}

export interface DutySwapTable {
  id: string;
  organisation_id: Generated<string>;
  schedule_id: string;
  /** Who gives [give_from, give_to) to the other. */
  person_id: string;
  give_from: number;
  give_to: number;
  other_id: string;
  /** What the other gives in return; null: nothing. */
  take_from: number | null;
  take_to: number | null;
  reason: string;
  state: "proposed" | "accepted" | "declined" | "withdrawn";
  person_accepted_at: number | null;
  other_accepted_at: number | null;
  created_by: string;
  created_at: number;
  decided_at: number | null;
}

export interface DutyAbsenceTable {
  id: string;
  organisation_id: Generated<string>;
  person_id: string;
  from_at: number;
  to_at: number;
  note: string;
  /** Name of the file that it came from; null when somebody typed it. */
  source: string | null;
  created_at: number;
}

export interface DutyCalendarTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  memo: string;
  /** JSON text of the wire's CalendarRules[]. */
  versions: string;
  created_at: number;
  deleted_at: number | null;
}

/** A secret address under which calendar programs read shifts. */
export interface DutyFeedTable {
  id: string;
  organisation_id: Generated<string>;
  /** SHA-256 of the token. */
  digest: Buffer;
  /** One of the two is set: shifts of a schedule, or of a person over all schedules. */
  schedule_id: string | null;
  person_id: string | null;
  created_by: string;
  created_at: number;
  last_read_at: number | null;
  revoked_at: number | null;
}

/** What was told once and is not told again. */
export interface DutyToldTable {
  organisation_id: Generated<string>;
  key: string;
  schedule_id: string;
  at: number;
}

export interface DutyTables {
  duty_team: DutyTeamTable;
  duty_member: DutyMemberTable;
  duty_schedule: DutyScheduleTable;
  duty_override: DutyOverrideTable;
  duty_swap: DutySwapTable;
  duty_absence: DutyAbsenceTable;
  duty_calendar: DutyCalendarTable;
  duty_feed: DutyFeedTable;
  duty_told: DutyToldTable;
}

export const dutyMigrations = [
  {
    id: "duty-001",
    sql: `
create table duty_team (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  memo text not null default '',
  lead_id text,
  created_at bigint not null,
  deleted_at bigint
);
create unique index duty_team_name on duty_team (organisation_id, name) where deleted_at is null;
call hinoban_secure('duty_team', 'select, insert, update');

create table duty_member (
  organisation_id text not null default hinoban_organisation(),
  team_id text not null references duty_team,
  person_id text not null,
  position integer not null,
  primary key (team_id, person_id)
);
call hinoban_secure('duty_member');

create table duty_calendar (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  memo text not null default '',
  versions text not null,
  created_at bigint not null,
  deleted_at bigint
);
create unique index duty_calendar_name on duty_calendar (organisation_id, name) where deleted_at is null;
call hinoban_secure('duty_calendar', 'select, insert, update');

create table duty_schedule (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  memo text not null default '',
  time_zone text not null,
  team_id text references duty_team,
  layers text not null,
  revision integer not null default 1,
  tells_people boolean not null,
  channel_id text,
  created_at bigint not null,
  deleted_at bigint,
  due_at bigint not null,
  leased_until bigint not null default 0,
  seen_people text[]
);
create unique index duty_schedule_name on duty_schedule (organisation_id, name) where deleted_at is null;
create index duty_schedule_due on duty_schedule (due_at) where deleted_at is null;
call hinoban_secure('duty_schedule', 'select, insert, update');

create table duty_override (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  schedule_id text not null references duty_schedule,
  kind text not null check (kind in ('add', 'remove', 'replace')),
  person_id text not null,
  instead_of text,
  from_at bigint not null,
  to_at bigint not null check (to_at > from_at),
  reason text not null default '',
  swap_id text,
  created_by text not null,
  created_at bigint not null,
  num bigint generated always as identity
);
create index duty_override_by_schedule on duty_override (schedule_id, to_at);
call hinoban_secure('duty_override');

create table duty_swap (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  schedule_id text not null references duty_schedule,
  person_id text not null,
  give_from bigint not null,
  give_to bigint not null check (give_to > give_from),
  other_id text not null check (other_id <> person_id),
  take_from bigint,
  take_to bigint check (take_to > take_from),
  reason text not null default '',
  state text not null default 'proposed' check (state in ('proposed', 'accepted', 'declined', 'withdrawn')),
  person_accepted_at bigint,
  other_accepted_at bigint,
  created_by text not null,
  created_at bigint not null,
  decided_at bigint,
  check ((take_from is null) = (take_to is null)),
  check (state <> 'accepted' or (person_accepted_at is not null and other_accepted_at is not null))
);
create index duty_swap_by_schedule on duty_swap (schedule_id, created_at);
call hinoban_secure('duty_swap', 'select, insert, update');

create table duty_absence (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  from_at bigint not null,
  to_at bigint not null check (to_at > from_at),
  note text not null default '',
  source text,
  created_at bigint not null
);
create index duty_absence_by_person on duty_absence (organisation_id, person_id, to_at);
call hinoban_secure('duty_absence');

create table duty_feed (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  digest bytea not null unique,
  schedule_id text references duty_schedule,
  person_id text,
  created_by text not null,
  created_at bigint not null,
  last_read_at bigint,
  revoked_at bigint,
  check ((schedule_id is null) <> (person_id is null))
);
call hinoban_secure('duty_feed', 'select, insert, update');

create table duty_told (
  organisation_id text not null default hinoban_organisation(),
  key text not null,
  schedule_id text not null references duty_schedule,
  at bigint not null,
  primary key (organisation_id, key)
);
call hinoban_secure('duty_told');

-- Takes on schedules whose people on duty may have changed, of all organisations; whoever gets a row looks at it, for a minute nobody else.
create function hinoban_lease_duty_schedules(at bigint, most integer) returns table (id text, organisation_id text)
language sql security definer set search_path = public as $$
  update duty_schedule s set leased_until = at + 60000
  where s.id in (
    select d.id from duty_schedule d
    where d.deleted_at is null and d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  returning s.id, s.organisation_id
$$;
create function hinoban_next_duty_look() returns bigint language sql stable security definer set search_path = public as $$
  select min(greatest(due_at, leased_until)) from duty_schedule where deleted_at is null
$$;
-- The one look-up that must cross organisations: whoever reads a feed says nothing but its token.
create function hinoban_find_duty_feed(by_digest bytea) returns table (id text, organisation_id text)
language sql stable security definer set search_path = public as $$
  select f.id, f.organisation_id from duty_feed f where f.digest = by_digest and f.revoked_at is null
$$;
revoke all on function hinoban_lease_duty_schedules(bigint, integer), hinoban_next_duty_look(), hinoban_find_duty_feed(bytea) from public;
grant execute on function hinoban_lease_duty_schedules(bigint, integer), hinoban_next_duty_look(), hinoban_find_duty_feed(bytea) to hinoban_app;
`,
  },
] as const;
