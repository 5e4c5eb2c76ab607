import type { Generated } from "kysely";

/** Which kind of foreign agent or client reports. Mackerel's agents know their host's id themselves and need no binding. */
export const receiverKinds = ["zabbix", "prometheus", "otlp", "scrape"] as const;
export type ReceiverKind = (typeof receiverKinds)[number];

/** The host that something calls by a name of its own. */
export interface ReceiversBindingTable {
  organisation_id: Generated<string>;
  kind: ReceiverKind;
  name: string;
  host_id: string;
  created_at: number;
  /** When anything last reported by this name, whether it was taken or not. */
  seen_at: number;
}

export interface ReceiversTables {
  receivers_binding: ReceiversBindingTable;
}

export const receiversMigrations = [
  {
    id: "receivers-001",
    sql: `
create table receivers_binding (
  organisation_id text not null default hinoban_organisation(),
  kind text not null,
  name text collate "C" not null,
  host_id text not null references inventory_host,
  created_at bigint not null,
  seen_at bigint not null,
  primary key (organisation_id, kind, name)
) with (fillfactor = 70);
create index receivers_binding_by_host on receivers_binding (host_id);
call hinoban_secure('receivers_binding');
`,
  },
  {
    id: "receivers-002",
    sql: `
-- Of all organisations: read and written by the server alone, and the id of a source belongs to one organisation.
create table receivers_counters (
  source text collate "C" primary key,
  body text not null,
  written_at bigint not null
) with (fillfactor = 70);
create index receivers_counters_by_time on receivers_counters (written_at);
grant select, insert, update, delete on receivers_counters to hinoban_app;
`,
  },
] as const;
