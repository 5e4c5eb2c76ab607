import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { targetTopic } from "./prometheus.ts";

/** Deletes a scrape target; the host and its metrics stay. @throws "forbidden", "not-found" */
export function deleteTarget(deps: Deps, actor: Actor, id: string): Promise<void> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "scrape.change", `scrape-target:${id}`, at);
    const row = await tx.deleteFrom("prometheus_target").where("id", "=", id).returning("url").executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no scrape target ${id}.`, { id });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "scrape-target.deleted",
      object: `scrape-target:${id}`,
      outcome: "done",
      detail: {},
      texts: { url: row.url },
    });
    await publish(tx, targetTopic);
  });
}
