import type { Generated } from "kysely";
import type { GraphUnit } from "#wire/metrics";

/** How a custom graph is drawn. Agents send it once per start, so it must outlive every restart of ours. */
export interface MetricsGraphDefinitionTable {
  organisation_id: Generated<string>;
  name: string;
  /** Empty = none. */
  display_name: string;
  unit: GraphUnit;
  /** JSON text of GraphDefinition["metrics"]. */
  metrics: string;
  updated_at: number;
}

/** A graph of a service that somebody deleted: its metrics are not offered until one of them is posted again. */
export interface MetricsHiddenGraphTable {
  organisation_id: Generated<string>;
  service_id: string;
  /** The metrics' common name with `*` for the last segment. */
  pattern: string;
  hidden_at: number;
}

export interface MetricsTables {
  metrics_graph_definition: MetricsGraphDefinitionTable;
  metrics_hidden_graph: MetricsHiddenGraphTable;
}

export const metricsMigrations = [
  {
    id: "metrics-001",
    sql: `
create table metrics_graph_definition (
  organisation_id text not null default hinoban_organisation(),
  name text collate "C" not null,
  display_name text not null default '',
  unit text not null,
  metrics text not null,
  updated_at bigint not null,
  primary key (organisation_id, name)
);
call hinoban_secure('metrics_graph_definition');
`,
  },
  {
    id: "metrics-002",
    sql: `
create table metrics_hidden_graph (
  organisation_id text not null default hinoban_organisation(),
  service_id text not null references inventory_service,
  pattern text collate "C" not null,
  hidden_at bigint not null,
  primary key (service_id, pattern)
);
call hinoban_secure('metrics_hidden_graph');
`,
  },
] as const;
