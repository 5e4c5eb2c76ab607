import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { findService } from "#features/inventory";
import { scopeOf, type Actor } from "#http";
import { hiddenPatterns, isOfGraph, showGraphs } from "./hide-service-graph.ts";
import { servicePostsAMinute, serviceSource, type Metrics } from "./metrics.ts";
import { mostPointsPerPost } from "./scan-post.ts";
import type { RejectedItem, ServicePoint } from "./v0-input.ts";

/**
 * Stores points of a service. Resolves when they are durable.
 * A graph that somebody deleted comes back with them.
 * @throws "forbidden", "not-found", "too-large", "too-many-requests", "unavailable" | "storage-full" and then nothing was stored
 */
export async function postServiceMetrics(
  metrics: Metrics,
  actor: Actor,
  input: { readonly service: string; readonly points: readonly ServicePoint[]; readonly rejected: readonly RejectedItem[] },
): Promise<void> {
  const { points, rejected } = input;
  demand(actor, "metrics.post", `organisation:${actor.organisationId}`, metrics.clock.now());
  if (points.length + rejected.length > mostPointsPerPost)
    throw new HinobanError("too-large", `A post may have ${mostPointsPerPost} points.`, { limit: mostPointsPerPost });
  const { id, hidden } = await metrics.db.tx(scopeOf(actor), async (tx) => {
    const service = await findService(tx, input.service);
    return { id: service.id, hidden: await hiddenPatterns(tx, service.id) };
  });
  demandPace(metrics, id, input.service);
  const source = serviceSource(id);
  const columns = {
    count: points.length,
    series: Uint32Array.from(points, (point) => metrics.store.seriesOf(source, point.name)),
    times: Uint32Array.from(points, (point) => point.time),
    values: Float64Array.from(points, (point) => point.value),
  };
  const report = await metrics.store.append(columns);
  metrics.tellAppended(actor.organisationId, columns, [source]);
  metrics.countPost();
  metrics.countDropped(actor.organisationId, "malformed", rejected.length);
  metrics.countDropped(actor.organisationId, "too-old", report.tooOld);
  metrics.countDropped(actor.organisationId, "too-new", report.tooNew);
  const back = hidden.filter(({ pattern }) => points.some((point) => isOfGraph(point.name, pattern)));
  if (back.length > 0) await metrics.db.tx(scopeOf(actor), (tx) => showGraphs(tx, id, back));
}

function demandPace({ servicePace }: Metrics, serviceId: string, name: string): void {
  const wait = servicePace.take(serviceId);
  if (wait === 0) return;
  throw new HinobanError("too-many-requests", `Metrics of the service ${name} may be posted ${servicePostsAMinute} times a minute.`, {
    retryAfter: Math.ceil(wait / 1000),
  });
}
