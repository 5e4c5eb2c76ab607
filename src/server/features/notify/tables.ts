import type { Generated } from "kysely";
import type { Medium } from "#wire/alerting";
import type { ContactKind } from "#wire/notify-people";
import type { Language } from "#wire/shapes";

/** A place of the organisation that messages go to. */
export interface NotifyChannelTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  type: string;
  /** JSON text of the type's settings, as they were written: keys that were left out are absent. */
  settings: string;
  /** JSON text of the type's secrets, sealed with the channel's id. */
  secrets: Buffer | null;
  /** Which chat its bot lives in, by a secret of theirs: channels of one chat know the same accounts. */
  workspace: string | null;
  language: Language;
  revision: Generated<number>;
  created_at: number;
  suspended_at: number | null;
  suspended_because: string | null;
  /** Attempts in a row that failed by the channel's fault. */
  failures: Generated<number>;
  failing_since: number | null;
  last_at: number | null;
  last_state: string | null;
  last_problem: string | null;
}

/** The organisation's own mail server; without a row the installation's is used. */
export interface NotifyMailServerTable {
  organisation_id: Generated<string>;
  host: string;
  port: number;
  security: "tls" | "starttls" | "opportunistic" | "none";
  verifies_tls: boolean;
  user_name: string;
  password: Buffer | null;
  from_address: string;
  from_name: string;
  /** Where bounces go; `+` and the message are put before its `@`. Empty: to the sender. */
  bounce_address: string;
  encoding: "utf-8" | "iso-2022-jp";
  updated_at: number;
}

/** How mail went of late, whichever server carries it. */
export interface NotifyMailHealthTable {
  organisation_id: Generated<string>;
  failures: number;
  failing_since: number | null;
  told_at: number | null;
  last_ok_at: number | null;
  last_problem: string | null;
}

/** A way to reach a person. The address they sign in with is one without a row of its own, until they change something about it. */
export interface NotifyContactTable {
  id: string;
  organisation_id: Generated<string>;
  person_id: string;
  kind: ContactKind;
  /** Empty for the address that the person signs in with. */
  address: string;
  is_login: Generated<boolean>;
  label: string;
  /** For chats: which one the account is of. */
  workspace: string | null;
  encoding: Generated<"utf-8" | "iso-2022-jp">;
  position: number;
  created_at: number;
  verified_at: number | null;
  /** HMAC-SHA256 of the code under the server key, while one is awaited. */
  code_digest: Buffer | null;
  code_expires_at: number | null;
  code_tries: Generated<number>;
  muted_until: number | null;
  /** Refusals of the address in a row that were for good. */
  bounces: Generated<number>;
  invalid_since: number | null;
}

/** When and by what somebody wants to be told. */
export interface NotifyRuleTable {
  organisation_id: Generated<string>;
  person_id: string;
  /** JSON text of the wire's `NotificationRules`. */
  rules: string;
  updated_at: number;
}

/** One message to one recipient, from the moment it was decided until it is known what became of it. */
export interface NotifyDeliveryTable {
  seq: Generated<number>;
  id: string;
  organisation_id: Generated<string>;
  /** The same key is sent once. */
  key: string;
  about: string;
  kind: "post" | "edit" | "test";
  channel_id: string | null;
  person_id: string | null;
  medium: Medium | null;
  /** Deliveries of one lane wait for each other, at most `lane_width` are sent at a time. */
  lane: string;
  lane_width: number;
  rank: number;
  is_urgent: boolean;
  severity: string;
  tone: string;
  title: string;
  thread: string | null;
  /** The message, sealed with the delivery's id; forgotten when it is over. */
  notice: Buffer | null;
  state: "pending" | "held" | "claimed" | "calling" | "retrying" | "sent" | "failed" | "cancelled" | "unknown";
  created_at: number;
  due_at: number;
  leased_until: Generated<number>;
  /** The other side asked for silence until then: nothing of the lane is sent before. */
  lane_until: Generated<number>;
  /** The device that claimed it last. */
  claimed_by: string | null;
  /** How often it was claimed; whoever holds the newest claim may say what became of it. */
  claims: Generated<number>;
  tries: Generated<number>;
  ended_at: number | null;
  /** JSON list of the addresses that have it already. */
  progress: Generated<string>;
  /** JSON text of where the post stands, for those that can be edited. */
  place: string | null;
  /** Origin of the Mattermost server that it was sent to; empty when tries went to different ones: none of them may press its buttons. */
  sent_to: string | null;
  /** For an edit: the delivery whose post is edited. */
  target_id: string | null;
  problem: string | null;
}

/** Where a browser gets its messages, sealed with the contact's id: whoever has it can send to it. */
export interface NotifyPushTable {
  contact_id: string;
  organisation_id: Generated<string>;
  subscription: Buffer;
}

export interface NotifyTables {
  notify_push: NotifyPushTable;
  notify_channel: NotifyChannelTable;
  notify_mail_server: NotifyMailServerTable;
  notify_mail_health: NotifyMailHealthTable;
  notify_contact: NotifyContactTable;
  notify_rule: NotifyRuleTable;
  notify_delivery: NotifyDeliveryTable;
}

export const notifyMigrations = [
  {
    id: "notify-001",
    sql: `
create table notify_channel (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  type text not null,
  settings text not null,
  secrets bytea,
  workspace text,
  language text not null check (language in ('en', 'ja')),
  revision integer not null default 1,
  created_at bigint not null,
  suspended_at bigint,
  suspended_because text,
  failures integer not null default 0,
  failing_since bigint,
  last_at bigint,
  last_state text,
  last_problem text
) with (fillfactor = 70);
create index notify_channel_by_organisation on notify_channel (organisation_id, name collate "C", id);
call hinoban_secure('notify_channel');

create table notify_mail_server (
  organisation_id text primary key default hinoban_organisation(),
  host text not null,
  port integer not null check (port between 1 and 65535),
  security text not null check (security in ('tls', 'starttls', 'opportunistic', 'none')),
  verifies_tls boolean not null,
  user_name text not null,
  password bytea,
  from_address text not null,
  from_name text not null,
  bounce_address text not null,
  encoding text not null check (encoding in ('utf-8', 'iso-2022-jp')),
  updated_at bigint not null
);
call hinoban_secure('notify_mail_server');

create table notify_mail_health (
  organisation_id text primary key default hinoban_organisation(),
  failures integer not null,
  failing_since bigint,
  told_at bigint,
  last_ok_at bigint,
  last_problem text
) with (fillfactor = 50);
call hinoban_secure('notify_mail_health');

create table notify_contact (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  kind text not null check (kind in ('mail', 'phone', 'chat')),
  address text not null,
  is_login boolean not null default false,
  label text not null,
  workspace text,
  encoding text not null default 'utf-8' check (encoding in ('utf-8', 'iso-2022-jp')),
  position integer not null,
  created_at bigint not null,
  verified_at bigint,
  code_digest bytea,
  code_expires_at bigint,
  code_tries integer not null default 0,
  muted_until bigint,
  bounces integer not null default 0,
  invalid_since bigint
);
create unique index notify_contact_once on notify_contact (organisation_id, person_id, kind, address, coalesce(workspace, ''));
call hinoban_secure('notify_contact');

create table notify_rule (
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  rules text not null,
  updated_at bigint not null,
  primary key (organisation_id, person_id)
);
call hinoban_secure('notify_rule');

create table notify_delivery (
  seq bigint generated always as identity primary key,
  id text not null unique,
  organisation_id text not null default hinoban_organisation(),
  key text not null,
  about text not null,
  kind text not null check (kind in ('post', 'edit', 'test')),
  channel_id text,
  person_id text,
  medium text check (medium in ('mail', 'chat', 'phone')),
  lane text not null,
  lane_width smallint not null,
  rank smallint not null,
  is_urgent boolean not null,
  severity text not null,
  tone text not null,
  title text not null,
  thread text,
  notice bytea,
  state text not null check (state in ('pending', 'held', 'claimed', 'retrying', 'sent', 'failed', 'cancelled', 'unknown')),
  created_at bigint not null,
  due_at bigint not null,
  leased_until bigint not null default 0,
  lane_until bigint not null default 0,
  claimed_by text,
  claims integer not null default 0,
  tries integer not null default 0,
  ended_at bigint,
  progress text not null default '[]',
  place text,
  target_id text,
  problem text,
  check ((channel_id is null) <> (person_id is null))
) with (fillfactor = 70);
create unique index notify_delivery_key on notify_delivery (organisation_id, key);
create index notify_delivery_open on notify_delivery (lane, rank, due_at, seq) where state in ('pending', 'held', 'retrying', 'claimed');
create index notify_delivery_due on notify_delivery (due_at) where state in ('pending', 'held', 'retrying');
create index notify_delivery_leased on notify_delivery (leased_until) where state = 'claimed';
create index notify_delivery_claimed on notify_delivery (lane) where state = 'claimed';
create index notify_delivery_silent on notify_delivery (lane, lane_until) where state = 'retrying' and lane_until > 0;
create index notify_delivery_by_age on notify_delivery (organisation_id, seq);
create index notify_delivery_by_channel on notify_delivery (organisation_id, channel_id, seq) where channel_id is not null;
create index notify_delivery_by_person on notify_delivery (organisation_id, person_id, seq) where person_id is not null;
create index notify_delivery_by_about on notify_delivery (organisation_id, about, seq);
create index notify_delivery_by_thread on notify_delivery (organisation_id, thread, seq) where thread is not null;
create index notify_delivery_ended on notify_delivery (ended_at) where ended_at is not null;
call hinoban_secure('notify_delivery');

-- Takes on what is due, of all organisations: whoever gets a row sends it, and nobody else does before the lease ends. Each lane gives as
-- many as it is wide, so that a slow one keeps no other waiting; a message waits for an older one of its thread to the same recipient
-- that is about to be sent. was_claimed: somebody claimed it before and never said what became of it.
create function hinoban_claim_deliveries(at bigint, most integer, lease bigint)
returns table (id text, organisation_id text, claims integer, was_claimed boolean)
language sql security definer set search_path = public as $$
  with recursive lanes as (
    (select d.lane from notify_delivery d where d.state in ('pending', 'held', 'retrying', 'claimed') order by d.lane limit 1)
    union all
    select (select d.lane from notify_delivery d where d.state in ('pending', 'held', 'retrying', 'claimed') and d.lane > l.lane order by d.lane limit 1)
    from lanes l where l.lane is not null
  ), candidates as (
    select c.seq, c.rank, c.due_at from lanes l cross join lateral (
      select d.seq, d.rank, d.due_at from notify_delivery d
      where d.lane = l.lane and d.state in ('pending', 'held', 'retrying', 'claimed')
        and ((d.state <> 'claimed' and d.due_at <= at) or (d.state = 'claimed' and d.leased_until <= at))
        and (d.thread is null or not exists (
          select from notify_delivery o
          where o.organisation_id = d.organisation_id and o.thread = d.thread and o.seq < d.seq and o.lane = d.lane
            and o.person_id is not distinct from d.person_id and o.channel_id is not distinct from d.channel_id
            and ((o.state = 'claimed' and o.leased_until > at) or (o.state in ('pending', 'retrying') and o.due_at <= at))))
      order by d.rank, d.due_at, d.seq
      limit (select case
        when exists (select from notify_delivery u where u.lane = l.lane and u.state = 'retrying' and u.lane_until > at and u.lane_until > 0) then 0
        else greatest(0,
          (select w.lane_width from notify_delivery w where w.lane = l.lane and w.state in ('pending', 'held', 'retrying', 'claimed') limit 1)
          - (select count(*) from notify_delivery w where w.lane = l.lane and w.state = 'claimed' and w.leased_until > at)) end)
    ) c where l.lane is not null order by c.rank, c.due_at, c.seq limit most
  ), locked as (
    select d.seq, d.state = 'claimed' as was_claimed from notify_delivery d
    where d.seq in (select c.seq from candidates c)
      and ((d.state in ('pending', 'held', 'retrying') and d.due_at <= at) or (d.state = 'claimed' and d.leased_until <= at))
    for update skip locked
  )
  update notify_delivery d set state = 'claimed', leased_until = at + lease, lane_until = 0, claimed_by = current_setting('hinoban.device'), claims = d.claims + 1
  from locked k where d.seq = k.seq
  returning d.id, d.organisation_id, d.claims, k.was_claimed
$$;

-- A process that starts is alone on its device: what stands there as claimed by it belongs to one that ended. Says how many.
create function hinoban_release_deliveries() returns integer
language plpgsql security definer set search_path = public as $$
declare
  released integer;
begin
  update notify_delivery set leased_until = 0 where state = 'claimed' and claimed_by = current_setting('hinoban.device');
  get diagnostics released = row_count;
  return released;
end $$;

-- When the next delivery falls due after that moment, or a lease ends. Null: nothing waits.
create function hinoban_next_delivery(at bigint) returns bigint
language sql stable security definer set search_path = public as $$
  select least(
    (select min(d.due_at) from notify_delivery d where d.state in ('pending', 'held', 'retrying') and d.due_at > at),
    (select min(d.leased_until) from notify_delivery d where d.state = 'claimed' and d.leased_until > at))
$$;

-- Forgets deliveries that ended before that moment. Says how many went.
create function hinoban_purge_deliveries(before bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  gone integer;
begin
  delete from notify_delivery where ended_at < before;
  get diagnostics gone = row_count;
  return gone;
end $$;

revoke all on function hinoban_claim_deliveries, hinoban_release_deliveries, hinoban_next_delivery, hinoban_purge_deliveries from public;
grant execute on function hinoban_claim_deliveries, hinoban_release_deliveries, hinoban_next_delivery, hinoban_purge_deliveries to hinoban_app;
`,
  },
  {
    id: "notify-002",
    sql: `alter table notify_delivery add column sent_to text;`,
  },
  {
    id: "notify-003-media",
    sql: `
alter table notify_contact drop constraint notify_contact_kind_check;
alter table notify_contact add constraint notify_contact_kind_check check (kind in ('mail', 'phone', 'chat', 'push'));
alter table notify_delivery drop constraint notify_delivery_medium_check;
alter table notify_delivery add constraint notify_delivery_medium_check check (medium in ('mail', 'chat', 'phone', 'sms', 'push'));
`,
  },
  {
    id: "notify-004-calling",
    sql: `
alter table notify_delivery drop constraint notify_delivery_state_check;
alter table notify_delivery add constraint notify_delivery_state_check
  check (state in ('pending', 'held', 'claimed', 'calling', 'retrying', 'sent', 'failed', 'cancelled', 'unknown'));
`,
  },
  {
    id: "notify-005-push",
    sql: `
-- By which browsers and push services know this installation: one pair for all organisations.
create table notify_push_key (
  id text primary key check (id = 'vapid'),
  public_key text not null,
  private_key bytea not null,
  created_at bigint not null
);
grant select, insert on notify_push_key to hinoban_app;

create table notify_push (
  contact_id text primary key references notify_contact on delete cascade,
  organisation_id text not null default hinoban_organisation(),
  subscription bytea not null
);
call hinoban_secure('notify_push');

-- A browser shows messages of one person, in whatever organisations they come from: those of whoever used it before end.
create function hinoban_leave_browser(browser text, keeper text) returns integer
language plpgsql security definer set search_path = public as $$
declare
  gone integer;
begin
  delete from notify_contact where kind = 'push' and address = browser and person_id <> keeper;
  get diagnostics gone = row_count;
  return gone;
end $$;
revoke all on function hinoban_leave_browser from public;
grant execute on function hinoban_leave_browser to hinoban_app;
`,
  },
] as const;
