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

export interface MetricsTables {
  metrics_graph_definition: MetricsGraphDefinitionTable;
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
] as const;
