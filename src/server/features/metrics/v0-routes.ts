import { unixSeconds } from "#base/duration";
import { HinobanError, invalidInput } from "#base/errors";
import { demandHost, existingHosts, findService } from "#features/inventory";
import { objectOf, parseJson, scopeOf, textOf, type Actor, type V0, type V0Query } from "#http";
import type { LatestPoint, TimeRange } from "#ports/metric-store/port";
import { defineGraphs } from "./define-graphs.ts";
import { deleteGraph } from "./delete-graph.ts";
import { latestOf } from "./figures.ts";
import { hideServiceGraph, offeredServiceNames } from "./hide-service-graph.ts";
import { serviceSource, type Metrics } from "./metrics.ts";
import { offeredNames } from "./model.ts";
import { postMetrics } from "./post-metrics.ts";
import { postServiceMetrics } from "./post-service-metrics.ts";
import { readPoints } from "./read-points.ts";
import { demandRange } from "./read-series.ts";
import { definitionsIn, nothingUsable, servicePointsIn, type RejectedItem } from "./v0-input.ts";

const done = { success: true };
const mostHosts = 200;
const mostNames = 100;
const mostRejectedShown = 100;

/** Serves Mackerel's interface to metrics and graph definitions. */
export function registerMetricsV0(v0: V0, metrics: Metrics): void {
  registerPosts(v0, metrics);
  registerHostReads(v0, metrics);
  registerServiceReads(v0, metrics);
  registerDefinitions(v0, metrics);
}

/** The extra key is harmless to Mackerel's clients, and tells whoever looks what became of a wrong point. */
const answerWith = (rejected: readonly RejectedItem[]): object =>
  rejected.length === 0 ? done : { ...done, rejected: rejected.slice(0, mostRejectedShown) };

function registerPosts(v0: V0, metrics: Metrics): void {
  v0.route({ method: "POST", path: "/tsdb", needs: "metrics.post", isHot: true }, async ({ actor, body }) =>
    answerWith(await postMetrics(metrics, actor, body)),
  );
  v0.route({ method: "POST", path: "/services/:service/tsdb", needs: "metrics.post" }, async ({ actor, params, body }) => {
    const { points, rejected } = servicePointsIn(parseJson(textOf(body)));
    if (rejected.length > 0 && points.length === 0) throw nothingUsable(rejected);
    await postServiceMetrics(metrics, actor, { service: params["service"] ?? "", points, rejected });
    return answerWith(rejected);
  });
}

/** Both ends belong to the range. */
function rangeOf(query: V0Query): TimeRange {
  const range = {
    from: unixSeconds(Math.max(0, query.integer("from"))),
    to: unixSeconds(Math.min(4_294_967_295, query.integer("to")) + 1),
  };
  demandRange(range);
  return range;
}

function nameOf(query: V0Query): string {
  const name = query.one("name");
  if (name === undefined) throw invalidInput([{ field: "name", problem: "must be given" }]);
  return name;
}

/** @throws "not-found" for a metric that was never posted */
async function pointsOf({ store }: Metrics, source: string, query: V0Query): Promise<object> {
  const name = nameOf(query);
  const points = await readPoints(store, source, name, rangeOf(query));
  if (!points) throw new HinobanError("not-found", `There is no metric ${name}.`, { name });
  return { metrics: Array.from(points.times, (time, i) => ({ time, value: points.values[i] ?? 0 })) };
}

function registerHostReads(v0: V0, metrics: Metrics): void {
  const { db, store } = metrics;
  v0.route({ method: "GET", path: "/hosts/:id/metrics", needs: "metrics.view" }, async ({ actor, params, query }) => {
    const id = params["id"] ?? "";
    await db.tx(scopeOf(actor), (tx) => demandHost(tx, id));
    return pointsOf(metrics, id, query);
  });
  v0.route({ method: "GET", path: "/hosts/:id/metric-names", needs: "metrics.view" }, async ({ actor, params }) => {
    const id = params["id"] ?? "";
    await db.tx(scopeOf(actor), (tx) => demandHost(tx, id));
    return { names: offeredNames(await store.names(id)) };
  });
  v0.route({ method: "GET", path: "/tsdb/latest", needs: "metrics.view" }, async ({ actor, query }) => latestAnswer(metrics, actor, query));
}

/** Hosts that do not exist here are left out; a metric that a host never posted is null. */
async function latestAnswer(metrics: Metrics, actor: Actor, query: V0Query): Promise<object> {
  const ids = [...new Set(query.all("hostId"))];
  const names = [...new Set(query.all("name"))];
  if (ids.length === 0 || ids.length > mostHosts)
    throw invalidInput([{ field: "hostId", problem: `must be given 1 to ${mostHosts} times` }]);
  if (names.length === 0 || names.length > mostNames)
    throw invalidInput([{ field: "name", problem: `must be given 1 to ${mostNames} times` }]);
  const known = await metrics.db.tx(scopeOf(actor), (tx) => existingHosts(tx, ids));
  const entries = await Promise.all(
    ids.filter((id) => known.has(id)).map(async (id) => [id, await latestOfHost(metrics, id, names)] as const),
  );
  return { tsdbLatest: Object.fromEntries(entries) };
}

async function latestOfHost({ store }: Metrics, id: string, names: readonly string[]): Promise<Record<string, LatestPoint | null>> {
  const posted = new Set(await store.names(id));
  const entries = await Promise.all(names.map(async (name) => [name, (await latestOf(store, id, name, posted)) ?? null] as const));
  return Object.fromEntries(entries);
}

function registerServiceReads(v0: V0, metrics: Metrics): void {
  const { db } = metrics;
  v0.route({ method: "GET", path: "/services/:service/metrics", needs: "metrics.view" }, async ({ actor, params, query }) => {
    const { id } = await db.tx(scopeOf(actor), (tx) => findService(tx, params["service"] ?? ""));
    return pointsOf(metrics, serviceSource(id), query);
  });
  v0.route({ method: "GET", path: "/services/:service/metric-names", needs: "metrics.view" }, async ({ actor, params }) => {
    const { id } = await db.tx(scopeOf(actor), (tx) => findService(tx, params["service"] ?? ""));
    return { names: await offeredServiceNames(metrics, actor, id) };
  });
  v0.route({ method: "DELETE", path: "/services/:service/graph-defs/:graph", needs: "service.change" }, async ({ actor, params }) => {
    await hideServiceGraph(metrics, actor, { service: params["service"] ?? "", pattern: params["graph"] ?? "" });
    return done;
  });
}

function registerDefinitions(v0: V0, metrics: Metrics): void {
  v0.route({ method: "POST", path: "/graph-defs/create", needs: "metrics.post" }, async ({ actor, body }) => {
    const { definitions, rejected } = definitionsIn(parseJson(textOf(body)));
    await defineGraphs(metrics, actor, definitions);
    return answerWith(rejected);
  });
  v0.route({ method: "DELETE", path: "/graph-defs", needs: "host.change" }, async ({ actor, body }) => {
    const { name } = objectOf(body);
    if (typeof name !== "string") throw invalidInput([{ field: "name", problem: "must be a text" }]);
    try {
      await deleteGraph(metrics, actor, name);
    } catch (error) {
      if (error instanceof HinobanError && error.code === "not-found")
        throw new HinobanError("bad-request", error.message, error.facts, { cause: error });
      throw error;
    }
    return done;
  });
}
