import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { acting, organisationOf } from "./act.ts";
import { findService } from "./find.ts";

/** Changes a service's memo; its name never changes. @throws "forbidden", "not-found" */
export function changeService(deps: Deps, actor: Actor, input: { readonly name: string; readonly memo: string }): Promise<void> {
  return acting(deps, actor, "service.change", organisationOf(actor), async ({ tx, at }) => {
    const { id } = await findService(tx, input.name);
    const row = await tx
      .updateTable("inventory_service")
      .set({ memo: input.memo })
      .where("id", "=", id)
      .where("memo", "!=", input.memo)
      .returning("id")
      .executeTakeFirst();
    if (!row) return;
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "service.changed",
      object: `service:${id}`,
      outcome: "done",
      detail: { fields: ["memo"] },
      texts: { name: input.name },
    });
    await publish(tx, "services");
  });
}
