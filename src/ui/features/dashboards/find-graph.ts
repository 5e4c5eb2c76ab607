import type { Graph, RoleGraph } from "#wire/metrics";

/**
 * The graph that a widget names. Mackerel's files name a graph (`loadavg`), a pattern (`custom.nginx.*`), a definition's name
 * (`custom.nginx.#`) or one metric of it (`loadavg5`): whatever is found first, in this order.
 */
export function findGraph(graphs: readonly Graph[], name: string): Graph | undefined {
  const base = name.replace(/\.[*#]$/u, "");
  return (
    graphs.find((graph) => graph.name === name) ??
    graphs.find((graph) => graph.name === base) ??
    graphs.find((graph) => graph.series.some((one) => one.name === name)) ??
    graphs.find((graph) => graph.series.some((one) => one.name.startsWith(`${base}.`)))
  );
}

/** The graph with only the metrics of the list; all of them when the list is empty or names none of its own. */
export function withLegend(graph: Graph, names: readonly string[] | undefined): Graph {
  const series = graph.series.filter((one) => names?.includes(one.name));
  return series.length === 0 ? graph : { ...graph, series };
}

/** The role's graph of a metric; one that nobody posted yet is drawn as plain lines once somebody does. */
export const findRoleGraph = (graphs: readonly RoleGraph[], name: string): RoleGraph =>
  graphs.find((graph) => graph.name === name) ?? { name, kind: "custom", title: name, unit: "float", isStacked: false };
