import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { Annotation } from "#wire/annotations";
import type { AnnotationInput } from "./parse-annotation.ts";
import { columnsOf, lockAnnotation, toAnnotation } from "./read-annotations.ts";

const compared = {
  title: "title",
  description: "description",
  from: "from_at",
  to: "to_at",
  service: "service_id",
  roles: "roles",
} as const;

/** Replaces everything of an annotation. The same again is no change. @throws "forbidden", "not-found" for it, its service or its roles */
export function changeAnnotation(deps: Deps, actor: Actor, id: string, input: AnnotationInput): Promise<Annotation> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "annotation.change", `annotation:${id}`, at);
    const { row: before } = await lockAnnotation(tx, id);
    const after = await columnsOf(tx, input);
    const fields = Object.entries(compared)
      .filter(([, column]) => JSON.stringify(before[column]) !== JSON.stringify(after[column]))
      .map(([field]) => field);
    if (fields.length === 0) return toAnnotation(before, input.service);
    const row = await tx.updateTable("dashboards_annotation").set(after).where("id", "=", id).returningAll().executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "annotation.changed",
      object: `annotation:${id}`,
      outcome: "done",
      detail: { fields },
      texts: { service: input.service, name: input.title },
    });
    await publish(tx, "annotations");
    return toAnnotation(row, input.service);
  });
}
