import { sql } from "kysely";
import { record } from "#features/ledger";
import { actorId } from "#http";
import { publish } from "#store";
import type { Act } from "./act.ts";
import type { NamedRole } from "./find.ts";
import { roleText } from "./model.ts";

export interface RoleChange {
  readonly join: readonly NamedRole[];
  readonly leave: readonly NamedRole[];
}

/** The roles a host has now. */
export function presentRoles({ tx }: Act, hostId: string): Promise<NamedRole[]> {
  return tx
    .selectFrom("inventory_membership as m")
    .innerJoin("inventory_role as r", "r.id", "m.role_id")
    .innerJoin("inventory_service as s", "s.id", "r.service_id")
    .select(["r.id", "r.name as role", "s.name as service"])
    .where("m.host_id", "=", hostId)
    .where("m.to_at", "is", null)
    .where("r.deleted_at", "is", null)
    .execute();
}

/**
 * Opens and closes memberships of a locked host and records what really changed.
 * A host that comes back within the same millisecond continues its interval.
 */
export async function changeRoles(act: Act, hostId: string, change: RoleChange): Promise<boolean> {
  const { tx, at, actor } = act;
  const had = new Set((await presentRoles(act, hostId)).map((role) => role.id));
  const joined = change.join.filter((role) => !had.has(role.id));
  const left = change.leave.filter((role) => had.has(role.id));
  if (joined.length === 0 && left.length === 0) return false;
  await endMemberships(act, hostId, left);
  if (joined.length > 0) {
    await tx
      .insertInto("inventory_membership")
      .values(joined.map((role) => ({ host_id: hostId, role_id: role.id, from_at: at, to_at: null })))
      .onConflict((on) => on.columns(["host_id", "role_id", "from_at"]).doUpdateSet({ to_at: null }))
      .execute();
  }
  await record(tx, {
    at,
    actor: actorId(actor),
    verb: "host.roles-changed",
    object: `host:${hostId}`,
    outcome: "done",
    detail: {},
    texts: { added: listed(joined), removed: listed(left) },
  });
  await publish(tx, "hosts");
  await publish(tx, `host:${hostId}`);
  await publish(tx, "services");
  return true;
}

/** A clock that was set back must not make an interval end before it began. */
async function endMemberships({ tx, at }: Act, hostId: string, roles: readonly NamedRole[]): Promise<void> {
  if (roles.length === 0) return;
  await tx
    .updateTable("inventory_membership")
    .set({ to_at: sql<number>`greatest(from_at, ${at})` })
    .where("host_id", "=", hostId)
    .where(
      "role_id",
      "in",
      roles.map((role) => role.id),
    )
    .where("to_at", "is", null)
    .execute();
}

const listed = (roles: readonly NamedRole[]): string | undefined =>
  roles.length > 0 ? roles.map(roleText).toSorted().join(", ") : undefined;
