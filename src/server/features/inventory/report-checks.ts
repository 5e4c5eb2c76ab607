import { sql } from "kysely";
import { hours, type UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { CheckStatus } from "#wire/inventory";
import { organisationOf, type ActDeps } from "./act.ts";
import type { HostListeners, ReportedCheck } from "./host-changes.ts";
import { groupedBy } from "./model.ts";

/** What a check of a host found. */
export interface CheckReportInput {
  readonly hostId: string;
  readonly name: string;
  readonly status: CheckStatus;
  readonly message: string;
  readonly occurredAt: UnixMs;
  /** Minutes after which an alert is sent again; null = never. */
  readonly notificationInterval: number | null;
  readonly maxCheckAttempts: number;
}

export interface CheckReportOutcome {
  readonly stored: number;
  /** Too old, or posted before. */
  readonly ignored: number;
  /** Of hosts that are unknown here or retired. */
  readonly unknown: number;
}

/** A report this old says nothing about the present; Mackerel's limit. */
const ignoredAfter = hours(6);
const keptPerCheck = 100;

/**
 * Takes in what checks found. Reports are observations like metrics: they are kept beside the hosts, and the ledger does not hear of them.
 * A check comes into being with its first report; its newest report, by the time it occurred, is its state.
 * @throws "forbidden"
 */
export function reportChecks(deps: ActDeps, actor: Actor, reports: readonly CheckReportInput[]): Promise<CheckReportOutcome> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "metrics.post", organisationOf(actor), at);
    const known = await presentHosts(tx, reports);
    const here = reports.filter((report) => known.has(report.hostId));
    const fresh = here.filter((report) => at - report.occurredAt < ignoredAfter);
    const stored = await recordReports(tx, at, fresh, deps.listeners);
    return { stored, ignored: here.length - stored, unknown: reports.length - here.length };
  });
}

async function presentHosts(tx: Tx, reports: readonly CheckReportInput[]): Promise<Set<string>> {
  if (reports.length === 0) return new Set();
  const ids = [...new Set(reports.map((report) => report.hostId))];
  const rows = await tx.selectFrom("inventory_host").select("id").where("id", "in", ids).where("retired_at", "is", null).execute();
  return new Set(rows.map((row) => row.id));
}

const keyOf = (report: { readonly hostId: string; readonly name: string }): string => JSON.stringify([report.hostId, report.name]);

async function recordReports(
  tx: Tx,
  at: UnixMs,
  reports: readonly CheckReportInput[],
  listeners: HostListeners | undefined,
): Promise<number> {
  if (reports.length === 0) return 0;
  const written = await tx
    .insertInto("inventory_check_report")
    .values(
      reports.map((report) => ({
        host_id: report.hostId,
        name: report.name,
        occurred_at: report.occurredAt,
        received_at: at,
        status: report.status,
        message: report.message,
      })),
    )
    .onConflict((on) => on.columns(["host_id", "name", "occurred_at"]).doNothing())
    .returning(["host_id as hostId", "name", "occurred_at as occurredAt"])
    .execute();
  const isNew = new Set(written.map((row) => `${row.occurredAt} ${keyOf(row)}`));
  const byCheck = groupedBy(
    reports.filter((report) => isNew.has(`${report.occurredAt} ${keyOf(report)}`)),
    keyOf,
  );
  const newest = [...byCheck.values()].flatMap((group) => group.toSorted((a, b) => b.occurredAt - a.occurredAt).slice(0, 1));
  const changed = newest.length > 0 ? await recordStates(tx, at, newest) : [];
  if (changed.length > 0 && listeners?.areThere) await listeners.tellChecks(tx, at, await reportedChecks(tx, changed, newest));
  await pruneReports(tx, at, newest);
  return written.length;
}

interface ChangedCheck {
  readonly id: string;
  readonly hostId: string;
  readonly name: string;
  readonly memo: string;
}

async function recordStates(tx: Tx, at: UnixMs, newest: readonly CheckReportInput[]): Promise<ChangedCheck[]> {
  const changed = await tx
    .insertInto("inventory_check")
    .values(
      newest.map((report) => ({
        id: newId(),
        host_id: report.hostId,
        name: report.name,
        memo: "",
        status: report.status,
        message: report.message,
        occurred_at: report.occurredAt,
        received_at: at,
        notification_interval: report.notificationInterval,
        max_check_attempts: report.maxCheckAttempts,
      })),
    )
    .onConflict((on) =>
      on
        .columns(["host_id", "name"])
        .doUpdateSet((set) => ({
          status: set.ref("excluded.status"),
          message: set.ref("excluded.message"),
          occurred_at: set.ref("excluded.occurred_at"),
          received_at: set.ref("excluded.received_at"),
          notification_interval: set.ref("excluded.notification_interval"),
          max_check_attempts: set.ref("excluded.max_check_attempts"),
        }))
        .where(sql<boolean>`inventory_check.occurred_at is null or inventory_check.occurred_at < excluded.occurred_at`),
    )
    .returning(["id", "host_id as hostId", "name", "memo"])
    .execute();
  for (const hostId of new Set(changed.map((row) => row.hostId))) await publish(tx, `checks:${hostId}`);
  return changed;
}

const mostAttempts = 10;

/** The checks that a new report made news of, with how long they have been bad. */
async function reportedChecks(tx: Tx, changed: readonly ChangedCheck[], newest: readonly CheckReportInput[]): Promise<ReportedCheck[]> {
  const reports = new Map(newest.map((report) => [keyOf(report), report]));
  const inARow = await badInARow(
    tx,
    newest.filter((report) => report.status !== "OK" && report.maxCheckAttempts > 1),
  );
  return changed.flatMap(({ id, hostId, name, memo }) => {
    const report = reports.get(keyOf({ hostId, name }));
    if (!report) return [];
    const bad = report.status === "OK" ? 0 : (inARow.get(keyOf(report)) ?? 1);
    return [{ ...report, checkId: id, memo, badInARow: bad }];
  });
}

/** A check that was silent for six hours begins anew: Mackerel demands that its reports come closer than that. */
async function badInARow(tx: Tx, reports: readonly CheckReportInput[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const report of reports) {
    const rows = await tx
      .selectFrom("inventory_check_report")
      .select(["status", "occurred_at"])
      .where("host_id", "=", report.hostId)
      .where("name", "=", report.name)
      .where("occurred_at", "<=", report.occurredAt)
      .orderBy("occurred_at", "desc")
      .limit(mostAttempts)
      .execute();
    const end = rows.findIndex(
      (row, i) => row.status === "OK" || (rows[i - 1]?.occurred_at ?? row.occurred_at) - row.occurred_at > ignoredAfter,
    );
    counts.set(keyOf(report), end < 0 ? rows.length : end);
  }
  return counts;
}

/** Keeps the newest hundred reports of each check, and all that are young enough to be posted twice. */
async function pruneReports(tx: Tx, at: UnixMs, checks: readonly CheckReportInput[]): Promise<void> {
  for (const { hostId, name } of checks) {
    const oldestKept = tx
      .selectFrom("inventory_check_report")
      .select("occurred_at")
      .where("host_id", "=", hostId)
      .where("name", "=", name)
      .orderBy("occurred_at", "desc")
      .offset(keptPerCheck)
      .limit(1);
    await tx
      .deleteFrom("inventory_check_report")
      .where("host_id", "=", hostId)
      .where("name", "=", name)
      .where("occurred_at", "<", at - ignoredAfter)
      .where("occurred_at", "<=", oldestKept)
      .execute();
  }
}
