import type { Generated } from "kysely";
import type { LineKind } from "#wire/line-settings";
import type { Severity } from "#wire/alerting";
import type { CallKind } from "#wire/calls";
import type { Language } from "#wire/shapes";
import { poolFunctions } from "./pool-functions.ts";

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

${poolFunctions}`,
  },
] as const;
