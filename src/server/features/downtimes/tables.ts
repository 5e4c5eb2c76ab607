import type { Generated } from "kysely";

/** A time in which certain things raise no alerts. */
export interface DowntimesDowntimeTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  /** Null when none was given, which is not the same as an empty one to whoever compares. */
  memo: string | null;
  start_at: number;
  duration_minutes: number;
  /** JSON text of the wire's Recurrence, with the keys that were written. */
  recurrence: string | null;
  /** JSON text of the wire's seven kinds of scopes, spelled and present as they were written. */
  scopes: string;
  /** It names hosts, which Mackerel's interface cannot say: it is not seen there. */
  names_hosts: boolean;
  /** What had begun by this moment was ended by hand at it. */
  cut_at: number | null;
  /** When it stops holding next; null when never again. Whoever waits for that is told then. */
  next_end_at: number | null;
  created_at: number;
}

export interface DowntimesTables {
  downtimes_downtime: DowntimesDowntimeTable;
}

export const downtimesMigrations = [
  {
    id: "downtimes-001",
    sql: `
create table downtimes_downtime (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  memo text,
  start_at bigint not null,
  duration_minutes integer not null check (duration_minutes > 0),
  recurrence text,
  scopes text not null,
  names_hosts boolean not null,
  cut_at bigint,
  next_end_at bigint,
  created_at bigint not null
);
create index downtimes_downtime_by_organisation on downtimes_downtime (organisation_id, created_at);
create index downtimes_downtime_by_end on downtimes_downtime (next_end_at) where next_end_at is not null;
call hinoban_secure('downtimes_downtime');

-- Organisations in which a downtime has ended, and the moment when the next one ends.
create function downtimes_due(at bigint) returns table (organisation_id text, next_end_at bigint)
language sql stable security definer set search_path = public as $$
  select d.organisation_id, min(d.next_end_at) from downtimes_downtime d where d.next_end_at <= at group by d.organisation_id
  union all
  select null, min(d.next_end_at) from downtimes_downtime d where d.next_end_at > at
$$;
revoke all on function downtimes_due(bigint) from public;
grant execute on function downtimes_due(bigint) to hinoban_app;
`,
  },
] as const;
