import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { Annotation } from "#wire/annotations";
import type { AnnotationInput } from "./parse-annotation.ts";
import { columnsOf, toAnnotation } from "./read-annotations.ts";

/** @throws "forbidden", "not-found" for an unknown service or role */
export function createAnnotation(deps: Deps, actor: Actor, input: AnnotationInput): Promise<Annotation> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "annotation.change", `organisation:${actor.organisationId}`, at);
    const row = await tx
      .insertInto("dashboards_annotation")
      .values({ id: newId(), ...(await columnsOf(tx, input)), created_at: at })
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "annotation.created",
      object: `annotation:${row.id}`,
      outcome: "done",
      detail: {},
      texts: { service: input.service, name: input.title },
    });
    await publish(tx, "annotations");
    return toAnnotation(row, input.service);
  });
}
