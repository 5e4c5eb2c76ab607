import type { Generated } from "kysely";
import type { LineKind } from "#wire/line-settings";
import type { Severity } from "#wire/alerting";
import type { CallKind } from "#wire/calls";
import type { Language } from "#wire/shapes";

export { linesMigrations, type LinesTables } from "./lines-tables.ts";

/** A way to place calls. One process at a time has it open: a trunk knows one of us. */
export interface CallsLineTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  kind: LineKind;
  /** Lines with the least are tried first. */
  priority: number;
  capacity: number;
  /** JSON text of the wire's `LineSettings`. */
  settings: string;
  /** JSON text of the wire's `LineSecrets`, sealed with the line's id. */
  secrets: Buffer | null;
  is_on: Generated<boolean>;
  /** Counts changes: whoever has the line open opens it anew. */
  revision: Generated<number>;
  created_at: number;
  deleted_at: number | null;
  /** The device that has it open. */
  leased_by: string | null;
  leased_until: Generated<number>;
  state: Generated<"off" | "connecting" | "ready" | "failed">;
  state_at: Generated<number>;
  problem: string | null;
  registered_until: number | null;
  /** Calls in a row that the line could not place. */
  failures: Generated<number>;
  failing_since: number | null;
  /** It asked to be left alone, or failed: nothing is dialled before. */
  suspended_until: Generated<number>;
  /** Whether people were told that it fails. */
  is_told: Generated<boolean>;
}

/** One call to one number, or from one: from the moment it was asked for. */
export interface CallsCallTable {
  seq: Generated<number>;
  id: string;
  organisation_id: Generated<string>;
  kind: CallKind;
  person_id: string | null;
  contact_id: string | null;
  /** E.164; of an incoming call the caller's, empty when it is withheld. */
  number: string;
  /** JSON list of {contactId, number}: to be tried after this one. */
  further: Generated<string>;
  language: Language;
  time_zone: string;
  /** Asked for by the one who placed it: only this line. */
  wanted_line_id: string | null;
  line_id: string | null;
  /** JSON list of the lines that could not place it. */
  tried_lines: Generated<string>;
  /** `claimed`: a process is about to dial, nothing has left it. */
  state: "queued" | "claimed" | "dialing" | "ringing" | "talking" | "over";
  severity: Severity;
  rank: number;
  ring_ms: number;
  longest_ms: number;
  /** Random key that takes, for those who want one. */
  take_key: string | null;
  /** What is read aloud in calls that are not about incidents, sealed with the call's id: a code. */
  content: Buffer | null;
  asked_at: number;
  due_at: number;
  dialled_at: number | null;
  rang_at: number | null;
  answered_at: number | null;
  ended_at: number | null;
  talked_ms: number | null;
  cause: string | null;
  /** What it came to, as a short code. */
  result: string | null;
  problem: string | null;
  sip_code: number | null;
  cost: number | null;
  currency: string | null;
  /** Keys that answered; never a PIN. */
  pressed: Generated<string>;
  /** JSON text of the script's stage. */
  stage: string | null;
  /** How many turns were given; the last of them as JSON text. */
  turn: Generated<number>;
  last_turn: string | null;
  /** A key whose act has not been done yet: JSON text of {action, incidentIds, at}. */
  pending: string | null;
  /** By which the line finds the call again. */
  saved: string | null;
  leased_by: string | null;
  leased_until: Generated<number>;
  /** How often a process took it on to dial it: what an earlier one still wants to do is nothing any more. */
  claims: Generated<number>;
  /** Its fate is unknown: it is asked for again then. */
  recover_at: number | null;
  /** How often calls to this person about the same were lost with their process. */
  recoveries: Generated<number>;
  /** `taken`: nobody needs it any more, whoever listens is told so; `ended`: somebody hangs up by hand. */
  unwanted: "taken" | "ended" | null;
  /** The call that was made in its place: to the next number, over another line, after a crash. */
  followed_by: string | null;
}

/** What is told in a call: an incident, and the notification that asked for it. */
export interface CallsTopicTable {
  organisation_id: Generated<string>;
  call_id: string;
  incident_id: string;
  /** Null in incoming calls. */
  delivery_id: string | null;
  asked_at: number;
  /** `open`: not told or not answered; `moved`: goes on in another call. */
  state: Generated<"open" | "taken" | "declined" | "next" | "elsewhere" | "over" | "unanswered" | "cancelled" | "unreached" | "moved">;
  told_at: number | null;
  /** The escalation was asked for its next step because of it: once. */
  stepped_at: number | null;
  /** What is to be said to whoever sent the notification: JSON text; null once they know, or before the end. */
  settlement: string | null;
}

/** The timeline of one call. */
export interface CallsEventTable {
  seq: Generated<number>;
  organisation_id: Generated<string>;
  call_id: string;
  at: number;
  kind: string;
  /** JSON list of the sentences that were said. */
  said: string | null;
  detail: string;
}

/** Wrong PINs of somebody in a row: nobody tries them all by telephone. */
export interface CallsPinTable {
  organisation_id: Generated<string>;
  person_id: string;
  /** In calls to us: whoever only pretends to be somebody shuts nobody out of the calls that they get. */
  is_incoming: boolean;
  failures: number;
  locked_until: number;
}

export interface CallsTables {
  calls_line: CallsLineTable;
  calls_call: CallsCallTable;
  calls_topic: CallsTopicTable;
  calls_event: CallsEventTable;
  calls_pin: CallsPinTable;
}

export const callsMigrations = [
  {
    id: "calls-001",
    sql: `
create table calls_line (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  kind text not null check (kind in ('sip', 'twilio', 'vonage', 'http')),
  priority integer not null,
  capacity integer not null check (capacity > 0),
  settings text not null,
  secrets bytea,
  is_on boolean not null default true,
  revision integer not null default 1,
  created_at bigint not null,
  deleted_at bigint,
  leased_by text,
  leased_until bigint not null default 0,
  state text not null default 'off' check (state in ('off', 'connecting', 'ready', 'failed')),
  state_at bigint not null default 0,
  problem text,
  registered_until bigint,
  failures integer not null default 0,
  failing_since bigint,
  suspended_until bigint not null default 0,
  is_told boolean not null default false
) with (fillfactor = 70);
create index calls_line_by_organisation on calls_line (organisation_id, priority, id) where deleted_at is null;
call hinoban_secure('calls_line');

create table calls_call (
  seq bigint generated always as identity primary key,
  id text not null unique,
  organisation_id text not null default hinoban_organisation(),
  kind text not null check (kind in ('incident', 'code', 'test', 'weekly', 'incoming')),
  person_id text,
  contact_id text,
  number text not null,
  further text not null default '[]',
  language text not null check (language in ('en', 'ja')),
  time_zone text not null,
  wanted_line_id text,
  line_id text,
  tried_lines text not null default '[]',
  state text not null check (state in ('queued', 'claimed', 'dialing', 'ringing', 'talking', 'over')),
  severity text not null,
  rank smallint not null,
  ring_ms integer not null,
  longest_ms integer not null,
  take_key text,
  content bytea,
  asked_at bigint not null,
  due_at bigint not null,
  dialled_at bigint,
  rang_at bigint,
  answered_at bigint,
  ended_at bigint,
  talked_ms bigint,
  cause text,
  result text,
  problem text,
  sip_code integer,
  cost double precision,
  currency text,
  pressed text not null default '',
  stage text,
  turn integer not null default 0,
  last_turn text,
  pending text,
  saved text,
  leased_by text,
  leased_until bigint not null default 0,
  claims integer not null default 0,
  recover_at bigint,
  recoveries integer not null default 0,
  unwanted text check (unwanted in ('taken', 'ended')),
  followed_by text,
  check ((state = 'over') = (ended_at is not null))
) with (fillfactor = 60);
-- Never two calls at once to one person or number, whichever organisations ask, whatever the code above believes.
create unique index calls_call_one_person on calls_call (person_id) where state in ('claimed', 'dialing', 'ringing', 'talking') and kind <> 'incoming';
create unique index calls_call_one_number on calls_call (number) where state in ('claimed', 'dialing', 'ringing', 'talking') and kind <> 'incoming';
-- What waits for a person is told in one call.
create unique index calls_call_one_queued on calls_call (organisation_id, person_id) where state = 'queued' and kind = 'incident';
create index calls_call_open on calls_call (state, due_at) where state <> 'over';
create index calls_call_pending on calls_call (leased_until) where pending is not null;
create index calls_call_by_line on calls_call (line_id, seq);
create index calls_call_by_age on calls_call (organisation_id, seq);
create index calls_call_by_person on calls_call (organisation_id, person_id, seq) where person_id is not null;
create index calls_call_by_number on calls_call (organisation_id, number, seq) where kind = 'incoming';
create index calls_call_incoming on calls_call (organisation_id, line_id, asked_at) where kind = 'incoming';
call hinoban_secure('calls_call');

create table calls_topic (
  organisation_id text not null default hinoban_organisation(),
  call_id text not null references calls_call (id) on delete cascade,
  incident_id text not null,
  delivery_id text,
  asked_at bigint not null,
  state text not null default 'open'
    check (state in ('open', 'taken', 'declined', 'next', 'elsewhere', 'over', 'unanswered', 'cancelled', 'unreached', 'moved')),
  told_at bigint,
  stepped_at bigint,
  settlement text,
  primary key (call_id, incident_id)
) with (fillfactor = 70);
create index calls_topic_by_incident on calls_topic (organisation_id, incident_id, call_id);
create unique index calls_topic_by_delivery on calls_topic (organisation_id, delivery_id) where delivery_id is not null and state <> 'moved';
create index calls_topic_unsettled on calls_topic (organisation_id) where settlement is not null;
call hinoban_secure('calls_topic');

create table calls_event (
  seq bigint generated always as identity primary key,
  organisation_id text not null default hinoban_organisation(),
  call_id text not null references calls_call (id) on delete cascade,
  at bigint not null,
  kind text not null,
  said text,
  detail text not null
);
create index calls_event_by_call on calls_event (call_id, seq);
call hinoban_secure('calls_event', 'select, insert, delete');

create table calls_pin (
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  is_incoming boolean not null,
  failures integer not null,
  locked_until bigint not null,
  primary key (organisation_id, person_id, is_incoming)
);
call hinoban_secure('calls_pin');

-- Opens and keeps the lines of all organisations: those that nobody has, and those that this device has. What was switched off or deleted
-- is let go. at: now, as this device has it; now: as all devices have it, for leases; opened: lines that are open here. Whatever a line said
-- of itself before it was opened here was said of another process.
create function hinoban_lease_call_lines(at bigint, now bigint, lease bigint, opened text[])
returns table (id text, organisation_id text, revision integer)
language plpgsql security definer set search_path = public as $$
declare
  device text := current_setting('hinoban.device');
begin
  update calls_line l set leased_by = null, leased_until = 0, state = 'off', state_at = at, problem = null, registered_until = null
    where l.leased_by = device and (not l.is_on or l.deleted_at is not null);
  update calls_line l set leased_by = device, leased_until = now + lease,
    state = case when w.is_new then 'connecting' else l.state end,
    state_at = case when w.is_new then at else l.state_at end
  from (
    select o.id, o.leased_by is distinct from device or (o.state = 'ready' and not o.id = any(opened)) as is_new from calls_line o
    where o.is_on and o.deleted_at is null and (o.leased_by = device or o.leased_until <= now)
    for update skip locked) w
  where l.id = w.id;
  -- A line whose row is being written at this moment stays ours: its lease holds until the next look.
  return query select l.id, l.organisation_id, l.revision from calls_line l
    where l.leased_by = device and l.leased_until > now and l.is_on and l.deleted_at is null;
end $$;

-- This device closes its lines: another one may open them at once.
create function hinoban_release_call_lines(at bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  released integer;
begin
  update calls_line l set leased_by = null, leased_until = 0, state = 'off', state_at = at, registered_until = null
    where l.leased_by = current_setting('hinoban.device');
  get diagnostics released = row_count;
  update calls_call c set leased_until = 0 where c.leased_by = current_setting('hinoban.device') and c.state <> 'over';
  return released;
end $$;

-- Takes on calls that are due, for those lines of this device that are open in the process that asks (opened), the best line first. A call
-- waits while its person or number is on the telephone, and for a better line that has room. Whoever gets a row dials it, by that claim.
create function hinoban_claim_calls(at bigint, now bigint, lease bigint, opened text[])
returns table (id text, organisation_id text, claims integer)
language plpgsql security definer set search_path = public as $$
declare
  device text := current_setting('hinoban.device');
  line record;
  waiting record;
  room integer;
begin
  for line in
    select l.id, l.organisation_id, l.priority, l.capacity from calls_line l
    where l.id = any(opened) and l.leased_by = device and l.leased_until > now
      and l.is_on and l.deleted_at is null and l.state = 'ready' and l.suspended_until <= at
      and exists (select from calls_call q where q.organisation_id = l.organisation_id and q.state = 'queued' and q.due_at <= at)
    order by l.organisation_id, l.priority, l.id
  loop
    select line.capacity - count(*) into room from calls_call c
      where c.line_id = line.id and c.state in ('claimed', 'dialing', 'ringing', 'talking');
    for waiting in
      select q.id, q.person_id, q.number from calls_call q
      where q.organisation_id = line.organisation_id and q.state = 'queued' and q.due_at <= at and q.unwanted is null
        and coalesce(q.wanted_line_id, line.id) = line.id and not (q.tried_lines::jsonb ? line.id)
        and not exists (
          select from calls_call o where o.state in ('claimed', 'dialing', 'ringing', 'talking')
            and (o.number = q.number or (q.person_id is not null and o.person_id = q.person_id)))
        and not exists (
          select from calls_line b where b.organisation_id = line.organisation_id and b.id <> line.id and b.priority < line.priority
            and coalesce(q.wanted_line_id, b.id) = b.id and not (q.tried_lines::jsonb ? b.id)
            and b.is_on and b.deleted_at is null and b.state = 'ready' and b.suspended_until <= at and b.leased_until > now
            and (b.leased_by <> device or b.id = any(opened))
            and b.capacity > (select count(*) from calls_call c where c.line_id = b.id and c.state in ('claimed', 'dialing', 'ringing', 'talking')))
      order by q.rank, q.asked_at, q.seq
      for update skip locked
    loop
      exit when room <= 0;
      begin
        update calls_call c set state = 'claimed', line_id = line.id, leased_by = device, leased_until = now + lease, claims = c.claims + 1
          where c.id = waiting.id returning c.claims into claims;
        room := room - 1;
        id := waiting.id;
        organisation_id := line.organisation_id;
        return next;
      exception when unique_violation then
        null; -- this person, or this number, is being called by somebody else at this very moment
      end;
    end loop;
  end loop;
end $$;

-- Keeps calls that are on here. Says which of them are still ours, and whether anybody still needs them. A row that is being written at this
-- moment is kept by the next look.
create function hinoban_renew_calls(now bigint, lease bigint, ids text[])
returns table (id text, organisation_id text, state text, unwanted text)
language plpgsql security definer set search_path = public as $$
declare
  device text := current_setting('hinoban.device');
begin
  update calls_call c set leased_until = now + lease where c.id in (
    select o.id from calls_call o
    where o.id = any(ids) and o.state in ('claimed', 'dialing', 'ringing', 'talking') and o.leased_by = device
    for update skip locked);
  return query select c.id, c.organisation_id, c.state, c.unwanted from calls_call c
    where c.id = any(ids) and c.state in ('claimed', 'dialing', 'ringing', 'talking') and c.leased_by = device;
end $$;

-- Calls whose process ended: of lines that are open here, or that nobody can open any more. mine: those that this process knows.
create function hinoban_lost_calls(at bigint, now bigint, lease bigint, mine text[])
returns table (id text, organisation_id text)
language sql security definer set search_path = public as $$
  update calls_call c set leased_by = current_setting('hinoban.device'), leased_until = now + lease
  where c.id in (
    select o.id from calls_call o left join calls_line l on l.id = o.line_id
    where (o.state in ('claimed', 'dialing', 'ringing', 'talking') or (o.state = 'over' and o.pending is not null))
      and not o.id = any(mine)
      and (o.leased_until <= now or o.leased_by = current_setting('hinoban.device'))
      and coalesce(o.recover_at, 0) <= at
      and (l.id is null or not l.is_on or l.deleted_at is not null or l.leased_by = current_setting('hinoban.device') or l.leased_until <= now)
    for update of o skip locked)
  returning c.id, c.organisation_id
$$;

-- Calls that tell something of which somebody else took care meanwhile: their notification was taken back, or came too late for that.
create function hinoban_unwanted_calls() returns table (id text, organisation_id text)
language sql stable security definer set search_path = public as $$
  select distinct c.id, c.organisation_id
  from calls_call c join calls_topic t on t.call_id = c.id join notify_delivery d on d.id = t.delivery_id
    left join incidents_incident i on i.id = t.incident_id
  where c.state <> 'over' and t.state = 'open' and (d.state = 'cancelled' or i.state is distinct from 'open')
$$;

-- Organisations in which calls wait, or in which somebody is still to be told what became of one, or that a line fails.
create function hinoban_waiting_calls(at bigint) returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select q.organisation_id from calls_call q where q.state = 'queued' and q.due_at <= at
  union
  select t.organisation_id from calls_topic t where t.settlement is not null
  union
  select l.organisation_id from calls_line l
    where (l.is_told and (l.failing_since is null or not l.is_on or l.deleted_at is not null))
      or (not l.is_told and l.is_on and l.deleted_at is null and l.failing_since is not null
        and (l.failures >= 2 or l.failing_since <= at - 30000))
$$;

-- When the next call falls due after that moment, one whose fate is unknown is asked for again, or a notification that is just being handed
-- on can be told what became of it. Null: nothing waits.
create function hinoban_next_call(at bigint) returns bigint
language sql stable security definer set search_path = public as $$
  select least(
    (select min(q.due_at) from calls_call q where q.state = 'queued' and q.due_at > at),
    (select min(c.recover_at) from calls_call c where c.state in ('claimed', 'dialing', 'ringing', 'talking') and c.recover_at > at),
    (select min(l.suspended_until) from calls_line l where l.is_on and l.suspended_until > at),
    (select at + 1000 where exists (
      select from calls_topic t join notify_delivery d on d.id = t.delivery_id where t.settlement is not null and d.state = 'claimed')))
$$;

-- Forgets calls that ended before that moment. Says how many went.
create function hinoban_purge_calls(before bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  gone integer;
begin
  delete from calls_call where ended_at < before;
  get diagnostics gone = row_count;
  return gone;
end $$;

revoke all on function hinoban_lease_call_lines, hinoban_release_call_lines, hinoban_claim_calls, hinoban_renew_calls, hinoban_lost_calls, hinoban_unwanted_calls,
  hinoban_waiting_calls, hinoban_next_call, hinoban_purge_calls from public;
grant execute on function hinoban_lease_call_lines, hinoban_release_call_lines, hinoban_claim_calls, hinoban_renew_calls, hinoban_lost_calls, hinoban_unwanted_calls,
  hinoban_waiting_calls, hinoban_next_call, hinoban_purge_calls to hinoban_app;
`,
  },
] as const;
