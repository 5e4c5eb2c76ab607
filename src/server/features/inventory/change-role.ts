import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { acting, organisationOf } from "./act.ts";
import { findRole } from "./find.ts";
import type { RoleName } from "./model.ts";

/** Changes a role's memo; its name never changes. @throws "forbidden", "not-found" */
export function changeRole(deps: Deps, actor: Actor, input: RoleName & { readonly memo: string }): Promise<void> {
  return acting(deps, actor, "service.change", organisationOf(actor), async ({ tx, at }) => {
    const { id } = await findRole(tx, input);
    const row = await tx
      .updateTable("inventory_role")
      .set({ memo: input.memo })
      .where("id", "=", id)
      .where("memo", "!=", input.memo)
      .returning("id")
      .executeTakeFirst();
    if (!row) return;
    const texts = { service: input.service, name: input.role };
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "role.changed",
      object: `role:${id}`,
      outcome: "done",
      detail: { fields: ["memo"] },
      texts,
    });
    await publish(tx, "services");
  });
}
