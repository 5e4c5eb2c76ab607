import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { wallClock } from "#base/wall-time";
import { findOrganisation } from "#features/identity";
import { publish, type Tx } from "#store";
import type { LineSettings } from "#wire/line-settings";
import type { LineUsage } from "#wire/lines";
import { linesTopic } from "./call-settings.ts";
import { queueLineReport } from "./lines-reports.ts";

/** From this share of a limit on people are warned. */
const nearShare = 0.8;

/** What a line is, for those who count. */
export interface CountedLine {
  readonly id: string;
  readonly name: string;
  readonly settings: LineSettings;
}

/** A call of a line that is over, or was dialled and never connected. */
export interface CountedCall {
  readonly at: UnixMs;
  /** From the answer to the end, in milliseconds; 0: nobody answered. */
  readonly talked: number;
}

type Carried = Pick<LineUsage, "calls" | "cost">;

/** `reached`: the line calls about critical incidents alone. The nearer of the two limits counts. */
export function limitOf({ monthlyCost, monthlyCalls }: LineSettings, { calls, cost }: Carried): LineUsage["limit"] {
  if (monthlyCost === undefined && monthlyCalls === undefined) return "none";
  const share = Math.max(shareOf(cost, monthlyCost), shareOf(calls, monthlyCalls));
  if (share >= 1) return "reached";
  return share >= nearShare ? "near" : "ok";
}

const shareOf = (used: number, limit: number | undefined): number => {
  if (limit === undefined) return 0;
  return limit <= 0 ? 1 : used / limit;
};

/** What a call costs: every minute that begins, as carriers count. */
export function costOf({ pricePerMinute = 0 }: LineSettings, talked: number): { readonly minutes: number; readonly cost: number } {
  const minutes = Math.ceil(talked / 60_000);
  return { minutes, cost: minutes * pricePerMinute };
}

/** The month that a moment belongs to in a time zone: 2026-11. */
export const monthOf = (at: UnixMs, timeZone: string): string => new Date(wallClock(timeZone).toLocal(at)).toISOString().slice(0, 7);

/** What lines carried this month, by line; absent: nothing. */
export async function usageNow(
  tx: Tx,
  at: UnixMs,
): Promise<{ readonly month: string; readonly of: ReadonlyMap<string, Omit<LineUsage, "limit">> }> {
  const month = monthOf(at, (await findOrganisation(tx))?.timeZone ?? "UTC");
  const rows = await tx.selectFrom("calls_usage").selectAll().where("month", "=", month).execute();
  return {
    month,
    of: new Map(
      rows.map((row) => [row.line_id, { month, calls: row.calls, answered: row.answered, minutes: row.minutes, cost: row.cost }]),
    ),
  };
}

/** How far each line's limit is used up now. */
export async function limitsNow(tx: Tx, at: UnixMs, lines: readonly CountedLine[]): Promise<ReadonlyMap<string, LineUsage["limit"]>> {
  const { of } = await usageNow(tx, at);
  return new Map(lines.map(({ id, settings }) => [id, limitOf(settings, of.get(id) ?? { calls: 0, cost: 0 })]));
}

/**
 * Counts a call that was dialled through a line, once it is over, and tells when a limit is near or reached.
 * @returns what it cost
 */
export async function countCall(
  tx: Tx,
  line: CountedLine,
  { at, talked }: CountedCall,
): Promise<{ readonly cost: number; readonly currency: string }> {
  const { minutes, cost } = costOf(line.settings, talked);
  const currency = line.settings.currency ?? "";
  const month = monthOf(at, (await findOrganisation(tx))?.timeZone ?? "UTC");
  const { rows } = await sql<{ calls: number; cost: number; told: number }>`
    insert into calls_usage as u (line_id, month, calls, answered, minutes, cost, currency)
    values (${line.id}, ${month}, 1, ${talked > 0 ? 1 : 0}, ${minutes}, ${cost}, ${currency})
    on conflict (organisation_id, line_id, month) do update set calls = u.calls + 1, answered = u.answered + excluded.answered,
      minutes = u.minutes + excluded.minutes, cost = u.cost + excluded.cost, currency = excluded.currency
    returning u.calls, u.cost, u.told`.execute(tx);
  const [used] = rows;
  if (used) await tellLimit(tx, at, line, month, used);
  await publish(tx, linesTopic);
  return { cost, currency };
}

const degrees = { none: 0, ok: 0, near: 1, reached: 2 } as const;

/** Tells once when a limit comes near and once when it is reached; the alert closes when a new month begins or the limit is raised. */
async function tellLimit(tx: Tx, at: UnixMs, line: CountedLine, month: string, used: Carried & { readonly told: number }): Promise<void> {
  const limit = limitOf(line.settings, used);
  const degree = degrees[limit];
  if (degree <= used.told) return;
  await noteTold(tx, line.id, month, degree);
  await queueLineReport(tx, at, {
    originId: `line-limit:${line.id}`,
    status: limit === "reached" ? "CRITICAL" : "WARNING",
    severity: limit === "reached" ? "error" : "warning",
    name: `Limit of line ${line.name}`,
    message: limit === "reached" ? reachedText(line, month, used) : nearText(line, month, used),
  });
}

/** An observation, no act: the alert tells the history. */
const noteTold = (tx: Tx, lineId: string, month: string, degree: number): Promise<unknown> =>
  sql`update calls_usage set told = ${degree} where organisation_id = hinoban_organisation() and line_id = ${lineId} and month = ${month}`.execute(
    tx,
  );

const nearText = (line: CountedLine, month: string, used: Carried): string =>
  `80 % of what the line may carry in ${month} are used: ${usedText(line, used)}.`;

const reachedText = (line: CountedLine, month: string, used: Carried): string =>
  `The limit for ${month} is reached (${usedText(line, used)}): until it is raised or the month ends, the line calls about critical incidents alone.`;

function usedText({ settings: { monthlyCost, monthlyCalls, currency = "" } }: CountedLine, { calls, cost }: Carried): string {
  const parts = [
    ...(monthlyCalls === undefined ? [] : [`${calls} of ${monthlyCalls} calls`]),
    ...(monthlyCost === undefined ? [] : [`${Math.round(cost * 100) / 100} of ${monthlyCost} ${currency}`.trim()]),
  ];
  return parts.join(", ");
}

/**
 * Judges limits anew: those that were told and hold no longer (a new month, a raised limit) are over.
 * @param lines every line of the organisation
 */
export async function lookAtLimits(tx: Tx, at: UnixMs, lines: readonly CountedLine[]): Promise<void> {
  const month = monthOf(at, (await findOrganisation(tx))?.timeZone ?? "UTC");
  const told = await tx.selectFrom("calls_usage").selectAll().where("told", ">", 0).execute();
  for (const row of told) {
    const line = lines.find(({ id }) => id === row.line_id);
    const isOver = row.month !== month || !line || degrees[limitOf(line.settings, row)] < row.told;
    if (!isOver) continue;
    await noteTold(tx, row.line_id, row.month, 0);
    await queueLineReport(tx, at, {
      originId: `line-limit:${row.line_id}`,
      status: "OK",
      severity: "warning",
      name: `Limit of line ${line?.name ?? row.line_id}`,
      message: "The limit is no longer reached.",
    });
    // A limit that was lowered from "reached" to "near" is told again.
    if (line && row.month === month) await tellLimit(tx, at, line, month, { ...row, told: 0 });
  }
}

/** What a line carried, month by month, newest first. */
export async function monthsOf(tx: Tx, { id, ...settings }: LineSettings & { readonly id: string }): Promise<LineUsage[]> {
  const rows = await tx.selectFrom("calls_usage").selectAll().where("line_id", "=", id).orderBy("month", "desc").limit(24).execute();
  return rows.map((row) => ({
    month: row.month,
    calls: row.calls,
    answered: row.answered,
    minutes: row.minutes,
    cost: row.cost,
    limit: limitOf(settings, row),
  }));
}
