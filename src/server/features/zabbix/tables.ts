import type { Generated } from "kysely";

/** A pre-shared key of an organisation's agents. */
export interface ZabbixPskTable {
  id: string;
  organisation_id: Generated<string>;
  /** What agents name it by. Travels in clear: no secret. Unique over all organisations while it is valid. */
  identity: string;
  /** The only host name that may report by it; null: any. */
  host_name: string | null;
  /** The key under the server key. */
  sealed: Uint8Array;
  /** The actor as the ledger names it. */
  created_by: string;
  created_at: number;
  /** Written once a minute. */
  last_used_at: number | null;
  revoked_at: number | null;
}

/** Who may report without encryption. No row: the defaults. */
export interface ZabbixSettingsTable {
  organisation_id: Generated<string>;
  networks: string[];
  autoregister: boolean;
  changed_at: number;
}

/** A host as its Zabbix agent or sender shows itself. */
export interface ZabbixHostTable {
  organisation_id: Generated<string>;
  /** What the agent calls itself. */
  name: string;
  host_id: string;
  agent: "agent" | "agent2" | "sender";
  version: string | null;
  metadata: string | null;
  address: string;
  /** Identity of the key it used last; null: without encryption. */
  psk_identity: string | null;
  first_at: number;
  seen_at: number;
  /** When values came last. */
  data_at: number | null;
  /** The agent's clock against ours, in ms; positive when it is ahead. */
  clock_offset: number | null;
  heartbeat_at: number | null;
  /** In seconds. */
  heartbeat_every: number | null;
  /** What the agent told about its machine, as JSON. */
  knowledge: string;
  /** Newest samples of counters, as JSON. */
  samples: string;
  /** Values left out since the host is known: texts that are no metrics, and times more than a day off. */
  text_values: number;
  late_values: number;
}

export interface ZabbixTables {
  zabbix_psk: ZabbixPskTable;
  zabbix_settings: ZabbixSettingsTable;
  zabbix_host: ZabbixHostTable;
}

/** Loopback and private networks: RFC 1918, RFC 4193, link-local. */
export const privateNetworks = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
] as const;

export const zabbixMigrations = [
  {
    id: "zabbix-001",
    sql: `
create table zabbix_psk (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  identity text collate "C" not null,
  host_name text collate "C",
  sealed bytea not null,
  created_by text not null,
  created_at bigint not null,
  last_used_at bigint,
  revoked_at bigint
);
create unique index zabbix_psk_identity on zabbix_psk (identity) where revoked_at is null;
create index zabbix_psk_by_organisation on zabbix_psk (organisation_id, created_at);
call hinoban_secure('zabbix_psk', 'select, insert, update');

create table zabbix_settings (
  organisation_id text primary key default hinoban_organisation(),
  networks text[] not null,
  autoregister boolean not null,
  changed_at bigint not null
);
call hinoban_secure('zabbix_settings', 'select, insert, update');

create table zabbix_host (
  organisation_id text not null default hinoban_organisation(),
  name text collate "C" not null,
  host_id text not null references inventory_host,
  agent text not null check (agent in ('agent', 'agent2', 'sender')),
  version text,
  metadata text,
  address text not null,
  psk_identity text,
  first_at bigint not null,
  seen_at bigint not null,
  data_at bigint,
  clock_offset bigint,
  heartbeat_at bigint,
  heartbeat_every integer,
  knowledge text not null default '{}',
  samples text not null default '{}',
  text_values bigint not null default 0,
  late_values bigint not null default 0,
  primary key (organisation_id, name)
) with (fillfactor = 50);
call hinoban_secure('zabbix_host', 'select, insert, update, delete');

-- A connection shows whose it is by the identity of its key or by its address: both must be looked for in all organisations.
create function zabbix_valid_psks() returns table (id text, organisation_id text, identity text, host_name text, sealed bytea)
language sql stable security definer set search_path = public as $$
  select k.id, k.organisation_id, k.identity, k.host_name, k.sealed from zabbix_psk k where k.revoked_at is null
$$;
create function zabbix_all_settings() returns table (organisation_id text, networks text[], autoregister boolean, is_first boolean)
language sql stable security definer set search_path = public as $$
  select o.id, s.networks, s.autoregister, o.id = (select first_organisation from identity_setup)
  from identity_organisation o left join zabbix_settings s on s.organisation_id = o.id order by o.created_at, o.id
$$;
revoke all on function zabbix_valid_psks, zabbix_all_settings from public;
grant execute on function zabbix_valid_psks, zabbix_all_settings to hinoban_app;
`,
  },
] as const;
