import type { Selectable } from "kysely";
import type { Tx } from "#store";
import type { GraphDefinition } from "#wire/metrics";
import type { MetricsGraphDefinitionTable } from "./tables.ts";

/** The organisation's definitions of custom graphs, by name. */
export async function definitionsOf(tx: Tx): Promise<GraphDefinition[]> {
  const rows = await tx.selectFrom("metrics_graph_definition").selectAll().orderBy("name").execute();
  return rows.map(toDefinition);
}

export const toDefinition = (row: Selectable<MetricsGraphDefinitionTable>): GraphDefinition => ({
  name: row.name,
  ...(row.display_name === "" ? {} : { displayName: row.display_name }),
  unit: row.unit,
  metrics: JSON.parse(row.metrics) as GraphDefinition["metrics"], // written by this feature alone
});
