import type { Tx } from "#store";

/** A service with the roles it has. */
export interface PlacedService {
  readonly id: string;
  readonly name: string;
  readonly memo: string;
  /** By name. */
  readonly roles: readonly { readonly roleId: string; readonly role: string }[];
}

async function withRoles(
  tx: Tx,
  rows: readonly { readonly id: string; readonly name: string; readonly memo: string }[],
): Promise<PlacedService[]> {
  if (rows.length === 0) return [];
  const roles = await tx
    .selectFrom("inventory_role")
    .select(["id as roleId", "name as role", "service_id"])
    .where((of) => of("service_id", "=", of.fn.any(of.val(rows.map((row) => row.id)))))
    .where("deleted_at", "is", null)
    .orderBy("name")
    .execute();
  return rows.map((row) => ({
    ...row,
    roles: roles.filter((role) => role.service_id === row.id).map(({ roleId, role }) => ({ roleId, role })),
  }));
}

/** Those of the services that exist, deleted ones too, by id: what is told of one that was just deleted still has its name. */
export async function placesOfServices(tx: Tx, serviceIds: readonly string[]): Promise<Map<string, PlacedService>> {
  const ids = [...new Set(serviceIds)];
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom("inventory_service")
    .select(["id", "name", "memo"])
    .where((of) => of("id", "=", of.fn.any(of.val(ids))))
    .execute();
  return new Map((await withRoles(tx, rows)).map((service) => [service.id, service]));
}

/** Ids of those of the names that are services now. The unique index on (organisation_id, name) serves it. */
export async function servicesNamed(tx: Tx, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const rows = await tx
    .selectFrom("inventory_service")
    .select(["id", "name"])
    .where((of) => of("name", "=", of.fn.any(of.val([...new Set(names)]))))
    .where("deleted_at", "is", null)
    .execute();
  return new Map(rows.map((row) => [row.name, row.id]));
}
