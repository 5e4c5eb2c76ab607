import type { Generated } from "kysely";

/** How an organisation maps series to metrics; no row while it is the default. */
export interface PrometheusMappingTable {
  organisation_id: Generated<string>;
  revision: number;
  /** JSON texts of the wire's shapes. */
  settings: string;
  rules: string;
}

/** Something that exposes metrics and is asked for them. */
export interface PrometheusTargetTable {
  id: string;
  organisation_id: Generated<string>;
  url: string;
  is_enabled: boolean;
  interval_seconds: number;
  timeout_seconds: number;
  host_name: string;
  auth: "none" | "bearer" | "basic";
  user_name: string;
  /** Token or password, sealed. */
  secret: Buffer | null;
  verifies_tls: boolean;
  /** JSON text: list of name and value. */
  labels: string;
  created_at: number;
  /** When it is to be scraped next. */
  due_at: number;
  /** Until when a server has taken it on. */
  leased_until: number;
  last_at: number | null;
  /** Null after a scrape that worked. */
  last_error: string | null;
  last_samples: number | null;
  last_millis: number | null;
  host_id: string | null;
}

export interface PrometheusTables {
  prometheus_mapping: PrometheusMappingTable;
  prometheus_target: PrometheusTargetTable;
}

export const prometheusMigrations = [
  {
    id: "prometheus-001",
    sql: `
create table prometheus_mapping (
  organisation_id text primary key default hinoban_organisation(),
  revision integer not null,
  settings text not null,
  rules text not null
);
call hinoban_secure('prometheus_mapping');

create table prometheus_target (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  url text not null,
  is_enabled boolean not null,
  interval_seconds integer not null check (interval_seconds >= 15),
  timeout_seconds integer not null check (timeout_seconds > 0),
  host_name text not null,
  auth text not null check (auth in ('none', 'bearer', 'basic')),
  user_name text not null,
  secret bytea,
  verifies_tls boolean not null,
  labels text not null,
  created_at bigint not null,
  due_at bigint not null,
  leased_until bigint not null,
  last_at bigint,
  last_error text,
  last_samples integer,
  last_millis integer,
  host_id text
) with (fillfactor = 70);
create index prometheus_target_due on prometheus_target (due_at) where is_enabled;
create index prometheus_target_by_organisation on prometheus_target (organisation_id, url);
call hinoban_secure('prometheus_target');

-- Takes on targets that are due, of all organisations: whoever gets a row scrapes it, and nobody else does before the lease ends.
-- A scrape that was missed is not made up for; the next one keeps the rhythm.
create function hinoban_lease_prometheus_targets(at bigint, most integer) returns table (id text, organisation_id text)
language sql security definer set search_path = public as $$
  update prometheus_target t
  set leased_until = at + (t.timeout_seconds + 30) * 1000::bigint,
      due_at = t.due_at + (((at - t.due_at) / (t.interval_seconds * 1000::bigint)) + 1) * t.interval_seconds * 1000::bigint
  where t.id in (
    select d.id from prometheus_target d
    where d.is_enabled and d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  returning t.id, t.organisation_id
$$;
revoke all on function hinoban_lease_prometheus_targets(bigint, integer) from public;
grant execute on function hinoban_lease_prometheus_targets(bigint, integer) to hinoban_app;
`,
  },
] as const;
