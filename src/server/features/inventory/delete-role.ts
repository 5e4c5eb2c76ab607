import { sql } from "kysely";
import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { acting, organisationOf, type Act } from "./act.ts";
import { forgetMetadata } from "./delete-metadata.ts";
import { findRole, type NamedRole } from "./find.ts";
import type { RoleName } from "./model.ts";

/** Deletes a role and its metadata; its hosts stay. @throws "forbidden", "not-found" */
export function deleteRole(deps: Deps, actor: Actor, name: RoleName): Promise<void> {
  return acting(deps, actor, "service.change", organisationOf(actor), async (act) => {
    const { id } = await findRole(act.tx, name);
    if (!(await applyRoleDeletion(act, { id, ...name })))
      throw new HinobanError("not-found", `There is no role ${name.role} in the service ${name.service}.`, { ...name });
    await publish(act.tx, "services");
    await publish(act.tx, "hosts");
  });
}

/** Ends the role and every membership in it. False when somebody else just did. */
export async function applyRoleDeletion(act: Act, role: NamedRole): Promise<boolean> {
  const { tx, at, actor } = act;
  const row = await tx
    .updateTable("inventory_role")
    .set({ deleted_at: at })
    .where("id", "=", role.id)
    .where("deleted_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  if (!row) return false;
  await tx
    .updateTable("inventory_membership")
    .set({ to_at: sql<number>`greatest(from_at, ${at})` })
    .where("role_id", "=", role.id)
    .where("to_at", "is", null)
    .execute();
  await forgetMetadata(act, `role:${role.id}`);
  await record(tx, {
    at,
    actor: actorId(actor),
    verb: "role.deleted",
    object: `role:${role.id}`,
    outcome: "done",
    detail: {},
    texts: { service: role.service, name: role.role },
  });
  return true;
}
