import { sql } from "kysely";
import type { Tx } from "#store";
import type { Role, Service } from "#wire/services";
import { findService, type ServiceRow } from "./find.ts";
import { groupedBy } from "./model.ts";

/** One page of services with their roles, by name. */
export async function pageOfServices(
  tx: Tx,
  query: { readonly text?: string; readonly offset: number; readonly limit: number },
): Promise<{ services: Service[]; total: number }> {
  const text = (query.text ?? "").toLowerCase();
  const matching = tx
    .selectFrom("inventory_service")
    .where("deleted_at", "is", null)
    .$if(text !== "", (q) => q.where(sql<boolean>`position(${text} in lower(name || ' ' || memo)) > 0`));
  const rows = await matching.selectAll().orderBy("name").offset(query.offset).limit(query.limit).execute();
  const { count } = await matching.select((of) => of.fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
  return { services: await withRoles(tx, rows), total: count };
}

/** Every service with its roles, by name. */
export async function allServices(tx: Tx): Promise<Service[]> {
  return withRoles(tx, await tx.selectFrom("inventory_service").selectAll().where("deleted_at", "is", null).orderBy("name").execute());
}

/** @throws "not-found" */
export async function readService(tx: Tx, name: string): Promise<Service> {
  const row = await findService(tx, name);
  const [service] = await withRoles(tx, [row]);
  return service ?? { name: row.name, memo: row.memo, hosts: 0, createdAt: row.created_at, roles: [] };
}

async function withRoles(tx: Tx, services: readonly ServiceRow[]): Promise<Service[]> {
  if (services.length === 0) return [];
  const ids = services.map((service) => service.id);
  const roles = await tx
    .selectFrom("inventory_role as r")
    .leftJoin("inventory_membership as m", (join) => join.onRef("m.role_id", "=", "r.id").on("m.to_at", "is", null))
    .select(["r.service_id", "r.name", "r.memo", "r.created_at", "r.no_data_minutes", (of) => of.fn.count<number>("m.host_id").as("hosts")])
    .where("r.service_id", "in", ids)
    .where("r.deleted_at", "is", null)
    .groupBy("r.id")
    .orderBy("r.name")
    .execute();
  const hosts = await tx
    .selectFrom("inventory_membership as m")
    .innerJoin("inventory_role as r", "r.id", "m.role_id")
    .select(["r.service_id", (of) => of.fn.count<number>("m.host_id").distinct().as("hosts")])
    .where("r.service_id", "in", ids)
    .where("r.deleted_at", "is", null)
    .where("m.to_at", "is", null)
    .groupBy("r.service_id")
    .execute();
  const rolesOf = groupedBy(roles, (role) => role.service_id);
  const hostsOf = new Map(hosts.map((row) => [row.service_id, row.hosts]));
  return services.map((service) => ({
    name: service.name,
    memo: service.memo,
    createdAt: service.created_at,
    hosts: hostsOf.get(service.id) ?? 0,
    roles: (rolesOf.get(service.id) ?? []).map((role): Role => ({
      name: role.name,
      memo: role.memo,
      hosts: role.hosts,
      createdAt: role.created_at,
      ...(role.no_data_minutes === null ? {} : { noDataMinutes: role.no_data_minutes }),
    })),
  }));
}
