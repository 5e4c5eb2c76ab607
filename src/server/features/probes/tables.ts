import type { Generated } from "kysely";
import type { Verdict } from "#wire/probe-words";

/** A monitor's probe from one place: when it is due, and what it found last. */
export interface ProbesTaskTable {
  organisation_id: Generated<string>;
  monitor_id: string;
  /** `server` or `host:<id>`. */
  vantage: string;
  /** The monitor's own count of its changes. */
  version: number;
  /** JSON text: name, spec, interval, expected verdicts, service. */
  plan: string;
  interval_seconds: number;
  /** When the server is to do it next; hosts keep their own time. */
  due_at: number;
  leased_until: number;
  assigned_at: number;
  last_at: number | null;
  last_verdict: Verdict | null;
  /** Since when the verdict is the same. */
  since: number | null;
  /** When it was last said that nothing comes; null while something does. */
  silent_at: number | null;
}

/** The last results of each place: a ring of as many rows as are kept. */
export interface ProbesResultTable {
  organisation_id: Generated<string>;
  monitor_id: string;
  vantage: string;
  slot: number;
  at: number;
  verdict: Verdict;
  /** JSON text of the outcome. */
  outcome: string;
}

/** A probe that somebody asked for. */
export interface ProbesRunTable {
  id: string;
  organisation_id: Generated<string>;
  vantage: string;
  /** JSON text; without passwords, headers and bodies once nobody needs them any more. */
  spec: string;
  state: "waiting" | "running" | "done";
  asked_at: number;
  asked_by: string;
  /** JSON text: list of steps. */
  steps: string;
  outcome: string | null;
  /** In the order in which they were asked for. */
  seq: Generated<number>;
}

/** Hosts whose agents ask for probes. */
export interface ProbesAgentTable {
  organisation_id: Generated<string>;
  host_id: string;
  seen_at: number;
}

export interface ProbesTables {
  probes_task: ProbesTaskTable;
  probes_result: ProbesResultTable;
  probes_run: ProbesRunTable;
  probes_agent: ProbesAgentTable;
}

export const probesMigrations = [
  {
    id: "probes-001",
    sql: `
create table probes_task (
  organisation_id text not null default hinoban_organisation(),
  monitor_id text not null,
  vantage text not null,
  version integer not null,
  plan text not null,
  interval_seconds integer not null check (interval_seconds >= 10),
  due_at bigint not null,
  leased_until bigint not null,
  assigned_at bigint not null,
  last_at bigint,
  last_verdict text,
  since bigint,
  silent_at bigint,
  primary key (organisation_id, monitor_id, vantage)
) with (fillfactor = 60);
create index probes_task_due on probes_task (due_at) where vantage = 'server';
create index probes_task_by_vantage on probes_task (organisation_id, vantage);
call hinoban_secure('probes_task');

create table probes_result (
  organisation_id text not null default hinoban_organisation(),
  monitor_id text not null,
  vantage text not null,
  slot integer not null check (slot between 0 and 99),
  at bigint not null,
  verdict text not null,
  outcome text not null,
  primary key (organisation_id, monitor_id, vantage, slot)
) with (fillfactor = 80);
call hinoban_secure('probes_result');

create table probes_run (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  vantage text not null,
  spec text not null,
  state text not null check (state in ('waiting', 'running', 'done')),
  asked_at bigint not null,
  asked_by text not null,
  steps text not null,
  outcome text,
  seq bigint generated always as identity
);
create index probes_run_by_time on probes_run (organisation_id, asked_at, seq);
call hinoban_secure('probes_run');

create table probes_agent (
  organisation_id text not null default hinoban_organisation(),
  host_id text not null,
  seen_at bigint not null,
  primary key (organisation_id, host_id)
);
call hinoban_secure('probes_agent');

-- Takes on what the server itself is to probe, of all organisations: whoever gets a row probes it, and nobody else does before the lease ends.
-- What was missed is not made up for; the next one keeps the rhythm, so that probes stay spread.
create function hinoban_lease_probe_tasks(at bigint, most integer) returns table (organisation_id text, monitor_id text, version integer, plan text, due_at bigint)
language sql security definer set search_path = public as $$
  with due as (
    select d.organisation_id, d.monitor_id, d.due_at from probes_task d
    where d.vantage = 'server' and d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  update probes_task t
  set leased_until = at + 90000,
      due_at = t.due_at + (((at - t.due_at) / (t.interval_seconds * 1000::bigint)) + 1) * t.interval_seconds * 1000::bigint
  from due
  where t.organisation_id = due.organisation_id and t.monitor_id = due.monitor_id and t.vantage = 'server'
  returning t.organisation_id, t.monitor_id, t.version, t.plan, due.due_at
$$;
revoke all on function hinoban_lease_probe_tasks(bigint, integer) from public;
grant execute on function hinoban_lease_probe_tasks(bigint, integer) to hinoban_app;

-- Hosts that should have reported and did not, of all organisations; each is given out once an interval until it reports again.
create function hinoban_silent_probe_tasks(at bigint, most integer) returns table (organisation_id text, monitor_id text, vantage text, version integer)
language sql security definer set search_path = public as $$
  with silent as (
    select d.organisation_id, d.monitor_id, d.vantage from probes_task d
    where d.vantage <> 'server' and coalesce(d.silent_at, 0) <= at - d.interval_seconds * 1000::bigint
      and greatest(coalesce(d.last_at, 0), d.assigned_at) < at - greatest(300000, 5 * d.interval_seconds * 1000::bigint)
    limit most for update skip locked)
  update probes_task t set silent_at = at from silent
  where t.organisation_id = silent.organisation_id and t.monitor_id = silent.monitor_id and t.vantage = silent.vantage
  returning t.organisation_id, t.monitor_id, t.vantage, t.version
$$;
revoke all on function hinoban_silent_probe_tasks(bigint, integer) from public;
grant execute on function hinoban_silent_probe_tasks(bigint, integer) to hinoban_app;

-- Removes what nobody asks for any more: runs of yesterday, agents that stayed away.
create function hinoban_expire_probe_runs(before bigint) returns void
language sql security definer set search_path = public as $$
  delete from probes_run where asked_at < before;
  delete from probes_agent where seen_at < before
$$;
revoke all on function hinoban_expire_probe_runs(bigint) from public;
grant execute on function hinoban_expire_probe_runs(bigint) to hinoban_app;
`,
  },
] as const;
