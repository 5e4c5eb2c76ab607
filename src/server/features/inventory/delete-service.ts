import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish } from "#store";
import { acting, organisationOf, type ActDeps } from "./act.ts";
import { applyRoleDeletion } from "./delete-role.ts";
import { findService } from "./find.ts";
import { forgetMetadata } from "./delete-metadata.ts";

/** Deletes a service, its roles and its metadata; its hosts stay. Returns the service's id. @throws "forbidden", "not-found" */
export function deleteService(deps: ActDeps, actor: Actor, name: string): Promise<string> {
  return acting(deps, actor, "service.change", organisationOf(actor), async (act) => {
    const { tx, at } = act;
    const { id } = await findService(tx, name);
    const row = await tx
      .updateTable("inventory_service")
      .set({ deleted_at: at })
      .where("id", "=", id)
      .where("deleted_at", "is", null)
      .returning("id")
      .executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no service ${name}.`, { service: name });
    const roles = await tx
      .selectFrom("inventory_role")
      .select(["id", "name"])
      .where("service_id", "=", id)
      .where("deleted_at", "is", null)
      .orderBy("name")
      .execute();
    for (const role of roles) await applyRoleDeletion(act, { id: role.id, service: name, role: role.name });
    await forgetMetadata(act, `service:${id}`);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "service.deleted",
      object: `service:${id}`,
      outcome: "done",
      detail: {},
      texts: { name },
    });
    await act.listeners?.tellServiceDeleted(tx, at, { serviceId: id, name, by: actor });
    await publish(tx, "services");
    await publish(tx, "hosts");
    return id;
  });
}
