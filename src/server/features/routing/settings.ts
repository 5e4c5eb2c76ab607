import type { Tx } from "#store";
import { defaultRoutingSettings, type RoutingSettings } from "#wire/routing";

/** How the transaction's organisation wants its messages. */
export async function readRoutingSettings(tx: Tx): Promise<RoutingSettings> {
  const row = await tx.selectFrom("routing_settings").select("settings").executeTakeFirst();
  return { ...defaultRoutingSettings, ...(row ? (JSON.parse(row.settings) as Partial<RoutingSettings>) : {}) }; // written by changeRoutingSettings alone
}
