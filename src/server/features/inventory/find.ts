import type { Selectable } from "kysely";
import { HinobanError, invalidInput } from "#base/errors";
import type { Tx } from "#store";
import { roleText, type RoleName } from "./model.ts";
import type { InventoryHostTable, InventoryRoleTable, InventoryServiceTable } from "./tables.ts";

export type HostRow = Selectable<InventoryHostTable>;
export type ServiceRow = Selectable<InventoryServiceTable>;
export type RoleRow = Selectable<InventoryRoleTable>;

/** A host that is about to be changed, locked until the transaction ends. @throws "not-found", "gone" when it is retired */
export async function lockHost(tx: Tx, id: string): Promise<HostRow> {
  const row = await tx.selectFrom("inventory_host").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  if (!row) throw noHost(id);
  if (row.retired_at !== null) throw new HinobanError("gone", `The host ${id} is retired; it cannot be changed.`, { id });
  return row;
}

/** Hosts that are about to be changed, locked in one order so that two bulk acts cannot wait for each other. */
export function lockHosts(tx: Tx, ids: readonly string[]): Promise<Pick<HostRow, "id" | "status" | "retired_at">[]> {
  return tx.selectFrom("inventory_host").select(["id", "status", "retired_at"]).where("id", "in", ids).orderBy("id").forUpdate().execute();
}

export const noHost = (id: string): HinobanError => new HinobanError("not-found", `There is no host ${id}.`, { id });

/** Makes sure that the host exists here, retired or not. @throws "not-found" */
export async function demandHost(tx: Tx, id: string): Promise<void> {
  const row = await tx.selectFrom("inventory_host").select("id").where("id", "=", id).executeTakeFirst();
  if (!row) throw noHost(id);
}

/** Those of the ids that are hosts here, retired or not. */
export async function existingHosts(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.selectFrom("inventory_host").select("id").where("id", "in", ids).execute();
  return new Set(rows.map((row) => row.id));
}

/** @throws "not-found" */
export async function findService(tx: Tx, name: string): Promise<ServiceRow> {
  const row = await tx
    .selectFrom("inventory_service")
    .selectAll()
    .where("name", "=", name)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no service ${name}.`, { service: name });
  return row;
}

/** Those of the names that are services here. */
export async function existingServices(tx: Tx, names: readonly string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const rows = await tx.selectFrom("inventory_service").select("name").where("name", "in", names).where("deleted_at", "is", null).execute();
  return new Set(rows.map((row) => row.name));
}

/** @throws "not-found" for an unknown service too */
export async function findRole(tx: Tx, { service, role }: RoleName): Promise<RoleRow> {
  const { id } = await findService(tx, service);
  const row = await tx
    .selectFrom("inventory_role")
    .selectAll()
    .where("service_id", "=", id)
    .where("name", "=", role)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no role ${role} in the service ${service}.`, { service, role });
  return row;
}

/** A role with the name of its service. */
export interface NamedRole extends RoleName {
  readonly id: string;
}

/** Those of the roles that exist; the index on (service_id, name) serves it. */
export async function existingRoles(tx: Tx, names: readonly RoleName[]): Promise<NamedRole[]> {
  if (names.length === 0) return [];
  const rows = await tx
    .selectFrom("inventory_role as r")
    .innerJoin("inventory_service as s", "s.id", "r.service_id")
    .select(["r.id", "r.name as role", "s.name as service"])
    .where(
      "s.name",
      "in",
      names.map((name) => name.service),
    )
    .where(
      "r.name",
      "in",
      names.map((name) => name.role),
    )
    .where("s.deleted_at", "is", null)
    .where("r.deleted_at", "is", null)
    .execute();
  const wanted = new Set(names.map(roleText));
  return rows.filter((row) => wanted.has(roleText(row)));
}

/** @throws "invalid-input" that names the roles which do not exist */
export async function demandRoles(tx: Tx, names: readonly RoleName[], field: string): Promise<NamedRole[]> {
  const found = await existingRoles(tx, names);
  const known = new Set(found.map(roleText));
  const missing = names.map(roleText).filter((text) => !known.has(text));
  if (missing.length > 0) throw invalidInput(missing.map((text) => ({ field, problem: `there is no role ${text}` })));
  return found;
}

/** Whether a database error says that something with this key is already there. */
export const isUniqueViolation = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "23505";
