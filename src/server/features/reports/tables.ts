import type { Generated } from "kysely";
import type { Language } from "#wire/shapes";

/** A report as it was made: what changes afterwards does not change it. */
export interface ReportsReportTable {
  seq: Generated<number>;
  id: string;
  organisation_id: Generated<string>;
  /** `2026-10` or `2026` */
  period: string;
  language: Language;
  /** JSON text of a ReportModel. */
  model: string;
  is_complete: boolean;
  incidents: number;
  made_at: number;
  /** As the ledger names who did it. */
  made_by: string;
}

/** When and to whom reports are sent; no row: to nobody. */
export interface ReportsSettingTable {
  organisation_id: Generated<string>;
  /** JSON text of the wire's ReportSettings. */
  settings: string;
  /** When the next one falls due; null while none is sent by itself. */
  next_at: number | null;
  leased_until: Generated<number>;
}

/** A report on its way to one recipient. */
export interface ReportsSendingTable {
  seq: Generated<number>;
  id: string;
  organisation_id: Generated<string>;
  report_id: string;
  kind: "person" | "address" | "channel";
  /** Id of the person or channel, or the address. */
  recipient: string;
  /** What the recipient was called then. */
  name: string;
  language: Language;
  state: Generated<"pending" | "sent" | "failed">;
  problem: string | null;
  tries: Generated<number>;
  created_at: number;
  /** Null when nothing more is to be done here: channels are told by the notifications. */
  due_at: number | null;
  leased_until: Generated<number>;
  ended_at: number | null;
  /** The notification that tells a channel. */
  delivery_id: string | null;
}

export interface ReportsTables {
  reports_report: ReportsReportTable;
  reports_setting: ReportsSettingTable;
  reports_sending: ReportsSendingTable;
}

export const reportsMigrations = [
  {
    id: "reports-001",
    sql: `
create table reports_report (
  seq bigint generated always as identity,
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  period text not null,
  language text not null check (language in ('en', 'ja')),
  model text not null,
  is_complete boolean not null,
  incidents integer not null,
  made_at bigint not null,
  made_by text not null
);
create index reports_report_by_age on reports_report (organisation_id, seq);
call hinoban_secure('reports_report', 'select, insert, delete');

create table reports_setting (
  organisation_id text primary key default hinoban_organisation(),
  settings text not null,
  next_at bigint,
  leased_until bigint not null default 0
) with (fillfactor = 50);
create index reports_setting_due on reports_setting (next_at) where next_at is not null;
call hinoban_secure('reports_setting', 'select, insert, update');

create table reports_sending (
  seq bigint generated always as identity,
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  report_id text not null references reports_report,
  kind text not null check (kind in ('person', 'address', 'channel')),
  recipient text not null,
  name text not null,
  language text not null check (language in ('en', 'ja')),
  state text not null default 'pending' check (state in ('pending', 'sent', 'failed')),
  problem text,
  tries integer not null default 0,
  created_at bigint not null,
  due_at bigint,
  leased_until bigint not null default 0,
  ended_at bigint,
  delivery_id text
) with (fillfactor = 70);
create index reports_sending_by_report on reports_sending (report_id, seq);
create index reports_sending_due on reports_sending (due_at) where due_at is not null;
create index reports_sending_by_delivery on reports_sending (delivery_id) where delivery_id is not null;
call hinoban_secure('reports_sending', 'select, insert, update');

-- Organisations whose report is due: whoever gets one makes it, and nobody else tries before the lease ends.
create function hinoban_lease_reports(at bigint, lease bigint) returns table (organisation_id text)
language sql security definer set search_path = public as $$
  update reports_setting s set leased_until = at + lease
  where s.organisation_id in (
    select d.organisation_id from reports_setting d where d.next_at <= at and d.leased_until <= at
    order by d.next_at limit 1 for update skip locked)
  returning s.organisation_id
$$;

-- One mail that is due: whoever gets it sends it, and nobody else does before the lease ends.
create function hinoban_claim_report_sending(at bigint, lease bigint) returns table (id text, organisation_id text)
language sql security definer set search_path = public as $$
  update reports_sending s set leased_until = at + lease
  where s.id in (
    select d.id from reports_sending d where d.due_at <= at and d.leased_until <= at
    order by d.due_at limit 1 for update skip locked)
  returning s.id, s.organisation_id
$$;

-- When the next report or mail falls due, or a lease ends. Null: nothing waits.
create function hinoban_next_report(at bigint) returns bigint
language sql stable security definer set search_path = public as $$
  select least(
    (select min(greatest(s.next_at, s.leased_until)) from reports_setting s where s.next_at is not null),
    (select min(greatest(s.due_at, s.leased_until)) from reports_sending s where s.due_at is not null))
$$;

revoke all on function hinoban_lease_reports, hinoban_claim_report_sending, hinoban_next_report from public;
grant execute on function hinoban_lease_reports, hinoban_claim_report_sending, hinoban_next_report to hinoban_app;
`,
  },
] as const;
