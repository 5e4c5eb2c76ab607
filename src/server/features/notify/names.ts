import type { Tx } from "#store";

/** Names of channels, for ids as the ledger writes them: `channel:<id>`. Deleted ones are absent. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const wanted = ids.filter((id) => id.startsWith("channel:")).map((id) => id.slice("channel:".length));
  if (wanted.length === 0) return {};
  const rows = await tx.selectFrom("notify_channel").select(["id", "name"]).where("id", "in", wanted).execute();
  return Object.fromEntries(rows.map(({ id, name }) => [`channel:${id}`, name]));
}
