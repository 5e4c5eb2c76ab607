import { sql } from "kysely";
import { unixMs, type UnixMs } from "#base/duration";
import { lockGrouping } from "#features/incidents";
import { publish, type Tx } from "#store";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import { isFresh, saidBy, slotOf, type ProbePlan } from "./model.ts";
import { resultTopic, type ProbesContext } from "./context.ts";

/** What was found by one probe of a monitor. */
export interface FoundResult {
  readonly monitorId: string;
  /** The monitor as it was when it was probed. */
  readonly version: number;
  readonly vantage: string;
  readonly at: UnixMs;
  readonly outcome: ProbeOutcome;
}

/** A response time to be kept as a metric once everything is committed. */
export interface ResponseTime {
  readonly monitorId: string;
  readonly service: string;
  readonly at: UnixMs;
  readonly millis: number;
}

export interface Taken {
  /** False when the monitor is gone or changed meanwhile, or is not probed from there any more. */
  readonly isTaken: boolean;
  readonly response: ResponseTime | undefined;
}

/**
 * Keeps a result and lets the monitor judge by it: only when it is newer than everything that was judged, and fresh. To be called first in a
 * transaction, with one result in each.
 */
export async function takeResult(
  { clock, monitors }: Pick<ProbesContext, "clock" | "monitors">,
  tx: Tx,
  found: FoundResult,
): Promise<Taken> {
  const { monitorId, vantage, at, outcome } = found;
  await lockGrouping(tx); // before any row: whoever changes or deletes the monitor takes them in that order too
  const task = await tx
    .selectFrom("probes_task")
    .select(["version", "plan", "last_at", "last_verdict", "interval_seconds"])
    .where("monitor_id", "=", monitorId)
    .where("vantage", "=", vantage)
    .forUpdate()
    .executeTakeFirst();
  if (!task || task.version !== found.version) return { isTaken: false, response: undefined };
  const plan = JSON.parse(task.plan) as ProbePlan; // written by syncTasks in this shape
  await keepResult(tx, found, task.interval_seconds);
  const now = clock.now();
  if (!isFresh(at, now, task.interval_seconds) || (task.last_at !== null && task.last_at >= at))
    return { isTaken: true, response: undefined };
  const isSame = task.last_verdict === outcome.verdict;
  // oxlint-disable-next-line hinoban/recorded-mutations -- what a probe found is an observation: the ledger hears of the alerts that follow
  await tx
    .updateTable("probes_task")
    .set({ last_at: at, last_verdict: outcome.verdict, silent_at: null, ...(isSame ? {} : { since: at }) })
    .where("monitor_id", "=", monitorId)
    .where("vantage", "=", vantage)
    .execute();
  if (!isSame) await publish(tx, resultTopic(monitorId));
  const said = saidBy(plan, outcome);
  await monitors.judge(tx, now, monitorId, { vantage, ...said, at });
  const response =
    plan.service === undefined || said.responseMillis === undefined
      ? undefined
      : { monitorId, service: plan.service, at: unixMs(at), millis: said.responseMillis };
  return { isTaken: true, response };
}

/** One row a round: what comes again, or twice in a round, replaces what was there when it is newer. */
async function keepResult(tx: Tx, { monitorId, vantage, at, outcome }: FoundResult, intervalSeconds: number): Promise<void> {
  const row = { at, verdict: outcome.verdict, outcome: JSON.stringify(outcome) };
  await tx
    .insertInto("probes_result")
    .values({ monitor_id: monitorId, vantage, slot: slotOf(at, intervalSeconds), ...row })
    .onConflict((on) =>
      on
        .columns(["organisation_id", "monitor_id", "vantage", "slot"])
        .doUpdateSet(row)
        .where(sql<boolean>`probes_result.at < ${at}`),
    )
    .execute();
}
