import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { acting, organisationOf } from "./act.ts";
import { findService } from "./find.ts";
import type { RoleName } from "./model.ts";

/** @throws "forbidden", "not-found" for the service, "conflict" when the name is taken */
export function createRole(deps: Deps, actor: Actor, input: RoleName & { readonly memo: string }): Promise<void> {
  return acting(deps, actor, "service.change", organisationOf(actor), async ({ tx, at }) => {
    const service = await findService(tx, input.service);
    const row = await tx
      .insertInto("inventory_role")
      .values({ id: newId(), service_id: service.id, name: input.role, memo: input.memo, created_at: at, deleted_at: null })
      .onConflict((on) => on.columns(["service_id", "name"]).where("deleted_at", "is", null).doNothing())
      .returning("id")
      .executeTakeFirst();
    if (!row)
      throw new HinobanError("conflict", `The service ${input.service} has a role ${input.role} already.`, {
        service: input.service,
        role: input.role,
      });
    const texts = { service: input.service, name: input.role };
    await record(tx, { at, actor: actorId(actor), verb: "role.created", object: `role:${row.id}`, outcome: "done", detail: {}, texts });
    await publish(tx, "services");
  });
}
