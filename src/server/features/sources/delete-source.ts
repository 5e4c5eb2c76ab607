import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, repeated } from "#store";
import { sourcesTopic, type SourcesContext } from "./context.ts";
import { lockSource } from "./store.ts";

/** Deletes a source with its messages; its open alerts are closed, since nobody will ever say that they are over. @throws "forbidden", "not-found" */
export function deleteSource(sources: SourcesContext, actor: Actor, id: string): Promise<void> {
  return repeated(sources.db).tx(scopeOf(actor), async (tx) => {
    const at = sources.clock.now();
    demand(actor, "source.change", `alert-source:${id}`, at);
    const { kind, name } = await lockSource(tx, id);
    await sources.incidents.close(tx, at, { origin: { kind: "source", id } }, { trigger: "monitorDelete", by: actorId(actor) });
    await tx.deleteFrom("sources_source").where("id", "=", id).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "alert-source.deleted",
      object: `alert-source:${id}`,
      outcome: "done",
      detail: { kind },
      texts: { name },
    });
    await publish(tx, sourcesTopic);
  });
}
