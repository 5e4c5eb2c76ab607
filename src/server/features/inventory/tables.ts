import type { Generated } from "kysely";
import type { CheckStatus, HostStatus } from "#wire/inventory";

export interface InventoryHostTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  /** Empty = none: the name is shown. */
  display_name: string;
  custom_identifier: string | null;
  memo: string;
  status: HostStatus;
  /** JSON text, exactly as the agent sent it. */
  meta: string;
  /** JSON text of HostInterface[]. */
  interfaces: string;
  /** What lists are sorted by: digits padded, so that web2 comes before web10. */
  sort_name: string;
  /** Folded text that a search looks into. */
  search: string;
  created_at: number;
  retired_at: number | null;
}

/** When a host was heard of last. Apart from the host, since it is written each minute. */
export interface InventorySeenTable {
  host_id: string;
  organisation_id: Generated<string>;
  /** By whatever means. */
  at: number;
  /** Through Mackerel's interface: by its agent, by ours, or by a tool that speaks it. */
  agent_at: number | null;
}

/** When a server of this installation listened last. Belongs to no organisation. */
export interface InventoryListenerTable {
  device: string;
  at: number;
}

/** A time in which no server listened: silence then says nothing about a host. */
export interface InventoryDeafnessTable {
  from_at: number;
  to_at: number;
}

export interface InventoryServiceTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  memo: string;
  created_at: number;
  /** Deleted services stay, so that the history can still name them. */
  deleted_at: number | null;
}

export interface InventoryRoleTable {
  id: string;
  organisation_id: Generated<string>;
  service_id: string;
  name: string;
  memo: string;
  created_at: number;
  deleted_at: number | null;
  /** Null = as the organisation has it. */
  no_data_minutes: Generated<number | null>;
}

/** A host belonged to a role in [from_at, to_at); to_at is null while it does. */
export interface InventoryMembershipTable {
  organisation_id: Generated<string>;
  host_id: string;
  role_id: string;
  from_at: number;
  to_at: number | null;
}

export interface InventoryMetadataTable {
  organisation_id: Generated<string>;
  /** `host:<id>`, `service:<id>` or `role:<id>`. */
  owner: string;
  namespace: string;
  /** JSON text, exactly as it was written. */
  document: string;
  updated_at: number;
}

/** A check of a host and its newest report. */
export interface InventoryCheckTable {
  id: string;
  organisation_id: Generated<string>;
  host_id: string;
  name: string;
  memo: string;
  /** Null until the first report. */
  status: CheckStatus | null;
  message: string | null;
  occurred_at: number | null;
  received_at: number | null;
  /** Minutes; null = an alert is never sent again. */
  notification_interval: number | null;
  max_check_attempts: number | null;
}

export interface InventoryCheckReportTable {
  organisation_id: Generated<string>;
  host_id: string;
  name: string;
  occurred_at: number;
  received_at: number;
  status: CheckStatus;
  message: string;
}

export interface InventoryTables {
  inventory_host: InventoryHostTable;
  inventory_seen: InventorySeenTable;
  inventory_service: InventoryServiceTable;
  inventory_role: InventoryRoleTable;
  inventory_membership: InventoryMembershipTable;
  inventory_metadata: InventoryMetadataTable;
  inventory_check: InventoryCheckTable;
  inventory_check_report: InventoryCheckReportTable;
  inventory_listener: InventoryListenerTable;
  inventory_deafness: InventoryDeafnessTable;
}

export const inventoryMigrations = [
  {
    id: "inventory-001",
    sql: `
create table inventory_host (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  display_name text not null default '',
  custom_identifier text,
  memo text not null default '',
  status text not null check (status in ('working', 'standby', 'maintenance', 'poweroff')),
  meta text not null default '{}',
  interfaces text not null default '[]',
  sort_name text collate "C" not null,
  search text not null,
  created_at bigint not null,
  retired_at bigint
);
create index inventory_host_by_name on inventory_host (organisation_id, sort_name, id);
create unique index inventory_host_custom_identifier on inventory_host (organisation_id, custom_identifier)
  where custom_identifier is not null and retired_at is null;
call hinoban_secure('inventory_host', 'select, insert, update');

create table inventory_seen (
  host_id text primary key references inventory_host,
  organisation_id text not null default hinoban_organisation(),
  at bigint not null
) with (fillfactor = 50);
call hinoban_secure('inventory_seen', 'select, insert, update');

create table inventory_service (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text collate "C" not null,
  memo text not null default '',
  created_at bigint not null,
  deleted_at bigint
);
create unique index inventory_service_name on inventory_service (organisation_id, name) where deleted_at is null;
call hinoban_secure('inventory_service', 'select, insert, update');

create table inventory_role (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  service_id text not null references inventory_service,
  name text collate "C" not null,
  memo text not null default '',
  created_at bigint not null,
  deleted_at bigint
);
create unique index inventory_role_name on inventory_role (service_id, name) where deleted_at is null;
call hinoban_secure('inventory_role', 'select, insert, update');

create table inventory_membership (
  organisation_id text not null default hinoban_organisation(),
  host_id text not null references inventory_host,
  role_id text not null references inventory_role,
  from_at bigint not null,
  to_at bigint,
  primary key (host_id, role_id, from_at),
  check (to_at >= from_at)
);
create unique index inventory_membership_present on inventory_membership (host_id, role_id) where to_at is null;
create index inventory_membership_by_role on inventory_membership (role_id, host_id, from_at);
call hinoban_secure('inventory_membership');

create table inventory_metadata (
  organisation_id text not null default hinoban_organisation(),
  owner text not null,
  namespace text collate "C" not null,
  document text not null,
  updated_at bigint not null,
  primary key (organisation_id, owner, namespace)
);
call hinoban_secure('inventory_metadata');

create table inventory_check (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  host_id text not null references inventory_host,
  name text collate "C" not null,
  memo text not null default '',
  status text check (status in ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')),
  message text,
  occurred_at bigint,
  received_at bigint,
  notification_interval integer,
  max_check_attempts integer,
  unique (host_id, name)
);
call hinoban_secure('inventory_check');

create table inventory_check_report (
  organisation_id text not null default hinoban_organisation(),
  host_id text not null references inventory_host,
  name text not null,
  occurred_at bigint not null,
  received_at bigint not null,
  status text not null,
  message text not null,
  primary key (host_id, name, occurred_at)
);
call hinoban_secure('inventory_check_report');
`,
  },
  {
    id: "inventory-002",
    sql: `
alter table inventory_seen add column agent_at bigint;
update inventory_seen set agent_at = at;

alter table inventory_role add column no_data_minutes integer check (no_data_minutes between 3 and 10080);

create table inventory_listener (
  device text primary key,
  at bigint not null
) with (fillfactor = 50);
grant select, insert, update, delete on inventory_listener to hinoban_app;

create table inventory_deafness (
  from_at bigint primary key,
  to_at bigint not null check (to_at > from_at)
);
grant select, insert, delete on inventory_deafness to hinoban_app;
`,
  },
] as const;
