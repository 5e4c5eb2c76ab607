import { toSeconds, unixMs } from "#base/duration";
import { HinobanError, invalidInput } from "#base/errors";
import { demand } from "#features/identity";
import { findService } from "#features/inventory";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import { serviceSource, type Metrics } from "./metrics.ts";

export interface HiddenPattern {
  readonly pattern: string;
  readonly hidden_at: number;
}

/** Whether a metric stands in the graph that a pattern names: `a.b.*` holds `a.b.c`, but not `a.b.c.d`. */
export function isOfGraph(name: string, pattern: string): boolean {
  const prefix = pattern.slice(0, -1);
  return name.startsWith(prefix) && name.length > prefix.length && !name.includes(".", prefix.length);
}

/**
 * Deletes a graph of a service: its metrics are offered no more until one of them is posted again. Their points stay.
 * @param input.pattern the metrics' common name with `*` for the last segment.
 * @throws "forbidden", "not-found" for the service and for a graph that no metric stands in, "invalid-input"
 */
export async function hideServiceGraph(
  metrics: Metrics,
  actor: Actor,
  input: { readonly service: string; readonly pattern: string },
): Promise<void> {
  const { service, pattern } = input;
  if (!/^[^*]*\*$/u.test(pattern)) throw invalidInput([{ field: "graph", problem: 'must end with "*", such as access_log.*' }]);
  const { id } = await metrics.db.tx(scopeOf(actor), (tx) => findService(tx, service));
  const names = await offeredServiceNames(metrics, actor, id);
  if (!names.some((name) => isOfGraph(name, pattern)))
    throw new HinobanError("not-found", `The service ${service} has no graph ${pattern}.`, { service, pattern });
  await metrics.db.tx(scopeOf(actor), async (tx) => {
    const at = metrics.clock.now();
    demand(actor, "service.change", `service:${id}`, at);
    await tx
      .insertInto("metrics_hidden_graph")
      .values({ service_id: id, pattern, hidden_at: at })
      .onConflict((on) => on.columns(["service_id", "pattern"]).doUpdateSet({ hidden_at: at }))
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "graph-definition.deleted",
      object: `service:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: pattern },
    });
    await publish(tx, "graphs");
  });
}

export const hiddenPatterns = (tx: Tx, serviceId: string): Promise<HiddenPattern[]> =>
  tx.selectFrom("metrics_hidden_graph").select(["pattern", "hidden_at"]).where("service_id", "=", serviceId).execute();

/** Offers graphs again whose metrics were posted; a post is an observation, which the ledger does not hear of. */
export async function showGraphs(tx: Tx, serviceId: string, back: readonly HiddenPattern[]): Promise<void> {
  for (const { pattern, hidden_at } of back) {
    await tx
      .deleteFrom("metrics_hidden_graph")
      .where("service_id", "=", serviceId)
      .where("pattern", "=", pattern)
      .where("hidden_at", "=", hidden_at)
      .execute();
  }
  await publish(tx, "graphs");
}

/** The names of a service's metrics without those of deleted graphs. What came by another way than a post is back once it is newer. */
export async function offeredServiceNames({ db, store }: Metrics, actor: Actor, serviceId: string): Promise<string[]> {
  const source = serviceSource(serviceId);
  const names = await store.names(source);
  const hidden = await db.tx(scopeOf(actor), (tx) => hiddenPatterns(tx, serviceId));
  if (hidden.length === 0) return [...names];
  const offered = await Promise.all(
    names.map(async (name) => {
      const since = Math.max(0, ...hidden.filter(({ pattern }) => isOfGraph(name, pattern)).map((one) => one.hidden_at));
      if (since === 0) return true;
      const latest = await store.latest(source, name);
      return latest !== undefined && latest.time > toSeconds(unixMs(since));
    }),
  );
  return names.filter((_, at) => offered[at] === true);
}
