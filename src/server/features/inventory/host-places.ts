import type { Tx } from "#store";
import type { HostStatus } from "#wire/inventory";
import type { RoleName } from "./model.ts";

/** A role in which a host is, with the ids of both. */
export interface PlacedRole extends RoleName {
  readonly roleId: string;
  readonly serviceId: string;
}

/** A host and where it belongs: what scopes of monitors and downtimes ask, and what messages say. */
export interface PlacedHost {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly memo: string;
  readonly status: HostStatus;
  readonly isRetired: boolean;
  /** By service and role name; of a retired host those that it had last. */
  readonly roles: readonly PlacedRole[];
  /** Each once. */
  readonly serviceIds: readonly string[];
  readonly roleIds: readonly string[];
}

/** Those of the hosts that exist, by id, in two statements however many they are. Hosts are found by key, roles by inventory_membership's. */
export async function placesOfHosts(tx: Tx, hostIds: readonly string[]): Promise<Map<string, PlacedHost>> {
  const ids = [...new Set(hostIds)];
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom("inventory_host")
    .select(["id", "name", "display_name", "memo", "status", "retired_at"])
    .where((of) => of("id", "=", of.fn.any(of.val(ids))))
    .execute();
  const memberships = await tx
    .selectFrom("inventory_membership as m")
    .innerJoin("inventory_host as h", "h.id", "m.host_id")
    .innerJoin("inventory_role as r", "r.id", "m.role_id")
    .innerJoin("inventory_service as s", "s.id", "r.service_id")
    .select(["m.host_id", "r.id as roleId", "r.name as role", "s.id as serviceId", "s.name as service"])
    .where((of) => of("m.host_id", "=", of.fn.any(of.val(ids))))
    .where((either) => either.or([either("m.to_at", "is", null), either("m.to_at", "=", either.ref("h.retired_at"))]))
    .where("r.deleted_at", "is", null)
    .where("s.deleted_at", "is", null)
    .orderBy("s.name")
    .orderBy("r.name")
    .execute();
  const rolesOf = new Map<string, PlacedRole[]>(ids.map((id) => [id, []]));
  for (const { host_id: hostId, ...role } of memberships) rolesOf.get(hostId)?.push(role);
  return new Map(rows.map((row) => [row.id, placed(row, rolesOf.get(row.id) ?? [])]));
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly memo: string;
  readonly status: HostStatus;
  readonly retired_at: number | null;
}

const placed = (row: Row, roles: readonly PlacedRole[]): PlacedHost => ({
  id: row.id,
  name: row.name,
  displayName: row.display_name,
  memo: row.memo,
  status: row.status,
  isRetired: row.retired_at !== null,
  roles,
  serviceIds: [...new Set(roles.map((role) => role.serviceId))],
  roleIds: roles.map((role) => role.roleId),
});
