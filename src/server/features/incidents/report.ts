import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import { keyOf, openAlertsOf, refreshAlerts, type PlacedAlert } from "./alert-rows.ts";
import { cleanReport, newestOf, openedBy, type CleanReport } from "./clean-report.ts";
import { hostFacts } from "./grouping-context.ts";
import type { Covering, IncidentsContext } from "./context.ts";
import { lockGrouping } from "./grouping-lock.ts";
import { alerting, closed, type Touched } from "./touched.ts";
import type { AlertOutcome, AlertReport, AlertTrigger } from "./model.ts";
import { settleAlerts } from "./settle-alerts.ts";
import { Work } from "./work.ts";

/**
 * Opens, changes and closes alerts as reported, and incidents with them, in the caller's transaction. Reports of one key in one call
 * happen one after the other.
 */
export async function reportAlerts(
  incidents: IncidentsContext,
  tx: Tx,
  at: UnixMs,
  reports: readonly AlertReport[],
  trigger: AlertTrigger,
): Promise<readonly AlertOutcome[]> {
  const outcomes = Array.from<AlertOutcome>({ length: reports.length });
  for (const round of roundsOf(reports.map(cleanReport))) {
    const results = await reportRound(incidents, { tx, at, trigger, reports: round.map((one) => one.report) });
    for (const [i, { index }] of round.entries()) outcomes[index] = results[i] ?? { effect: "none" };
  }
  return outcomes;
}

interface Indexed {
  readonly index: number;
  readonly report: CleanReport;
}

/** Splits reports so that no round has two of the same key; nearly always there is one round. */
function roundsOf(reports: readonly CleanReport[]): Indexed[][] {
  const seen = new Map<string, number>();
  const rounds: Indexed[][] = [];
  for (const [index, report] of reports.entries()) {
    const key = keyOf(report.origin, report.key);
    const turn = seen.get(key) ?? 0;
    seen.set(key, turn + 1);
    (rounds[turn] ??= []).push({ index, report });
  }
  return rounds;
}

interface Round {
  readonly tx: Tx;
  readonly at: UnixMs;
  readonly trigger: AlertTrigger;
  readonly reports: readonly CleanReport[];
}

type Effect = AlertOutcome["effect"];

interface Judged {
  readonly effect: Effect;
  readonly report: CleanReport;
  readonly before: PlacedAlert | undefined;
}

/** So many reports are looked at first without the lock: most say nothing new. Of more, some surely do. */
const mostLookedAtTwice = 500;

async function reportRound(incidents: IncidentsContext, round: Round): Promise<AlertOutcome[]> {
  const { tx, reports } = round;
  if (reports.length <= mostLookedAtTwice) {
    const seen = judge(reports, await openAlertsOf(tx, reports));
    if (seen.every(({ effect }) => effect === "repeated" || effect === "none")) return repeat(tx, seen);
  }
  await lockGrouping(tx);
  const judged = await withoutCovered(incidents.downtimes, round, judge(reports, await openAlertsOf(tx, reports)));
  await repeat(
    tx,
    judged.filter(({ effect }) => effect === "repeated"),
  );
  const work = new Work({ tx, at: round.at, by: alerting, via: "system" });
  const touched = judged.map((one) => touch(one, round));
  const placed = await settleAlerts(
    work,
    touched.flatMap((one) => one ?? []),
    { trigger: round.trigger },
  );
  await work.finish(incidents.listeners);
  return judged.map(({ effect, before }, i): AlertOutcome => {
    const id = touched[i]?.alert.id ?? before?.id;
    const incidentId = (id === undefined ? undefined : placed.get(id)) ?? before?.incident_id ?? undefined;
    return { effect, ...(id === undefined ? {} : { alertId: id }), ...(incidentId === undefined ? {} : { incidentId }) };
  });
}

function judge(reports: readonly CleanReport[], open: ReadonlyMap<string, PlacedAlert>): Judged[] {
  return reports.map((report) => {
    const before = open.get(keyOf(report.origin, report.key));
    return { effect: effectOf(report, before), report, before };
  });
}

function effectOf(report: CleanReport, before: PlacedAlert | undefined): Effect {
  if (!before) return report.status === "OK" ? "none" : "opened";
  if (report.status === "OK") return "closed";
  const differs =
    before.status !== report.status ||
    before.severity !== report.severity ||
    before.is_muted !== report.isMuted ||
    // Of these Mackerel tells again when the answer is another one.
    (report.type === "external" && before.message !== report.message);
  return differs ? "changed" : "repeated";
}

/** While a downtime covers it, nothing that others report opens; monitors ask for themselves, before they judge. */
async function withoutCovered(downtimes: Covering | undefined, { tx, at }: Round, judged: readonly Judged[]): Promise<Judged[]> {
  const asked = judged.filter(({ effect, report }) => effect === "opened" && report.origin.kind === "source");
  if (!downtimes || asked.length === 0) return [...judged];
  const hosts = await hostFacts(tx, [...new Set(asked.flatMap(({ report }) => report.hostId ?? []))]);
  const things = asked.map(({ report }) => {
    const host = hosts.get(report.hostId ?? "");
    const serviceIds = [...(report.serviceId === undefined ? [] : [report.serviceId]), ...(host?.serviceIds ?? [])];
    return { monitorId: report.origin.id, hostId: report.hostId, serviceIds, roleIds: host?.roleIds ?? [] };
  });
  const covered = await downtimes.covers(tx, at, things);
  const dropped = new Set(asked.filter((_one, i) => covered[i] !== undefined));
  return judged.map((one) => (dropped.has(one) ? { ...one, effect: "none" } : one));
}

/** Keeps the newest value and message of what is as it was. */
async function repeat(tx: Tx, judged: readonly Judged[]): Promise<AlertOutcome[]> {
  const newer = judged.flatMap(({ effect, report, before }) => {
    if (effect !== "repeated" || !before) return [];
    const newest = newestOf(before, report);
    const isSame = newest.message === before.message && newest.value === before.value && newest.detail === before.detail;
    return isSame ? [] : { id: before.id, ...newest };
  });
  await refreshAlerts(tx, newer);
  return judged.map(({ effect, before }): AlertOutcome => {
    if (!before) return { effect };
    return { effect, alertId: before.id, ...(before.incident_id === null ? {} : { incidentId: before.incident_id }) };
  });
}

function touch({ effect, report, before }: Judged, { at, trigger }: Round): Touched | undefined {
  if (effect === "opened") return { alert: { ...openedBy(report, at, trigger), incident_id: null }, before: undefined };
  if (!before) return undefined;
  const newest = newestOf(before, report);
  // What is found well has a value; its severity stays what it was.
  if (effect === "closed") return { alert: { ...closed(before, at, trigger), ...newest }, before };
  if (effect !== "changed") return undefined;
  const alert: PlacedAlert = {
    ...before,
    ...newest,
    status: report.status,
    severity: report.severity,
    is_muted: report.isMuted,
    was_critical: before.was_critical || report.status === "CRITICAL",
    trigger,
    changed_at: at,
  };
  return { alert, before };
}
