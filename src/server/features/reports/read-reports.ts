import { sql } from "kysely";
import { HinobanError } from "#base/errors";
import { optional } from "#base/fields";
import type { UnixMs } from "#base/duration";
import { isTimeZone, wallClock } from "#base/wall-time";
import { findOrganisation } from "#features/identity";
import type { Tx } from "#store";
import type { ReportSending, ReportSummary } from "#wire/reports";
import type { Language } from "#wire/shapes";
import { monthOf } from "./figures/period.ts";
import type { ReportModel } from "./model.ts";

interface SummaryRow {
  readonly id: string;
  readonly period: string;
  readonly language: Language;
  readonly is_complete: boolean;
  readonly incidents: number;
  readonly made_at: number;
  readonly made_by: string;
  readonly made_by_name: string | null;
  readonly sent: number;
  readonly failed: number;
}

const summaryOf = (row: SummaryRow): ReportSummary => ({
  id: row.id,
  period: row.period,
  language: row.language,
  isComplete: row.is_complete,
  incidents: row.incidents,
  madeAt: row.made_at,
  madeBy: row.made_by,
  ...optional("madeByName", row.made_by_name ?? undefined),
  sent: row.sent,
  failed: row.failed,
});

const summaries = (where: ReturnType<typeof sql>, rest: ReturnType<typeof sql>) => sql<SummaryRow>`
  select r.id, r.period, r.language, r.is_complete, r.incidents, r.made_at, r.made_by, p.name as made_by_name,
    (select count(*) from reports_sending s where s.report_id = r.id and s.state = 'sent') as sent,
    (select count(*) from reports_sending s where s.report_id = r.id and s.state = 'failed') as failed
  from reports_report r left join identity_person p on 'person:' || p.id = r.made_by
  where r.organisation_id = hinoban_organisation() and ${where} ${rest}`;

/** One page, the newest first. */
export async function pageOfReports(
  tx: Tx,
  { period, offset, limit }: { readonly period?: string | undefined; readonly offset: number; readonly limit: number },
): Promise<{ readonly reports: ReportSummary[]; readonly total: number }> {
  const where = period === undefined ? sql`true` : sql`r.period = ${period}`;
  const { rows } = await summaries(where, sql`order by r.seq desc limit ${limit} offset ${offset}`).execute(tx);
  const all = await sql<{ count: number }>`select count(*) as count from reports_report r
    where r.organisation_id = hinoban_organisation() and ${where}`.execute(tx);
  return { reports: rows.map(summaryOf), total: all.rows[0]?.count ?? 0 };
}

const noReport = (id: string): HinobanError => new HinobanError("not-found", `There is no report ${id}.`, { id });

/** @throws "not-found" */
export async function readSummary(tx: Tx, id: string): Promise<ReportSummary> {
  const { rows } = await summaries(sql`r.id = ${id}`, sql``).execute(tx);
  const [row] = rows;
  if (!row) throw noReport(id);
  return summaryOf(row);
}

/** What was counted when the report was made. @throws "not-found" */
export async function readKeptModel(tx: Tx, id: string): Promise<{ readonly model: ReportModel; readonly language: Language }> {
  const row = await tx.selectFrom("reports_report").select(["model", "language"]).where("id", "=", id).executeTakeFirst();
  if (!row) throw noReport(id);
  return { model: JSON.parse(row.model) as ReportModel, language: row.language }; // written by this feature alone, in this shape
}

/** To whom it went, in the order of sending. @param seesAddresses else only their domains are told */
export async function readSendings(tx: Tx, id: string, seesAddresses = true): Promise<ReportSending[]> {
  const rows = await tx.selectFrom("reports_sending").selectAll().where("report_id", "=", id).orderBy("seq").execute();
  return rows.map(({ kind, name, state, problem, ended_at: endedAt, created_at: createdAt }) => {
    const shown = kind === "address" && !seesAddresses ? `…${name.slice(name.lastIndexOf("@"))}` : name;
    return { kind, name: shown, state, at: endedAt ?? createdAt, ...optional("problem", problem?.replaceAll(name, shown)) };
  });
}

/** The month that goes on, on the clock of the transaction's organisation. */
export async function thisMonth(tx: Tx, now: UnixMs): Promise<string> {
  const zone = (await findOrganisation(tx))?.timeZone ?? "UTC";
  return monthOf(now, wallClock(isTimeZone(zone) ? zone : "UTC"));
}

/** Names that people know, for ids as the ledger writes them: `report:`. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const wanted = ids.filter((id) => id.startsWith("report:")).map((id) => id.slice("report:".length));
  if (wanted.length === 0) return {};
  const rows = await tx.selectFrom("reports_report").select(["id", "period"]).where("id", "in", wanted).execute();
  return Object.fromEntries(rows.map(({ id, period }) => [`report:${id}`, period]));
}
