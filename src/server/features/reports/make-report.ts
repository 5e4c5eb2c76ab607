import type { UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { ReportSummary } from "#wire/reports";
import type { Language } from "#wire/shapes";
import { reportsTopic, type ReportsContext } from "./context.ts";
import { readModel } from "./read-model.ts";
import { readSummary, thisMonth } from "./read-reports.ts";
import { readSettings } from "./settings.ts";

export interface MakeReport {
  /** The month that goes on when absent. */
  readonly period?: string;
  /** The organisation's language of reports when absent. */
  readonly language?: Language;
}

/**
 * Counts a month or a year and keeps what was counted.
 * @throws HinobanError "forbidden", "invalid-input" for a period that has not begun
 */
export function makeReport(reports: ReportsContext, actor: Actor, { period, language }: MakeReport): Promise<ReportSummary> {
  return reports.db.tx(scopeOf(actor), async (tx) => {
    const now = reports.clock.now();
    demand(actor, "report.change", `organisation:${actor.organisationId}`, now);
    const id = await keepReport(tx, {
      period: period ?? (await thisMonth(tx, now)),
      language: language ?? (await readSettings(tx)).settings.language,
      now,
      by: actorId(actor),
    });
    return readSummary(tx, id);
  });
}

/** Makes a report in the caller's transaction, and one entry in the record. @returns its id */
export async function keepReport(
  tx: Tx,
  { period, language, now, by }: { readonly period: string; readonly language: Language; readonly now: UnixMs; readonly by: string },
): Promise<string> {
  const model = await readModel(tx, period, now);
  const id = newId();
  await tx
    .insertInto("reports_report")
    .values({
      id,
      period,
      language,
      model: JSON.stringify(model),
      is_complete: model.isComplete,
      incidents: model.totals.incidents,
      made_at: now,
      made_by: by,
    })
    .execute();
  await record(tx, {
    at: now,
    actor: by,
    verb: "report.made",
    object: `report:${id}`,
    outcome: "done",
    detail: { period, language, incidents: model.totals.incidents },
  });
  await publish(tx, reportsTopic);
  return id;
}
