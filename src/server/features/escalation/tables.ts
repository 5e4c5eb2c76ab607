import type { Generated } from "kysely";
import type { Medium, Severity } from "#wire/alerting";
import type { AttemptState } from "#wire/escalation";

/** Who is told, how, when and in which order. */
export interface EscalationPolicyTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  version: Generated<number>;
  /** JSON text of the wire's PolicyInput. */
  document: string;
  created_at: number;
  changed_at: number;
  deleted_at: number | null;
}

/** Which policy holds for a service (empty: the whole organisation) and a severity (empty: all). */
export interface EscalationBindingTable {
  organisation_id: Generated<string>;
  service_id: string;
  severity: Severity | "";
  policy_id: string;
}

/** The walk of an incident over its policies, one at a time. A new row each time it begins anew. */
export interface EscalationRunTable {
  id: string;
  organisation_id: Generated<string>;
  incident_id: string;
  /** JSON text of a Snapshot: what was agreed when it began. */
  snapshot: string;
  policy_id: string | null;
  policy_name: string;
  policy_version: number;
  severity: Severity;
  state: "active" | "paused" | "done";
  /** Why it is paused or done. */
  result: string | null;
  ladder: number;
  round: number;
  step: number;
  target: number;
  is_delayed: boolean;
  has_told: boolean;
  /** Number of the last act: attempts of one act belong together. */
  acts: number;
  next_at: number | null;
  /** When next_at was settled: together they are the length of waiting, whatever happens to clocks. */
  planned_at: number;
  /** next_at is a time of the calendar: a clock that is set does not move it. */
  is_anchored: boolean;
  /** The incident's version when the responder was asked whether they are still at it; null: not asked. */
  asked_version: number | null;
  started_at: number;
  ended_at: number | null;
  /** Steps in a row that could not be done. */
  failures: Generated<number>;
  restarts: Generated<number>;
  restarts_since: Generated<number>;
}

/** Somebody who was told, or passed over. */
export interface EscalationAttemptTable {
  id: string;
  organisation_id: Generated<string>;
  run_id: string;
  incident_id: string;
  ladder: number;
  round: number;
  step: number;
  pos: number;
  n: number;
  act: number;
  person_id: string | null;
  channel_id: string | null;
  medium: Medium | null;
  state: AttemptState;
  problem: string | null;
  is_fallback: boolean;
  /** It failed, and nobody has drawn the consequence yet. */
  is_unanswered: boolean;
  /** Whoever was asked will not take it: nobody waits for them. */
  goes_on: Generated<boolean>;
  /** The key under which the notification was handed over. */
  key: string | null;
  created_at: number;
  changed_at: number;
}

/** Somebody who said that they cannot, for one round of a run or for all of it. */
export interface EscalationSkipTable {
  organisation_id: Generated<string>;
  run_id: string;
  ladder: number;
  round: number;
  person_id: string;
  at: number;
  is_whole_run: Generated<boolean>;
}

/** What the auditor found last. */
export interface EscalationAuditTable {
  organisation_id: Generated<string>;
  at: number;
  findings: number;
  overdue: number;
  without_next: number;
}

/** Something about Hinoban itself that is to become an alert, or to end as one, in a transaction of its own. */
export interface EscalationReportTable {
  organisation_id: Generated<string>;
  /** Id of the alert's origin of kind `system`. */
  origin_id: string;
  status: "OK" | "WARNING" | "CRITICAL";
  severity: Severity;
  name: string;
  message: string;
  at: number;
}

export interface EscalationTables {
  escalation_policy: EscalationPolicyTable;
  escalation_binding: EscalationBindingTable;
  escalation_run: EscalationRunTable;
  escalation_attempt: EscalationAttemptTable;
  escalation_skip: EscalationSkipTable;
  escalation_audit: EscalationAuditTable;
  escalation_report: EscalationReportTable;
}

export const escalationMigrations = [
  {
    id: "escalation-001",
    sql: `
create table escalation_policy (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  version integer not null default 1,
  document text not null,
  created_at bigint not null,
  changed_at bigint not null,
  deleted_at bigint
);
create unique index escalation_policy_name on escalation_policy (organisation_id, name) where deleted_at is null;
call hinoban_secure('escalation_policy', 'select, insert, update');

create table escalation_binding (
  organisation_id text not null default hinoban_organisation(),
  service_id text not null,
  severity text not null check (severity in ('', 'information', 'warning', 'error', 'critical')),
  policy_id text not null references escalation_policy,
  primary key (organisation_id, service_id, severity)
);
create index escalation_binding_by_policy on escalation_binding (policy_id);
call hinoban_secure('escalation_binding');

create table escalation_run (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  incident_id text not null references incidents_incident,
  snapshot text not null,
  policy_id text,
  policy_name text not null,
  policy_version integer not null,
  severity text not null check (severity in ('information', 'warning', 'error', 'critical')),
  state text not null check (state in ('active', 'paused', 'done')),
  result text,
  ladder integer not null,
  round integer not null,
  step integer not null,
  target integer not null,
  is_delayed boolean not null,
  has_told boolean not null,
  acts integer not null,
  next_at bigint,
  planned_at bigint not null,
  is_anchored boolean not null,
  asked_version integer,
  started_at bigint not null,
  ended_at bigint,
  failures integer not null default 0,
  restarts integer not null default 0,
  restarts_since bigint not null default 0,
  check (state <> 'active' or next_at is not null),
  check (state <> 'done' or (next_at is null and ended_at is not null))
) with (fillfactor = 70);
-- An incident is walked once at a time: the database keeps it.
create unique index escalation_run_live on escalation_run (incident_id) where state <> 'done';
create index escalation_run_due on escalation_run (next_at) where next_at is not null;
create index escalation_run_planned on escalation_run (planned_at) where next_at is not null;
create index escalation_run_by_incident on escalation_run (organisation_id, incident_id, started_at);
call hinoban_secure('escalation_run', 'select, insert, update');

create table escalation_attempt (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  run_id text not null references escalation_run,
  incident_id text not null,
  ladder integer not null,
  round integer not null,
  step integer not null,
  pos integer not null,
  n integer not null,
  act integer not null,
  person_id text,
  channel_id text,
  medium text check (medium in ('mail', 'chat', 'phone')),
  state text not null check (state in ('pending', 'held', 'claimed', 'retrying', 'sent', 'failed', 'cancelled', 'unknown', 'skipped')),
  problem text,
  is_fallback boolean not null,
  is_unanswered boolean not null default false,
  key text,
  created_at bigint not null,
  changed_at bigint not null,
  -- Whoever comes second fails here: nothing is made twice for the same step.
  unique (run_id, ladder, round, step, pos, n)
) with (fillfactor = 70);
create unique index escalation_attempt_key on escalation_attempt (organisation_id, key) where key is not null;
create index escalation_attempt_by_incident on escalation_attempt (organisation_id, incident_id, created_at);
create index escalation_attempt_unanswered on escalation_attempt (changed_at) where is_unanswered;
call hinoban_secure('escalation_attempt', 'select, insert, update');

create table escalation_skip (
  organisation_id text not null default hinoban_organisation(),
  run_id text not null references escalation_run,
  ladder integer not null,
  round integer not null,
  person_id text not null,
  at bigint not null,
  primary key (run_id, ladder, round, person_id)
);
call hinoban_secure('escalation_skip', 'select, insert');

create table escalation_audit (
  organisation_id text primary key default hinoban_organisation(),
  at bigint not null,
  findings integer not null,
  overdue integer not null,
  without_next integer not null
) with (fillfactor = 50);
call hinoban_secure('escalation_audit', 'select, insert, update');

create table escalation_report (
  organisation_id text not null default hinoban_organisation(),
  origin_id text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL')),
  severity text not null check (severity in ('information', 'warning', 'error', 'critical')),
  name text not null,
  message text not null,
  at bigint not null,
  primary key (organisation_id, origin_id)
);
call hinoban_secure('escalation_report');

-- Organisations of which something waits to become an alert.
create function hinoban_waiting_escalation_reports() returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select distinct r.organisation_id from escalation_report r
$$;

-- Runs of all organisations that are due, or of which a notification failed without anybody having seen to it. Only a hint: whoever goes
-- on with a run locks its row and looks again.
create function hinoban_due_escalation_runs(at bigint, most integer) returns table (id text, organisation_id text)
language sql stable security definer set search_path = public as $$
  (select r.id, r.organisation_id from escalation_run r where r.next_at <= at order by r.failures, r.next_at limit most)
  union
  (select a.run_id, a.organisation_id from escalation_attempt a where a.is_unanswered order by a.changed_at limit most)
$$;
create function hinoban_next_escalation(at bigint) returns bigint
language sql stable security definer set search_path = public as $$
  select min(r.next_at) from escalation_run r where r.next_at > at
$$;

-- The clock of this machine was set: whoever was given two minutes still has them, no more and no less. Rows that were settled after the
-- jump stay, so that it does not matter how many processes notice.
create function hinoban_shift_escalation_runs(planned_after bigint, planned_until bigint, moved bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  moved_rows integer;
begin
  update escalation_run set next_at = next_at + moved, planned_at = planned_at + moved
  where next_at is not null and not is_anchored and planned_at > planned_after and planned_at <= planned_until;
  get diagnostics moved_rows = row_count;
  return moved_rows;
end $$;

-- The clock of the machine that settled it was ahead, or was set back while nobody looked: nobody waits longer than was settled.
create function hinoban_mend_escalation_runs(at bigint, slack bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  mended integer;
begin
  update escalation_run set next_at = at + (next_at - planned_at), planned_at = at
  where next_at is not null and not is_anchored and planned_at > at + slack;
  get diagnostics mended = row_count;
  return mended;
end $$;

-- Organisations that the auditor has to look at.
create function hinoban_escalation_organisations() returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select i.organisation_id from incidents_incident i where i.state <> 'resolved'
  union select p.organisation_id from escalation_policy p where p.deleted_at is null
  union select r.organisation_id from escalation_run r where r.state <> 'done'
  union select a.organisation_id from escalation_audit a where a.findings > 0
$$;

-- For the figures of all organisations together.
create function hinoban_escalation_figures(at bigint) returns table (active bigint, oldest_due bigint, without_next bigint)
language sql stable security definer set search_path = public as $$
  select (select count(*) from escalation_run r where r.state = 'active'),
    (select min(r.next_at) from escalation_run r where r.next_at <= at),
    (select count(*) from incidents_incident i where i.state = 'open' and i.snoozed_until is null
      and not exists (select from escalation_run r where r.incident_id = i.id and r.state = 'active'))
$$;

revoke all on function hinoban_waiting_escalation_reports, hinoban_due_escalation_runs, hinoban_next_escalation, hinoban_shift_escalation_runs, hinoban_mend_escalation_runs,
  hinoban_escalation_organisations, hinoban_escalation_figures from public;
grant execute on function hinoban_waiting_escalation_reports, hinoban_due_escalation_runs, hinoban_next_escalation, hinoban_shift_escalation_runs, hinoban_mend_escalation_runs,
  hinoban_escalation_organisations, hinoban_escalation_figures to hinoban_app;
`,
  },
  {
    id: "escalation-002-media",
    sql: `
alter table escalation_attempt drop constraint escalation_attempt_medium_check;
alter table escalation_attempt add constraint escalation_attempt_medium_check check (medium in ('mail', 'chat', 'phone', 'sms', 'push'));
`,
  },
  {
    id: "escalation-003-calls",
    sql: `
alter table escalation_attempt drop constraint escalation_attempt_state_check;
alter table escalation_attempt add constraint escalation_attempt_state_check
  check (state in ('pending', 'held', 'claimed', 'calling', 'retrying', 'sent', 'failed', 'cancelled', 'unknown', 'skipped'));
-- Asked and not taking it: nobody waits for them.
alter table escalation_attempt add column goes_on boolean not null default false;
-- Left out until the incident is over, rather than for the round.
alter table escalation_skip add column is_whole_run boolean not null default false;
`,
  },
] as const;
