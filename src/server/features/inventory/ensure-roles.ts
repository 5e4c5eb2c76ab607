import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId } from "#http";
import { publish } from "#store";
import { organisationOf, type Act } from "./act.ts";
import { existingRoles, type NamedRole } from "./find.ts";
import { roleText, type RoleName } from "./model.ts";

/**
 * The roles that the names stand for; services and roles that do not exist yet are created, as agents expect when they register.
 * @throws "forbidden" when something must be created and the actor may not
 */
export async function ensureRoles(act: Act, names: readonly RoleName[]): Promise<NamedRole[]> {
  const found = await existingRoles(act.tx, names);
  const known = new Set(found.map(roleText));
  // In one order, so that two agents that register at the same moment do not wait for each other in a circle.
  const missing = names.filter((name) => !known.has(roleText(name))).toSorted((a, b) => (roleText(a) < roleText(b) ? -1 : 1));
  if (missing.length === 0) return found;
  demand(act.actor, "service.change", organisationOf(act.actor), act.at);
  for (const name of missing) await ensureRole(act, name);
  await publish(act.tx, "services");
  return existingRoles(act.tx, names);
}

async function ensureRole(act: Act, { service, role }: RoleName): Promise<void> {
  const serviceId = await ensureService(act, service);
  const id = newId();
  const created = await act.tx
    .insertInto("inventory_role")
    .values({ id, service_id: serviceId, name: role, memo: "", created_at: act.at, deleted_at: null })
    .onConflict((on) => on.columns(["service_id", "name"]).where("deleted_at", "is", null).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (!created) return;
  await record(act.tx, {
    at: act.at,
    actor: actorId(act.actor),
    verb: "role.created",
    object: `role:${id}`,
    outcome: "done",
    detail: {},
    texts: { service, name: role },
  });
}

async function ensureService(act: Act, name: string): Promise<string> {
  const id = newId();
  const created = await act.tx
    .insertInto("inventory_service")
    .values({ id, name, memo: "", created_at: act.at, deleted_at: null })
    .onConflict((on) => on.columns(["organisation_id", "name"]).where("deleted_at", "is", null).doNothing())
    .returning("id")
    .executeTakeFirst();
  if (created) {
    await record(act.tx, {
      at: act.at,
      actor: actorId(act.actor),
      verb: "service.created",
      object: `service:${id}`,
      outcome: "done",
      detail: {},
      texts: { name },
    });
    return id;
  }
  const there = await act.tx
    .selectFrom("inventory_service")
    .select("id")
    .where("name", "=", name)
    .where("deleted_at", "is", null)
    .executeTakeFirstOrThrow();
  return there.id;
}
