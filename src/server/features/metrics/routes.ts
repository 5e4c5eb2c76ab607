import { unixSeconds } from "#base/duration";
import { demandHost, findService } from "#features/inventory";
import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/metrics";
import { deleteGraph } from "./delete-graph.ts";
import { offeredServiceNames } from "./hide-service-graph.ts";
import { hostGraphs, serviceGraphs } from "./graph-model.ts";
import { serviceSource, type Metrics } from "./metrics.ts";
import { offeredNames } from "./model.ts";
import { definitionsOf } from "./read-definitions.ts";
import { graphsOfRole, membersIn, readRoleSeries } from "./read-role.ts";
import { demandRange, readSeries } from "./read-series.ts";

const defaultBuckets = 300;

/** Serves the own interface of metrics and graphs. */
export function registerMetrics(served: Served, metrics: Metrics): void {
  registerHosts(served, metrics);
  registerServices(served, metrics);
  registerRoles(served, metrics);
  registerDefinitions(served, metrics);
}

interface RangeInput {
  readonly from: number;
  readonly to: number;
}

function rangeOf(query: RangeInput) {
  demandRange(query);
  return { from: unixSeconds(query.from), to: unixSeconds(query.to) };
}

function registerHosts(served: Served, { db, store }: Metrics): void {
  serve(served, wire.listHostMetricNames, async ({ actor, params }) => {
    await db.tx(scopeOf(actor), (tx) => demandHost(tx, params.id));
    return { names: offeredNames(await store.names(params.id)) };
  });
  serve(served, wire.listHostGraphs, async ({ actor, params }) => {
    const definitions = await db.tx(scopeOf(actor), async (tx) => {
      await demandHost(tx, params.id);
      return definitionsOf(tx);
    });
    return { graphs: hostGraphs(await store.names(params.id), definitions) };
  });
  serve(served, wire.readHostSeries, async ({ actor, params, query }) => {
    const range = rangeOf(query);
    await db.tx(scopeOf(actor), (tx) => demandHost(tx, params.id));
    return readSeries(store, {
      source: params.id,
      names: query.name,
      range,
      buckets: query.buckets ?? defaultBuckets,
      extremes: query.extremes ?? false,
    });
  });
}

function registerServices(served: Served, metrics: Metrics): void {
  const { db, store } = metrics;
  serve(served, wire.listServiceMetricNames, async ({ actor, params }) => {
    const service = await db.tx(scopeOf(actor), (tx) => findService(tx, params.service));
    return { names: await offeredServiceNames(metrics, actor, service.id) };
  });
  serve(served, wire.listServiceGraphs, async ({ actor, params }) => {
    const service = await db.tx(scopeOf(actor), (tx) => findService(tx, params.service));
    return { graphs: serviceGraphs(await offeredServiceNames(metrics, actor, service.id)) };
  });
  serve(served, wire.readServiceSeries, async ({ actor, params, query }) => {
    const range = rangeOf(query);
    const service = await db.tx(scopeOf(actor), (tx) => findService(tx, params.service));
    const source = serviceSource(service.id);
    return readSeries(store, {
      source,
      names: query.name,
      range,
      buckets: query.buckets ?? defaultBuckets,
      extremes: query.extremes ?? false,
    });
  });
}

function registerRoles(served: Served, { db, store }: Metrics): void {
  serve(served, wire.listRoleGraphs, async ({ actor, params }) => ({
    graphs: await db.tx(scopeOf(actor), (tx) => graphsOfRole(store, tx, params)),
  }));
  serve(served, wire.readRoleSeries, async ({ actor, params, query }) => {
    const range = rangeOf(query);
    const members = await db.tx(scopeOf(actor), (tx) => membersIn(tx, params, range));
    return readRoleSeries(store, members, {
      name: query.name,
      range,
      buckets: query.buckets ?? defaultBuckets,
      show: query.show ?? "auto",
    });
  });
}

function registerDefinitions(served: Served, metrics: Metrics): void {
  serve(served, wire.listGraphDefinitions, async ({ actor }) => ({ definitions: await metrics.db.tx(scopeOf(actor), definitionsOf) }));
  serve(served, wire.deleteGraphDefinition, async ({ actor, params }) => {
    await deleteGraph(metrics, actor, params.name);
    return { success: true as const };
  });
}
