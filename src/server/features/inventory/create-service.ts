import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { acting, organisationOf } from "./act.ts";

/** @throws "forbidden", "conflict" when the name is taken */
export function createService(deps: Deps, actor: Actor, input: { readonly name: string; readonly memo: string }): Promise<void> {
  return acting(deps, actor, "service.change", organisationOf(actor), async ({ tx, at }) => {
    const row = await tx
      .insertInto("inventory_service")
      .values({ id: newId(), name: input.name, memo: input.memo, created_at: at, deleted_at: null })
      .onConflict((on) => on.columns(["organisation_id", "name"]).where("deleted_at", "is", null).doNothing())
      .returning("id")
      .executeTakeFirst();
    if (!row) throw new HinobanError("conflict", `There is a service ${input.name} already.`, { service: input.name });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "service.created",
      object: `service:${row.id}`,
      outcome: "done",
      detail: {},
      texts: { name: input.name },
    });
    await publish(tx, "services");
  });
}
