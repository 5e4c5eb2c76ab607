import { sql, type SqlBool } from "kysely";
import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import { reportsTopic, type ReportsContext } from "./context.ts";
import { readSummary } from "./read-reports.ts";

/** Deletes a report that nobody was sent. @throws HinobanError "forbidden", "not-found", "conflict" for one that was sent: it stays as it was seen */
export function deleteReport(reports: ReportsContext, actor: Actor, id: string): Promise<void> {
  return reports.db.tx(scopeOf(actor), async (tx) => {
    const now = reports.clock.now();
    demand(actor, "report.change", `report:${id}`, now);
    const gone = await tx
      .deleteFrom("reports_report")
      .where("id", "=", id)
      .where(sql<SqlBool>`not exists (select from reports_sending s where s.report_id = reports_report.id)`)
      .returning("period")
      .executeTakeFirst();
    if (!gone) {
      await readSummary(tx, id);
      throw new HinobanError("conflict", "This report was sent. It is kept as it was sent.", { id });
    }
    await record(tx, {
      at: now,
      actor: actorId(actor),
      verb: "report.deleted",
      object: `report:${id}`,
      outcome: "done",
      detail: { period: gone.period },
    });
    await publish(tx, reportsTopic);
  });
}
