import type { Generated } from "kysely";
import type { ImapSecurity, SourceKind } from "#wire/sources";

/** Where alerts of another product come from, or a heartbeat. */
export interface SourcesSourceTable {
  id: string;
  organisation_id: Generated<string>;
  kind: SourceKind;
  name: string;
  memo: string;
  service_id: string | null;
  default_severity: "information" | "warning" | "error" | "critical";
  /** JSON text of the wire's Mapping. */
  mapping: string | null;
  beat_interval_seconds: number | null;
  beat_grace_seconds: number | null;
  /** SHA-256 of the token in its address, which is kept nowhere; the newer of two. */
  digest: Uint8Array;
  /** Of the older address, while senders are moved. */
  old_digest: Uint8Array | null;
  state: "waiting" | "ok" | "unread" | "missed";
  last_at: number | null;
  /** When a heartbeat is missed. */
  due_at: number | null;
  muted_until: number | null;
  mute_reason: string;
  created_at: number;
}

/** The newest start that was heard of for a key, so that a message that arrives late closes nothing newer. */
export interface SourcesItemTable {
  organisation_id: Generated<string>;
  source_id: string;
  key: string;
  started_at: number;
  seen_at: number;
}

/** One message as it came. */
export interface SourcesSignalTable {
  id: string;
  organisation_id: Generated<string>;
  source_id: string;
  received_at: number;
  effect: "taken" | "repeated" | "ignored" | "test" | "unread";
  opened: number;
  closed: number;
  problem: string | null;
  body: string;
  is_cut: boolean;
  /** In the order in which they came. */
  seq: Generated<number>;
}

/** The heartbeat that we send. */
export interface SourcesOutgoingTable {
  organisation_id: Generated<string>;
  /** The address, sealed: whoever knows it can call for us. */
  sealed: Uint8Array;
  interval_seconds: number;
  is_enabled: boolean;
  due_at: number;
  last_at: number | null;
  last_error: string | null;
  failures: number;
}

/** The mailbox of a source of the kind `mail`, and how far it was read. */
export interface SourcesMailboxTable {
  source_id: string;
  organisation_id: Generated<string>;
  host: string;
  port: number;
  security: ImapSecurity;
  verifies_tls: boolean;
  user_name: string;
  /** Sealed with the source's id. */
  password: Uint8Array;
  folder: string;
  marks_seen: boolean;
  unmatched: "alert" | "ignore";
  /** JSON text of the wire's MailRules. */
  rules: string;
  /** Grows when it is another mailbox or the sign-in changes: whoever reads it begins anew. */
  revision: Generated<number>;
  /** UIDVALIDITY of the folder when it was read last; null: never. */
  validity: string | null;
  /** Mails up to this UID have been taken in. */
  last_uid: Generated<number>;
  /** When it was opened first: mails from before are none of our business. */
  begun_at: number | null;
  /** Older mails are not looked at, since the folder got other UIDs. */
  since: Generated<number>;
  looked_at: number | null;
  problem: string | null;
  failing_since: number | null;
  failures: Generated<number>;
  due_at: Generated<number>;
  leased_until: Generated<number>;
  holder: string | null;
}

/** Mails that were taken in, so that each is only once, even when the folder gets other UIDs. */
export interface SourcesMailTable {
  organisation_id: Generated<string>;
  source_id: string;
  /** SHA-256 of the Message-ID. */
  digest: Uint8Array;
  taken_at: number;
}

export interface SourcesTables {
  sources_mailbox: SourcesMailboxTable;
  sources_mail: SourcesMailTable;
  sources_source: SourcesSourceTable;
  sources_item: SourcesItemTable;
  sources_signal: SourcesSignalTable;
  sources_outgoing: SourcesOutgoingTable;
}

export const sourcesMigrations = [
  {
    id: "sources-001",
    sql: `
create table sources_source (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  kind text not null check (kind in ('alertmanager', 'grafana', 'zabbix', 'mackerel', 'generic', 'heartbeat')),
  name text not null,
  memo text not null,
  service_id text,
  default_severity text not null check (default_severity in ('information', 'warning', 'error', 'critical')),
  mapping text,
  beat_interval_seconds integer check (beat_interval_seconds >= 30),
  beat_grace_seconds integer check (beat_grace_seconds >= 0),
  digest bytea not null unique,
  old_digest bytea unique,
  state text not null check (state in ('waiting', 'ok', 'unread', 'missed')),
  last_at bigint,
  due_at bigint,
  muted_until bigint,
  mute_reason text not null,
  created_at bigint not null,
  check ((kind = 'heartbeat') = (beat_interval_seconds is not null and beat_grace_seconds is not null))
) with (fillfactor = 70);
create index sources_source_by_organisation on sources_source (organisation_id, name);
create index sources_source_due on sources_source (due_at) where due_at is not null;
call hinoban_secure('sources_source');

create table sources_item (
  organisation_id text not null default hinoban_organisation(),
  source_id text not null references sources_source on delete cascade,
  key text not null,
  started_at bigint not null,
  seen_at bigint not null,
  primary key (source_id, key)
) with (fillfactor = 70);
create index sources_item_seen on sources_item (source_id, seen_at);
call hinoban_secure('sources_item');

create table sources_signal (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  source_id text not null references sources_source on delete cascade,
  received_at bigint not null,
  effect text not null check (effect in ('taken', 'repeated', 'ignored', 'test', 'unread')),
  opened integer not null,
  closed integer not null,
  problem text,
  body text not null,
  is_cut boolean not null,
  seq bigint generated always as identity
);
create unique index sources_signal_by_source on sources_signal (source_id, seq);
call hinoban_secure('sources_signal');

create table sources_outgoing (
  organisation_id text primary key default hinoban_organisation(),
  sealed bytea not null,
  interval_seconds integer not null check (interval_seconds >= 60),
  is_enabled boolean not null,
  due_at bigint not null,
  last_at bigint,
  last_error text,
  failures integer not null
) with (fillfactor = 70);
call hinoban_secure('sources_outgoing');

-- Whose address a token is, for somebody who belongs nowhere.
create function hinoban_find_source(by_digest bytea) returns table (id text, organisation_id text, kind text)
language sql stable security definer set search_path = public as $$
  select s.id, s.organisation_id, s.kind from sources_source s where s.digest = by_digest or s.old_digest = by_digest
$$;
revoke all on function hinoban_find_source(bytea) from public;
grant execute on function hinoban_find_source(bytea) to hinoban_app;

-- Heartbeats of all organisations that stayed away, and when the next one would.
create function hinoban_due_heartbeats(most integer) returns table (id text, organisation_id text, due_at bigint)
language sql stable security definer set search_path = public as $$
  select s.id, s.organisation_id, s.due_at from sources_source s where s.due_at is not null order by s.due_at limit most
$$;
revoke all on function hinoban_due_heartbeats(integer) from public;
grant execute on function hinoban_due_heartbeats(integer) to hinoban_app;

-- Takes on heartbeats that are to be sent: whoever gets a row sends it, and nobody else does before the next one is due.
create function hinoban_lease_outgoing_heartbeats(at bigint) returns table (organisation_id text, sealed bytea)
language sql security definer set search_path = public as $$
  update sources_outgoing o
  set due_at = at + o.interval_seconds * 1000::bigint
  where o.organisation_id in (select d.organisation_id from sources_outgoing d where d.is_enabled and d.due_at <= at for update skip locked)
  returning o.organisation_id, o.sealed
$$;
revoke all on function hinoban_lease_outgoing_heartbeats(bigint) from public;
grant execute on function hinoban_lease_outgoing_heartbeats(bigint) to hinoban_app;
`,
  },
  {
    id: "sources-002-mailbox",
    sql: `
alter table sources_source drop constraint sources_source_kind_check;
alter table sources_source add constraint sources_source_kind_check
  check (kind in ('alertmanager', 'grafana', 'zabbix', 'mackerel', 'pagerduty', 'opsgenie', 'mail', 'generic', 'heartbeat'));

create table sources_mailbox (
  source_id text primary key references sources_source on delete cascade,
  organisation_id text not null default hinoban_organisation(),
  host text not null,
  port integer not null check (port between 1 and 65535),
  security text not null check (security in ('tls', 'starttls', 'none')),
  verifies_tls boolean not null,
  user_name text not null,
  password bytea not null,
  folder text not null,
  marks_seen boolean not null,
  unmatched text not null check (unmatched in ('alert', 'ignore')),
  rules text not null,
  revision integer not null default 1,
  validity text,
  last_uid bigint not null default 0,
  begun_at bigint,
  since bigint not null default 0,
  looked_at bigint,
  problem text,
  failing_since bigint,
  failures integer not null default 0,
  due_at bigint not null default 0,
  leased_until bigint not null default 0,
  holder text
) with (fillfactor = 50);
create index sources_mailbox_due on sources_mailbox (due_at);
call hinoban_secure('sources_mailbox');

create table sources_mail (
  organisation_id text not null default hinoban_organisation(),
  source_id text not null references sources_source on delete cascade,
  digest bytea not null,
  taken_at bigint not null,
  primary key (source_id, digest)
);
create index sources_mail_taken on sources_mail (source_id, taken_at);
call hinoban_secure('sources_mail');

-- Takes on mailboxes of all organisations that nobody reads: whoever gets a row reads it as long as the lease is renewed.
create function hinoban_lease_mailboxes(at bigint, most integer, lease bigint) returns table (source_id text, organisation_id text, revision integer)
language sql security definer set search_path = public as $$
  update sources_mailbox m set leased_until = at + lease, holder = current_setting('hinoban.device')
  where m.source_id in (
    select d.source_id from sources_mailbox d where d.due_at <= at and d.leased_until <= at order by d.due_at limit most for update skip locked)
  returning m.source_id, m.organisation_id, m.revision
$$;
revoke all on function hinoban_lease_mailboxes(bigint, integer, bigint) from public;
grant execute on function hinoban_lease_mailboxes(bigint, integer, bigint) to hinoban_app;
`,
  },
] as const;
