import { sql } from "kysely";
import { addTime, hours, millis, type UnixMs } from "#base/duration";
import { publish, type Tx } from "#store";
import type { HandedOn, Job, Result, Settled } from "./driver.ts";
import { noteChannel } from "./channel-health.ts";
import { noteMail } from "./mail-health.ts";
import type { DeliveryOutcome, DeliveryState, Recipient } from "./model.ts";
import { channelsTopic, deliveriesTopic, type NotifyContext } from "./context.ts";
import { waitAfter, type Pace } from "./retry.ts";
import type { DeliveryRow } from "./store.ts";

/** What is to be noted about an attempt. */
export type Noted =
  | { readonly kind: "over"; readonly state: "failed" | "cancelled" | "unknown"; readonly problem: string }
  | { readonly kind: "result"; readonly result: Result | HandedOn; readonly pace: Pace; readonly job: Job };

interface Change {
  readonly state: DeliveryState;
  readonly goesOn?: boolean;
  readonly dueAt: UnixMs;
  readonly problem: string | null;
  readonly place: string | null;
  readonly progress: string;
}

const longestProblem = 1000;

/** Notes what became of an attempt, and tells those who listen, in one transaction. */
export function noteOutcome(notify: NotifyContext, row: DeliveryRow, noted: Noted): Promise<void> {
  const at = notify.clock.now();
  return notify.db.tx({ organisationId: row.organisation_id }, async (tx) => {
    const change = changeOf(notify, row, noted, at);
    const isOver = change.state !== "retrying" && change.state !== "calling";
    const { rows } = await sql`update notify_delivery set state = ${change.state}, due_at = ${change.dueAt}, leased_until = 0,
        tries = tries + 1, problem = ${change.problem}, place = coalesce(${change.place}, place), progress = ${change.progress},
        lane_until = ${isOver ? 0 : silentUntil(row, noted, at)}, ended_at = ${isOver ? at : null}, notice = ${isOver ? null : sql`notice`}
      where id = ${row.id} and state = 'claimed' and claims = ${row.claims} returning id`.execute(tx);
    if (rows.length === 0) return; // the lease ran out and somebody else has it
    if (noted.kind === "result") await noteHealth(notify, tx, row, noted, at);
    await tell(notify, tx, row, change, at);
    await publish(tx, deliveriesTopic);
  });
}

function changeOf(notify: NotifyContext, row: DeliveryRow, noted: Noted, at: UnixMs): Change {
  const kept = { dueAt: at, place: null, progress: row.progress };
  if (noted.kind === "over") return { ...kept, state: noted.state, problem: noted.problem.slice(0, longestProblem) };
  const { result, pace } = noted;
  if (result.kind === "handed-on") return { ...kept, state: "calling", problem: null };
  if (result.kind === "sent") return { ...kept, state: "sent", problem: result.note ?? null, place: result.place ?? null };
  return failedChange(notify, row, { result, pace, job: noted.job }, kept);
}

function failedChange(
  notify: NotifyContext,
  row: DeliveryRow,
  { result, pace, job }: { readonly result: Extract<Result, { kind: "failed" }>; readonly pace: Pace; readonly job: Job },
  kept: Pick<Change, "dueAt" | "place" | "progress">,
): Change {
  const { dueAt: at } = kept;
  const done = [...job.progress, ...(result.done ?? [])];
  const progress = JSON.stringify(done);
  const problem = result.problem.slice(0, longestProblem);
  // Somebody waits for the outcome of a test.
  const isLast = result.isForGood || row.kind === "test";
  const random = (notify.deps.random ?? Math.random)();
  const wait = isLast ? undefined : waitAfter(row.is_urgent ? "quick" : pace, row.tries + 1, random, result.retryAfter);
  if (wait !== undefined) return { ...kept, progress, state: "retrying", dueAt: addTime(at, wait), problem };
  return { ...kept, progress, state: "failed", problem: isLast ? problem : `Given up after a day: ${problem}`.slice(0, longestProblem) };
}

async function noteHealth(
  notify: NotifyContext,
  tx: Tx,
  row: DeliveryRow,
  noted: Extract<Noted, { kind: "result" }>,
  at: UnixMs,
): Promise<void> {
  const { job, result } = noted;
  if (result.kind === "handed-on") return;
  if (job.channel) {
    const hasTurned = await noteChannel(notify, tx, { channel: job.channel, result, isTest: job.isTest }, at);
    if (hasTurned) await publish(tx, channelsTopic);
  }
  if (row.medium === "mail" || job.channel?.type === "email") await noteMail(notify, tx, { result, targets: job.targets }, at);
}

/** Whoever asks us to wait gets nothing else meanwhile; but nobody may silence us for longer than an hour with one word. */
function silentUntil(row: DeliveryRow, noted: Noted, at: UnixMs): UnixMs | 0 {
  if (noted.kind !== "result" || noted.result.kind !== "failed" || noted.result.retryAfter === undefined || row.kind === "test") return 0;
  return addTime(at, millis(Math.min(noted.result.retryAfter, hours(1))));
}

async function tell(notify: NotifyContext, tx: Tx, row: DeliveryRow, change: Change, at: UnixMs): Promise<void> {
  if (row.kind !== "post") return;
  const outcome: DeliveryOutcome = {
    id: row.id,
    key: row.key,
    about: row.about,
    to: recipientOf(row),
    state: change.state,
    problem: change.state === "sent" ? undefined : (change.problem ?? undefined),
    goesOn: change.goesOn ?? false,
    at,
  };
  for (const listener of notify.listeners) await listener.delivered?.(tx, at, outcome);
}

/**
 * Notes what became of a delivery that was handed on, and tells those who listen, in the caller's transaction.
 * @returns false when it is over already, or was never handed on
 */
export async function settleDelivery(notify: NotifyContext, tx: Tx, at: UnixMs, id: string, settled: Settled): Promise<boolean> {
  const row = await tx
    .selectFrom("notify_delivery")
    .selectAll()
    .where("id", "=", id)
    .where("state", "=", "calling")
    .forUpdate()
    .executeTakeFirst();
  if (!row) return false;
  const problem = settled.kind === "sent" ? (settled.note ?? null) : settled.problem.slice(0, longestProblem);
  await sql`update notify_delivery set state = ${settled.kind}, problem = ${problem}, ended_at = ${at}, notice = null where id = ${id}`.execute(
    tx,
  );
  const goesOn = settled.kind === "failed" && settled.goesOn;
  await tell(notify, tx, row, { state: settled.kind, goesOn, problem, dueAt: at, place: null, progress: row.progress }, at);
  await publish(tx, deliveriesTopic);
  return true;
}

export function recipientOf(row: Pick<DeliveryRow, "channel_id" | "person_id" | "medium">): Recipient {
  if (row.channel_id !== null) return { kind: "channel", channelId: row.channel_id };
  return { kind: "person", personId: row.person_id ?? "", medium: row.medium ?? "mail" };
}

/** Gives a claim back without having tried. */
export function putBack(notify: NotifyContext, row: DeliveryRow, state: "held" | "retrying", dueAt: UnixMs): Promise<void> {
  return notify.db.tx({ organisationId: row.organisation_id }, async (tx) => {
    await sql`update notify_delivery set state = ${state}, due_at = ${dueAt}, leased_until = 0, tries = tries + 1
      where id = ${row.id} and state = 'claimed' and claims = ${row.claims}`.execute(tx);
    await publish(tx, deliveriesTopic);
  });
}
