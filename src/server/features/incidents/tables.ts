import type { Generated } from "kysely";
import type { ActVia, AlertStatus, AlertTrigger, IncidentState, OriginKind, Severity } from "#wire/alerting";

/** Something watched that is or was not as it should be. A new row each time it begins. */
export interface IncidentsAlertTable {
  id: string;
  organisation_id: Generated<string>;
  /** Order of opening: lists and pages go by it. */
  seq: Generated<number>;
  origin_kind: OriginKind;
  origin_id: string;
  key: string;
  status: AlertStatus;
  severity: Severity;
  type: string;
  name: string;
  message: string;
  value: number | null;
  host_id: string | null;
  service_id: string | null;
  /** What the origin itself says belongs together; null: nothing. */
  group_key: string | null;
  /** Its host cannot be reached: alerts of hosts that depend on it are no news. */
  means_down: boolean;
  /** The host that is down and on which this alert's host depends; null: none. */
  inhibited_by: string | null;
  /** JSON text. */
  detail: string;
  is_muted: boolean;
  was_critical: boolean;
  memo: string;
  /** Why it was closed by hand. */
  reason: string | null;
  /** The last change's. */
  trigger: AlertTrigger;
  opened_at: number;
  changed_at: number;
  closed_at: number | null;
}

/** Each change of an alert, as Mackerel's logs have it. Append-only. */
export interface IncidentsAlertLogTable {
  id: string;
  organisation_id: Generated<string>;
  seq: Generated<number>;
  alert_id: string;
  status: AlertStatus;
  trigger: AlertTrigger;
  value: number | null;
  message: string;
  created_at: number;
}

/** A rule was changed or deleted: what was found before was found by another rule. */
export interface IncidentsRuleChangeTable {
  organisation_id: Generated<string>;
  origin_id: string;
  at: number;
}

export interface IncidentsIncidentTable {
  id: string;
  organisation_id: Generated<string>;
  number: number;
  state: IncidentState;
  severity: Severity;
  title: string;
  description: string;
  /** Opened by a person: it does not end by itself. */
  is_manual: boolean;
  opened_by: string;
  responder_id: string | null;
  taken_at: number | null;
  taken_via: ActVia | null;
  /** Who had it when it was resolved: a reopened incident comes back to them. */
  last_responder_id: string | null;
  opened_at: number;
  /** When an alert joined last: the window of grouping counts from here. */
  joined_at: number;
  resolved_at: number | null;
  resolved_by: string | null;
  snoozed_until: number | null;
  /** All is well, but it flaps: it is over when nothing happens until then. */
  settles_at: number | null;
  /** How often an alert of it came back. */
  returns: number;
  is_flapping: boolean;
  /** Services that somebody named; those of its alerts come on top. */
  service_ids: string[];
  /** The incident that took over its alerts. */
  merged_into: string | null;
  version: number;
}

/** Why an alert is in an incident. */
export type Why = "first" | "again" | "host" | "role" | "service" | "dependency" | "source" | "split" | "merged";

/** An alert belongs to an incident from joined_at until left_at. */
export interface IncidentsMembershipTable {
  organisation_id: Generated<string>;
  alert_id: string;
  incident_id: string;
  why: Why;
  joined_at: number;
  left_at: number | null;
}

/** Append-only. */
export interface IncidentsResponderChangeTable {
  organisation_id: Generated<string>;
  incident_id: string;
  /** The incident's version that the change made. */
  n: number;
  from_id: string | null;
  to_id: string | null;
  by: string;
  via: ActVia;
  at: number;
}

/** What happened to an incident, in order. Rows are never changed. */
export interface IncidentsTimelineTable {
  organisation_id: Generated<string>;
  seq: Generated<number>;
  incident_id: string;
  at: number;
  kind: string;
  by: string;
  via: ActVia;
  person_id: string | null;
  /** What somebody wrote. */
  text: string;
  /** JSON text: ids, numbers, short codes. */
  detail: string;
}

/** A host that needs another one to work. */
export interface IncidentsDependencyTable {
  organisation_id: Generated<string>;
  host_id: string;
  depends_on_id: string;
  created_at: number;
}

/** How an organisation groups its alerts; no row while it is the default. */
export interface IncidentsSettingsTable {
  organisation_id: Generated<string>;
  /** JSON text of the wire's GroupingSettings. */
  settings: string;
}

/** The last number given to an incident. */
export interface IncidentsNumberTable {
  organisation_id: Generated<string>;
  last: number;
}

/** An act token that had its effect. */
export interface IncidentsUsedTokenTable {
  organisation_id: Generated<string>;
  digest: Uint8Array;
  expires_at: number;
}

/** Mackerel's alert group setting, with the spelling that was written. */
export interface IncidentsAlertGroupSettingTable {
  id: string;
  organisation_id: Generated<string>;
  seq: Generated<number>;
  name: string;
  /** JSON text of the object without its id, exactly the keys that were given. */
  document: string;
}

export interface IncidentsTables {
  incidents_alert: IncidentsAlertTable;
  incidents_alert_log: IncidentsAlertLogTable;
  incidents_rule_change: IncidentsRuleChangeTable;
  incidents_incident: IncidentsIncidentTable;
  incidents_membership: IncidentsMembershipTable;
  incidents_responder_change: IncidentsResponderChangeTable;
  incidents_timeline: IncidentsTimelineTable;
  incidents_dependency: IncidentsDependencyTable;
  incidents_settings: IncidentsSettingsTable;
  incidents_number: IncidentsNumberTable;
  incidents_used_token: IncidentsUsedTokenTable;
  incidents_alert_group_setting: IncidentsAlertGroupSettingTable;
}

export const incidentsMigrations = [
  {
    id: "incidents-001",
    sql: `
create table incidents_alert (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity,
  origin_kind text not null check (origin_kind in ('monitor', 'check', 'source', 'system')),
  origin_id text not null,
  key text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')),
  severity text not null check (severity in ('information', 'warning', 'error', 'critical')),
  type text not null,
  name text not null,
  message text not null,
  value double precision,
  host_id text,
  service_id text,
  group_key text,
  means_down boolean not null,
  inhibited_by text,
  detail text not null,
  is_muted boolean not null,
  was_critical boolean not null,
  memo text not null default '',
  reason text,
  trigger text not null,
  opened_at bigint not null,
  changed_at bigint not null,
  closed_at bigint,
  check ((status = 'OK') = (closed_at is not null))
) with (fillfactor = 80);
create unique index incidents_alert_open on incidents_alert (organisation_id, origin_kind, origin_id, key) where closed_at is null;
create index incidents_alert_closed on incidents_alert (organisation_id, origin_kind, origin_id, key, closed_at) where closed_at is not null;
create index incidents_alert_newest on incidents_alert (organisation_id, seq);
create index incidents_alert_open_newest on incidents_alert (organisation_id, seq) where closed_at is null;
create index incidents_alert_by_host on incidents_alert (organisation_id, host_id, seq) where host_id is not null;
create index incidents_alert_down on incidents_alert (organisation_id, host_id) where closed_at is null and means_down;
create index incidents_alert_inhibited on incidents_alert (organisation_id, inhibited_by) where closed_at is null and inhibited_by is not null;
call hinoban_secure('incidents_alert', 'select, insert, update');

-- Alerts are never deleted, so nothing checks again for each of ten thousand rows whether its alert is there.
create table incidents_alert_log (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity,
  alert_id text not null,
  status text not null,
  trigger text not null,
  value double precision,
  message text not null,
  created_at bigint not null
);
create index incidents_alert_log_by_alert on incidents_alert_log (alert_id, seq);
call hinoban_secure('incidents_alert_log', 'select, insert');
call hinoban_append_only('incidents_alert_log');

create table incidents_rule_change (
  organisation_id text not null default hinoban_organisation(),
  origin_id text not null,
  at bigint not null,
  primary key (organisation_id, origin_id)
);
call hinoban_secure('incidents_rule_change', 'select, insert, update');

create table incidents_incident (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  number integer not null,
  state text not null check (state in ('open', 'taken', 'resolved')),
  severity text not null check (severity in ('information', 'warning', 'error', 'critical')),
  title text not null,
  description text not null default '',
  is_manual boolean not null,
  opened_by text not null,
  responder_id text references identity_person (id),
  taken_at bigint,
  taken_via text,
  last_responder_id text references identity_person (id),
  opened_at bigint not null,
  joined_at bigint not null,
  resolved_at bigint,
  resolved_by text,
  snoozed_until bigint,
  settles_at bigint,
  returns integer not null default 0,
  is_flapping boolean not null default false,
  service_ids text[] not null default '{}',
  merged_into text references incidents_incident,
  version integer not null default 1,
  unique (organisation_id, number),
  check ((state = 'taken') = (responder_id is not null)),
  check ((state = 'taken') = (taken_at is not null)),
  check ((state = 'resolved') = (resolved_at is not null)),
  check (state <> 'resolved' or (snoozed_until is null and settles_at is null)),
  check (merged_into is null or state = 'resolved')
) with (fillfactor = 80);
create index incidents_incident_live on incidents_incident (organisation_id, number) where state <> 'resolved';
create index incidents_incident_due on incidents_incident (least(snoozed_until, settles_at)) where snoozed_until is not null or settles_at is not null;
create index incidents_incident_by_responder on incidents_incident (organisation_id, responder_id) where responder_id is not null;
call hinoban_secure('incidents_incident', 'select, insert, update');

create table incidents_membership (
  organisation_id text not null default hinoban_organisation(),
  alert_id text not null,
  incident_id text not null references incidents_incident,
  why text not null check (why in ('first', 'again', 'host', 'role', 'service', 'dependency', 'source', 'split', 'merged')),
  joined_at bigint not null,
  left_at bigint
);
-- An alert is in one incident at a time: the database keeps it.
create unique index incidents_membership_present on incidents_membership (alert_id) where left_at is null;
create index incidents_membership_by_incident on incidents_membership (incident_id) where left_at is null;
call hinoban_secure('incidents_membership', 'select, insert, update');

create table incidents_responder_change (
  organisation_id text not null default hinoban_organisation(),
  incident_id text not null references incidents_incident,
  n integer not null,
  from_id text,
  to_id text,
  by text not null,
  via text not null,
  at bigint not null,
  primary key (incident_id, n)
);
call hinoban_secure('incidents_responder_change', 'select, insert');
call hinoban_append_only('incidents_responder_change');

create table incidents_timeline (
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity primary key,
  incident_id text not null references incidents_incident,
  at bigint not null,
  kind text not null,
  by text not null,
  via text not null,
  person_id text,
  text text not null default '',
  detail text not null default '{}'
);
create index incidents_timeline_by_incident on incidents_timeline (incident_id, seq);
call hinoban_secure('incidents_timeline', 'select, insert');

create table incidents_dependency (
  organisation_id text not null default hinoban_organisation(),
  host_id text not null references inventory_host,
  depends_on_id text not null references inventory_host,
  created_at bigint not null,
  primary key (host_id, depends_on_id),
  check (host_id <> depends_on_id)
);
create index incidents_dependency_by_organisation on incidents_dependency (organisation_id, depends_on_id);
call hinoban_secure('incidents_dependency', 'select, insert, delete');

create table incidents_settings (
  organisation_id text primary key default hinoban_organisation(),
  settings text not null
);
call hinoban_secure('incidents_settings', 'select, insert, update');

create table incidents_number (
  organisation_id text primary key default hinoban_organisation(),
  last integer not null
);
call hinoban_secure('incidents_number', 'select, insert, update');

create table incidents_used_token (
  organisation_id text not null default hinoban_organisation(),
  digest bytea not null,
  expires_at bigint not null,
  primary key (organisation_id, digest)
);
call hinoban_secure('incidents_used_token', 'select, insert, delete');

create table incidents_alert_group_setting (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity,
  name text not null,
  document text not null
);
create index incidents_alert_group_setting_by_organisation on incidents_alert_group_setting (organisation_id, seq);
call hinoban_secure('incidents_alert_group_setting');

-- Incidents of all organisations whose snooze is over, or which flapped and have been quiet since.
create function incidents_due(at bigint, most integer) returns table (organisation_id text, incident_id text)
language sql stable security definer set search_path = public as $$
  select i.organisation_id, i.id from incidents_incident i
  where (i.snoozed_until is not null or i.settles_at is not null) and least(i.snoozed_until, i.settles_at) <= at
  order by least(i.snoozed_until, i.settles_at) limit most
$$;
create function incidents_next_due() returns bigint
language sql stable security definer set search_path = public as $$
  select min(least(i.snoozed_until, i.settles_at)) from incidents_incident i where i.snoozed_until is not null or i.settles_at is not null
$$;
revoke all on function incidents_due, incidents_next_due from public;
grant execute on function incidents_due, incidents_next_due to hinoban_app;
`,
  },
] as const;
