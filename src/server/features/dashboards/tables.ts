import type { Generated } from "kysely";

export interface DashboardsDashboardTable {
  id: string;
  organisation_id: Generated<string>;
  title: string;
  memo: string;
  url_path: string;
  /** JSON text of Widget[], spelled as whoever wrote it did. */
  widgets: string;
  widget_count: number;
  created_at: number;
  updated_at: number;
}

/** Something that happened, at a moment (from_at = to_at) or for a while. */
export interface DashboardsAnnotationTable {
  id: string;
  organisation_id: Generated<string>;
  /** By id and not by name: an annotation goes with its service. */
  service_id: string;
  title: string;
  /** Null when none was given, which is not the same as an empty one to whoever compares. */
  description: string | null;
  from_at: number;
  to_at: number;
  /** Names of roles of the service; null when none were given. */
  roles: string[] | null;
  created_at: number;
}

export interface DashboardsTables {
  dashboards_dashboard: DashboardsDashboardTable;
  dashboards_annotation: DashboardsAnnotationTable;
}

export const dashboardsMigrations = [
  {
    id: "dashboards-001",
    sql: `
create table dashboards_dashboard (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  title text not null,
  memo text not null default '',
  url_path text collate "C" not null,
  widgets text not null,
  widget_count integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  unique (organisation_id, url_path)
);
call hinoban_secure('dashboards_dashboard');

create table dashboards_annotation (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  service_id text not null references inventory_service,
  title text not null,
  description text,
  from_at bigint not null,
  to_at bigint not null,
  roles text[],
  created_at bigint not null,
  check (to_at >= from_at)
);
create index dashboards_annotation_by_time on dashboards_annotation (service_id, from_at, to_at);
call hinoban_secure('dashboards_annotation');
`,
  },
] as const;
