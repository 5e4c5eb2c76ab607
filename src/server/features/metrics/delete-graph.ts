import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";

/** Deletes the definition of a custom graph; its points stay and are drawn in default graphs. @throws "forbidden", "not-found" */
export function deleteGraph(deps: Deps, actor: Actor, name: string): Promise<void> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    const object = `organisation:${actor.organisationId}`;
    demand(actor, "host.change", object, at);
    const { numDeletedRows } = await tx.deleteFrom("metrics_graph_definition").where("name", "=", name).executeTakeFirst();
    if (numDeletedRows === 0n) throw new HinobanError("not-found", `There is no graph definition ${name}.`, { name });
    await record(tx, { at, actor: actorId(actor), verb: "graph-definition.deleted", object, outcome: "done", detail: {}, texts: { name } });
    await publish(tx, "graphs");
  });
}
