import { sql } from "kysely";
import { addTime, millis, minutes, seconds, type Millis, type UnixMs } from "#base/duration";
import type { CallEnd, LineHealth } from "#ports/phone/port";
import { publish, type Tx } from "#store";
import { linesTopic } from "./call-settings.ts";
import { callsTopic } from "./context.ts";
import { queueLineReport } from "./lines-reports.ts";
import type { LineRow } from "./store.ts";

const shortestPause = seconds(5);
const longestPause = seconds(60);
/** Nobody may keep a line from being tried for longer with one word. */
const longestAsked = minutes(10);

/** How long a line is left alone after failures in a row. */
export function pauseAfter(failures: number, asked: Millis | undefined): Millis {
  const own = Math.min(longestPause, shortestPause * 2 ** Math.min(10, failures - 1));
  return millis(Math.max(own, Math.min(asked ?? 0, longestAsked)));
}

/** A line could not place a call: it is left alone for a while, so that the next call takes another one. */
export async function noteLineFailure(tx: Tx, at: UnixMs, lineId: string, { problem, retryAfter }: CallEnd): Promise<UnixMs> {
  const { rows } = await sql<{
    failures: number;
  }>`update calls_line set failures = failures + 1, failing_since = coalesce(failing_since, ${at}),
      problem = coalesce(${problem ?? null}, problem) where id = ${lineId} returning failures`.execute(tx);
  const until = addTime(at, pauseAfter(rows[0]?.failures ?? 1, retryAfter));
  await sql`update calls_line set suspended_until = ${until} where id = ${lineId}`.execute(tx);
  await publish(tx, linesTopic);
  return until;
}

/** A line carried a call, whatever became of it. */
export async function noteLineWorks(tx: Tx, lineId: string): Promise<void> {
  const { rows } =
    await sql`update calls_line set failures = 0, suspended_until = 0, failing_since = case when state = 'failed' then failing_since end
    where id = ${lineId} and (failures > 0 or suspended_until > 0) returning id`.execute(tx);
  if (rows.length > 0) await publish(tx, linesTopic);
}

/** What a line says of itself. */
export async function noteHealth(tx: Tx, at: UnixMs, lineId: string, health: LineHealth): Promise<void> {
  const { state, problem, registeredUntil } = health;
  const hasFailed = state === "failed";
  await sql`update calls_line set state_at = case when state = ${state} then state_at else ${at} end, state = ${state},
      problem = ${problem ?? null}, registered_until = ${registeredUntil ?? null},
      failing_since = case when ${hasFailed} then coalesce(failing_since, ${at}) when ${state} = 'ready' and failures = 0 then null else failing_since end
    where id = ${lineId} and leased_by = current_setting('hinoban.device')`.execute(tx);
  await publish(tx, linesTopic);
  await publish(tx, callsTopic); // calls may wait for it
}

/** Lines that fail, or no longer do, are told of as everything else that is watched; by other ways than themselves. */
export async function tellLines(tx: Tx, at: UnixMs): Promise<void> {
  const rows = await tx.selectFrom("calls_line").selectAll().orderBy("id").execute();
  for (const line of rows) {
    const isFailing = line.is_on && line.deleted_at === null && line.failing_since !== null;
    const isDue = isFailing && (line.failures >= 2 || (line.failing_since ?? at) <= at - seconds(30));
    if (line.is_told === isFailing || (!line.is_told && !isDue)) continue;
    await sql`update calls_line set is_told = ${isFailing} where id = ${line.id}`.execute(tx);
    await queueLineReport(tx, at, {
      originId: `line:${line.id}`,
      status: isFailing ? "CRITICAL" : "OK",
      severity: "error",
      name: `Telephone line ${line.name}`,
      message: isFailing ? failingText(line) : "The line works again, or is no longer used.",
    });
  }
}

const failingText = ({ problem }: LineRow): string => `The line does not work: ${problem ?? "calls over it fail."}`;
