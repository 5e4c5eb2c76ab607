import type { Tx } from "#store";
import type { CheckReport, HostCheck } from "#wire/inventory";
import { demandHost } from "./find.ts";

/** A host's checks by name. @throws "not-found" */
export async function checksOf(tx: Tx, hostId: string): Promise<HostCheck[]> {
  await demandHost(tx, hostId);
  const rows = await tx.selectFrom("inventory_check").selectAll().where("host_id", "=", hostId).orderBy("name").execute();
  return rows.map((row) => ({
    name: row.name,
    memo: row.memo,
    ...(row.status === null
      ? {}
      : { status: row.status, message: row.message ?? "", occurredAt: row.occurred_at ?? 0, receivedAt: row.received_at ?? 0 }),
  }));
}

/** The newest reports of one check; the primary key serves it. @throws "not-found" for the host */
export async function reportsOf(
  tx: Tx,
  check: { readonly hostId: string; readonly name: string; readonly limit: number },
): Promise<CheckReport[]> {
  await demandHost(tx, check.hostId);
  return tx
    .selectFrom("inventory_check_report")
    .select(["status", "message", "occurred_at as occurredAt", "received_at as receivedAt"])
    .where("host_id", "=", check.hostId)
    .where("name", "=", check.name)
    .orderBy("occurred_at", "desc")
    .limit(check.limit)
    .execute();
}
