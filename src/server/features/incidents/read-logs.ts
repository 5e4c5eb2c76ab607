import type { Selectable } from "kysely";
import type { Tx } from "#store";
import type { IncidentsAlertLogTable } from "./tables.ts";

export type AlertLogRow = Selectable<IncidentsAlertLogTable>;

/** Changes of an alert, newest first. */
export function logsOf(tx: Tx, alertId: string, page: { readonly offset: number; readonly limit: number }): Promise<AlertLogRow[]> {
  return tx
    .selectFrom("incidents_alert_log")
    .selectAll()
    .where("alert_id", "=", alertId)
    .orderBy("seq", "desc")
    .offset(page.offset)
    .limit(page.limit)
    .execute();
}

export async function countLogs(tx: Tx, alertId: string): Promise<number> {
  const { count } = await tx
    .selectFrom("incidents_alert_log")
    .select((of) => of.fn.countAll<number>().as("count"))
    .where("alert_id", "=", alertId)
    .executeTakeFirstOrThrow();
  return count;
}
