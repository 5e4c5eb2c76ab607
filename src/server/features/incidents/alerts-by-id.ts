import type { Tx } from "#store";
import { factsOfAlert, placedAlerts } from "./alert-rows.ts";
import type { AlertFacts } from "./model.ts";

/** Alerts by their ids, open or closed; those that do not exist are absent. */
export async function alertsById(tx: Tx, ids: readonly string[]): Promise<AlertFacts[]> {
  if (ids.length === 0) return [];
  const rows = await placedAlerts(tx)
    .where((of) => of("a.id", "=", of.fn.any(of.val([...ids]))))
    .orderBy("a.seq")
    .execute();
  return rows.map(factsOfAlert);
}
