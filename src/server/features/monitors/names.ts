import type { Tx } from "#store";

/** Names of monitors, by the ledger's ids. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const wanted = ids.filter((id) => id.startsWith("monitor:")).map((id) => id.slice("monitor:".length));
  if (wanted.length === 0) return {};
  const rows = await tx.selectFrom("monitors_monitor").select(["id", "name"]).where("id", "in", wanted).execute();
  return Object.fromEntries(rows.map((row) => [`monitor:${row.id}`, row.name]));
}
