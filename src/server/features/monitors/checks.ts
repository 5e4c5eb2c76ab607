import type { UnixMs } from "#base/duration";
import type { Downtimes } from "#features/downtimes";
import type { AlertReport, Incidents } from "#features/incidents";
import { placesOfHosts, type ReportedCheck } from "#features/inventory";
import type { Tx } from "#store";
import { isWatched } from "./organisation-rules.ts";

interface Sinks {
  readonly downtimes: Pick<Downtimes, "covers">;
  readonly alerts: Pick<Incidents, "report">;
}

/**
 * Turns what checks of hosts reported into alerts, in the transaction that stores the reports. A check is bad as soon as so many reports in a
 * row were not OK; one OK closes. Hosts under maintenance or switched off are left alone.
 */
export async function judgeChecks({ downtimes, alerts }: Sinks, tx: Tx, at: UnixMs, checks: readonly ReportedCheck[]): Promise<void> {
  const counting = checks.filter((check) => check.status === "OK" || check.badInARow >= check.maxCheckAttempts);
  if (counting.length === 0) return;
  const places = await placesOfHosts(
    tx,
    counting.map((check) => check.hostId),
  );
  const watched = counting.flatMap((check) => {
    const host = places.get(check.hostId);
    return host && isWatched(host) ? [{ check, host }] : [];
  });
  const open = await openChecks(tx, watched);
  const fresh = watched.filter(({ check }) => check.status !== "OK" && !open.has(check.checkId));
  const things = fresh.map(({ check, host }) => ({
    monitorId: check.checkId,
    hostId: host.id,
    serviceIds: host.serviceIds,
    roleIds: host.roleIds,
  }));
  const downtime = things.length === 0 ? [] : await downtimes.covers(tx, at, things);
  const covered = new Set(fresh.filter((_, i) => downtime[i] !== undefined).map(({ check }) => check.checkId));
  const reports = watched.filter(({ check }) => !covered.has(check.checkId)).map(({ check }) => reportOf(check));
  if (reports.length > 0) await alerts.report(tx, at, reports);
}

/** Checks that already have an alert: a downtime does not hold back what becomes of it. */
async function openChecks(tx: Tx, watched: readonly { readonly check: ReportedCheck }[]): Promise<Set<string>> {
  const ids = watched.filter(({ check }) => check.status !== "OK").map(({ check }) => check.checkId);
  if (ids.length === 0) return new Set();
  const rows = await tx
    .selectFrom("incidents_alert")
    .select("origin_id")
    .where("origin_kind", "=", "check")
    .where("origin_id", "in", ids)
    .where("closed_at", "is", null)
    .execute();
  return new Set(rows.map((row) => row.origin_id));
}

function reportOf(check: ReportedCheck): AlertReport {
  const { checkId, hostId, name, memo, status, message, notificationInterval, maxCheckAttempts, occurredAt } = check;
  return {
    origin: { kind: "check", id: checkId },
    key: hostId,
    status,
    type: "check",
    name,
    message,
    hostId,
    detail: { maxCheckAttempts, ...(memo === "" ? {} : { memo }), ...(notificationInterval === null ? {} : { notificationInterval }) },
    observedAt: occurredAt,
  };
}
