import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import type { Downtimes } from "#features/downtimes";
import { lockGrouping, type AlertReport, type Incidents } from "#features/incidents";
import type { Tx } from "#store";
import type { AlertStatus } from "#wire/alerting";
import type { MonitorType } from "#wire/monitor-settings";

/** What a rule now says of one of its targets, other than before. */
export interface Verdict {
  readonly monitorId: string;
  readonly key: string;
  readonly type: MonitorType;
  readonly name: string;
  readonly from: AlertStatus;
  readonly status: AlertStatus;
  readonly message: string;
  readonly value: number | undefined;
  readonly hostId: string | undefined;
  readonly serviceId: string | undefined;
  readonly serviceIds: readonly string[];
  readonly roleIds: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** When what was judged was observed. */
  readonly observedAt: UnixMs;
  readonly attempts?: number;
}

interface Sinks {
  readonly downtimes: Pick<Downtimes, "covers">;
  readonly alerts: Pick<Incidents, "report">;
}

/**
 * Turns verdicts into alerts, in the caller's transaction: asks first whether a downtime covers what would be a new alert, and notes what was
 * said. Verdicts of rules that were deleted meanwhile are left out.
 * @returns those that count now; the others were covered or deleted and are to be judged again with the next point
 */
export async function applyVerdicts({ downtimes, alerts }: Sinks, tx: Tx, at: UnixMs, verdicts: readonly Verdict[]): Promise<Verdict[]> {
  if (verdicts.length === 0) return [];
  await lockGrouping(tx); // before any row: whoever closes an alert by hand takes them in that order too
  const muted = await lockMonitors(tx, verdicts);
  const known = verdicts.filter(({ monitorId }) => muted.has(monitorId));
  const isNew = ({ from, status }: Verdict): boolean => from === "OK" && status !== "OK";
  const wanted = known.filter(isNew);
  const covered = new Set<Verdict>();
  if (wanted.length > 0) {
    const downtime = await downtimes.covers(tx, at, wanted);
    for (const [i, verdict] of wanted.entries()) if (downtime[i] !== undefined) covered.add(verdict);
  }
  const counting = known.filter((verdict) => !covered.has(verdict));
  if (counting.length === 0) return [];
  await alerts.report(
    tx,
    at,
    counting.map((verdict) => reportOf(verdict, muted.get(verdict.monitorId) ?? false)),
  );
  await writeStates(tx, at, counting);
  return counting;
}

/** Whether each rule that exists is muted. None of them is deleted before the transaction ends. */
async function lockMonitors(tx: Tx, verdicts: readonly Verdict[]): Promise<Map<string, boolean>> {
  const ids = [...new Set(verdicts.map(({ monitorId }) => monitorId))];
  const rows = await tx
    .selectFrom("monitors_monitor")
    .select(["id", "is_muted"])
    .where((of) => of("id", "=", of.fn.any(of.val(ids))))
    .orderBy("id")
    .forKeyShare()
    .execute();
  return new Map(rows.map((row) => [row.id, row.is_muted]));
}

const longestMessage = 1024;

function reportOf(verdict: Verdict, isMuted: boolean): AlertReport {
  const { monitorId, key, status, type, name, value, hostId, serviceId, observedAt } = verdict;
  return {
    origin: { kind: "monitor", id: monitorId },
    key,
    status,
    type,
    name,
    message: verdict.message.slice(0, longestMessage),
    ...(value === undefined ? {} : { value }),
    ...(hostId === undefined ? {} : { hostId }),
    ...(serviceId === undefined ? {} : { serviceId }),
    detail: { ...verdict.detail, ...(value === undefined ? {} : { metricValue: value }) },
    observedAt,
    isMuted,
  };
}

/** What rules say of their targets is an observation: the alert's own entry tells the history of it. */
export async function writeStates(
  tx: Tx,
  at: UnixMs,
  verdicts: readonly Pick<Verdict, "monitorId" | "key" | "status" | "message" | "observedAt" | "attempts">[],
): Promise<void> {
  if (verdicts.length === 0) return;
  const rows = [...verdicts].toSorted((a, b) => (a.monitorId + a.key < b.monitorId + b.key ? -1 : 1));
  await sql`insert into monitors_state (monitor_id, target, status, attempts, message, judged_at, changed_at)
    select s.monitor_id, s.target, s.status, s.attempts, s.message, s.judged_at, ${at}::bigint from unnest(
      ${rows.map((row) => row.monitorId)}::text[], ${rows.map((row) => row.key)}::text[], ${rows.map((row) => row.status)}::text[],
      ${rows.map((row) => row.attempts ?? 0)}::integer[], ${rows.map((row) => row.message.slice(0, longestMessage))}::text[],
      ${rows.map((row) => row.observedAt)}::bigint[]) as s (monitor_id, target, status, attempts, message, judged_at)
    on conflict (monitor_id, target) do update set status = excluded.status, attempts = excluded.attempts, message = excluded.message,
      judged_at = excluded.judged_at, changed_at = excluded.changed_at, closed_at = null`.execute(tx);
}
