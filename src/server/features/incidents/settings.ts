import type { Tx } from "#store";
import { defaultGrouping, type GroupingSettings } from "#wire/alerts";

/** How the transaction's organisation groups its alerts. */
export async function readGrouping(tx: Tx): Promise<GroupingSettings> {
  const row = await tx.selectFrom("incidents_settings").select("settings").executeTakeFirst();
  return { ...defaultGrouping, ...(row ? (JSON.parse(row.settings) as Partial<GroupingSettings>) : {}) }; // written by changeGrouping alone
}
