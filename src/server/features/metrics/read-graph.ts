import { HinobanError } from "#base/errors";
import { demandHost, findRole, findService, namesOf, type MemberRecord } from "#features/inventory";
import type { TimeRange } from "#ports/metric-store/port";
import type { Tx } from "#store";
import type { Graph, RoleGraph, RoleSeries, SeriesColumns } from "#wire/metrics";
import { roleGraphAliases, type GraphTarget } from "#wire/sharing";
import { hostGraphs, serviceGraphs } from "./graph-model.ts";
import { serviceSource, type Metrics } from "./metrics.ts";
import { definitionsOf } from "./read-definitions.ts";
import { graphsOfRole, membersIn, readRoleSeries, type RoleQuery } from "./read-role.ts";
import { readSeries } from "./read-series.ts";

/** What a graph belongs to: the id as the ledger writes it, which no other thing of the same name will have, and the name for people. */
export interface GraphOwner {
  readonly id: string;
  readonly name: string;
}

/** One graph as it is defined now. */
export type FoundGraph = { readonly owner: GraphOwner } & (
  | { readonly kind: "columns"; readonly source: string; readonly graph: Graph }
  | { readonly kind: "role"; readonly service: string; readonly role: string; readonly graph: RoleGraph }
);

/** Finds the graph that a target names; instead of a graph's name it may be one metric of it. @throws "not-found" */
export async function findGraph(metrics: Metrics, tx: Tx, target: GraphTarget): Promise<FoundGraph> {
  switch (target.kind) {
    case "host": {
      await demandHost(tx, target.host);
      const id = `host:${target.host}`;
      const owner = { id, name: (await namesOf(tx, [id]))[id] ?? target.host };
      const graphs = hostGraphs(await metrics.store.names(target.host), await definitionsOf(tx));
      return { kind: "columns", owner, source: target.host, graph: demandGraph(graphs, target.graph) };
    }
    case "service": {
      const { id } = await findService(tx, target.service);
      const source = serviceSource(id);
      const graphs = serviceGraphs(await metrics.store.names(source));
      return { kind: "columns", owner: { id: `service:${id}`, name: target.service }, source, graph: demandGraph(graphs, target.graph) };
    }
    case "role": {
      const { service, role } = target;
      const { id } = await findRole(tx, target);
      const graphs = await graphsOfRole(metrics.store, tx, target);
      const graph = graphs.find(({ name }) => name === (roleGraphAliases.get(target.graph) ?? target.graph));
      if (!graph) throw noGraph(target.graph);
      return { kind: "role", owner: { id: `role:${id}`, name: `${service}: ${role}` }, service, role, graph };
    }
  }
}

function demandGraph(graphs: readonly Graph[], name: string): Graph {
  const graph = graphs.find((one) => one.name === name);
  if (graph) return graph;
  for (const one of graphs) {
    const series = one.series.find((candidate) => candidate.name === name);
    if (series) return { ...one, isStacked: series.isStacked, series: [series] };
  }
  throw noGraph(name);
}

const noGraph = (graph: string): HinobanError => new HinobanError("not-found", `There is no graph ${graph}.`, { graph });

/** The points of a graph. */
export type GraphPoints =
  | { readonly kind: "columns"; readonly columns: SeriesColumns }
  | { readonly kind: "role"; readonly columns: RoleSeries };

export interface GraphQuery {
  readonly range: TimeRange;
  readonly buckets: number;
  /** Only for roles. */
  readonly show: RoleQuery["show"];
}

/** The hosts whose points a graph needs; none unless it is a role's. */
export const membersOfGraph = (tx: Tx, found: FoundGraph, range: TimeRange): Promise<MemberRecord[]> =>
  found.kind === "role" ? membersIn(tx, found, range) : Promise.resolve([]);

/** Reads a graph that was found, outside any transaction. @param members of {@link membersOfGraph} */
export async function readGraph(
  { store }: Metrics,
  found: FoundGraph,
  members: readonly MemberRecord[],
  { range, buckets, show }: GraphQuery,
): Promise<GraphPoints> {
  if (found.kind === "role") {
    return { kind: "role", columns: await readRoleSeries(store, members, { name: found.graph.name, range, buckets, show }) };
  }
  const names = found.graph.series.map((one) => one.name);
  return { kind: "columns", columns: await readSeries(store, { source: found.source, names, range, buckets, extremes: false }) };
}
