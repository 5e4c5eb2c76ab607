import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { Annotation } from "#wire/annotations";
import { lockAnnotation, toAnnotation } from "./read-annotations.ts";

/** Returns the annotation as it was. @throws "forbidden", "not-found" */
export function deleteAnnotation(deps: Deps, actor: Actor, id: string): Promise<Annotation> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "annotation.change", `annotation:${id}`, at);
    const { row, service } = await lockAnnotation(tx, id);
    await tx.deleteFrom("dashboards_annotation").where("id", "=", id).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "annotation.deleted",
      object: `annotation:${id}`,
      outcome: "done",
      detail: {},
      texts: { service, name: row.title },
    });
    await publish(tx, "annotations");
    return toAnnotation(row, service);
  });
}
