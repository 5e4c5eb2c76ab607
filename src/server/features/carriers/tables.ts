import type { Generated } from "kysely";

/** Which of a provider's calls is ours: the first that asked us in its name. */
interface CarriersCallTable {
  organisation_id: Generated<string>;
  call_id: string;
  line_id: string;
  provider_id: string;
  /** The last words were handed over: whoever hangs up then has heard everything. */
  has_finished: Generated<boolean>;
  at: number;
}

/** What providers told us, so that nobody tells it again. */
interface CarriersSeenTable {
  organisation_id: Generated<string>;
  key: string;
  at: number;
}

/** Who carries an organisation's short messages. */
export interface CarriersSmsSenderTable {
  organisation_id: Generated<string>;
  kind: "twilio" | "http";
  /** JSON text of the wire's `SmsSenderSettings`. */
  settings: string;
  /** JSON text of its secrets, sealed with the organisation's id. */
  secrets: Buffer | null;
  changed_at: number;
  last_ok_at: number | null;
  failing_since: number | null;
  last_problem: string | null;
}

/** A short message that was handed over, and what became of it. */
interface CarriersSmsMessageTable {
  id: string;
  organisation_id: Generated<string>;
  person_id: string | null;
  /** All but the last three digits are hidden. */
  number: string;
  provider_id: string;
  at: number;
  segments: number;
  encoding: "gsm-7" | "ucs-2";
  cost: number | null;
  currency: string | null;
  state: "sent" | "delivered" | "failed";
  told_at: number | null;
  problem: string | null;
}

export interface CarriersTables {
  carriers_call: CarriersCallTable;
  carriers_seen: CarriersSeenTable;
  carriers_sms_sender: CarriersSmsSenderTable;
  carriers_sms_message: CarriersSmsMessageTable;
}

export const carriersMigrations = [
  {
    id: "carriers-001",
    sql: `
create table carriers_call (
  organisation_id text not null default hinoban_organisation(),
  call_id text not null,
  line_id text not null,
  provider_id text not null,
  has_finished boolean not null default false,
  at bigint not null,
  primary key (organisation_id, call_id)
);
create index carriers_call_by_time on carriers_call (at);
call hinoban_secure('carriers_call');

create table carriers_seen (
  organisation_id text not null default hinoban_organisation(),
  key text not null,
  at bigint not null,
  primary key (organisation_id, key)
);
create index carriers_seen_by_time on carriers_seen (at);
call hinoban_secure('carriers_seen');

create table carriers_sms_sender (
  organisation_id text primary key default hinoban_organisation(),
  kind text not null check (kind in ('twilio', 'http')),
  settings text not null,
  secrets bytea,
  changed_at bigint not null,
  last_ok_at bigint,
  failing_since bigint,
  last_problem text
) with (fillfactor = 70);
call hinoban_secure('carriers_sms_sender');

create table carriers_sms_message (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  person_id text,
  number text not null,
  provider_id text not null,
  at bigint not null,
  segments smallint not null,
  encoding text not null check (encoding in ('gsm-7', 'ucs-2')),
  cost double precision,
  currency text,
  state text not null check (state in ('sent', 'delivered', 'failed')),
  told_at bigint,
  problem text
) with (fillfactor = 80);
create index carriers_sms_message_by_time on carriers_sms_message (organisation_id, at desc, id);
call hinoban_secure('carriers_sms_message');

-- Forgets what nobody asks for any more, of all organisations.
create function hinoban_purge_carriers(told_before bigint, sent_before bigint) returns void
language sql security definer set search_path = public as $$
  delete from carriers_seen where at < told_before;
  delete from carriers_call where at < told_before;
  delete from carriers_sms_message where at < sent_before;
$$;
revoke all on function hinoban_purge_carriers from public;
grant execute on function hinoban_purge_carriers to hinoban_app;
`,
  },
] as const;
