import { sql } from "kysely";
import { minutes, type UnixMs } from "#base/duration";
import { record } from "#features/ledger";
import type { Tx } from "#store";
import type { OpenChannel } from "./channel.ts";
import type { Result } from "./driver.ts";
import type { NotifyContext } from "./context.ts";

/** Failures in a row, by the channel's own fault, after which it is suspended: those that may pass only when they go on for a while. */
const mostFailures = { passing: 10, final: 3 } as const;
const failsFor = minutes(30);
const longestProblem = 1000;

export interface ChannelResult {
  readonly channel: OpenChannel;
  readonly result: Result;
  readonly isTest: boolean;
}

interface Health {
  readonly failures: number;
  readonly failing_since: number | null;
  readonly had: string | null;
  readonly suspended_at: number | null;
}

/**
 * Counts failures of a channel and suspends it when it keeps failing: a message that cannot arrive must not look as if it were on its way.
 * @returns whether screens show something else now
 */
export async function noteChannel(notify: NotifyContext, tx: Tx, { channel, result, isTest }: ChannelResult, at: UnixMs): Promise<boolean> {
  if (result.kind === "sent") return (await count(tx, channel.id, { state: "sent", problem: null, weight: undefined }, at))?.had !== "sent";
  const isItsFault = result.blame === "channel" && !isTest;
  const problem = result.problem.slice(0, longestProblem);
  const health = await count(tx, channel.id, { state: "failed", problem, weight: isItsFault ? weightOf(result) : 0 }, at);
  if (!health) return false;
  const isDue = isItsFault && isOverdue(health, result.isForGood, at);
  if (isDue) await suspend(notify, tx, channel, problem, at);
  return isDue || health.had !== "failed";
}

/** A failure for good counts as much as several that may pass. */
const weightOf = ({ isForGood }: { readonly isForGood: boolean }): number =>
  isForGood ? Math.ceil(mostFailures.passing / mostFailures.final) : 1;

const isOverdue = ({ suspended_at: suspendedAt, failures, failing_since: since }: Health, isForGood: boolean, at: UnixMs): boolean =>
  suspendedAt === null && failures >= mostFailures.passing && (isForGood || at - (since ?? at) >= failsFor);

interface Counted {
  readonly state: "sent" | "failed";
  readonly problem: string | null;
  /** Undefined: it works, so that failures begin at zero again. */
  readonly weight: number | undefined;
}

async function count(tx: Tx, id: string, { state, problem, weight }: Counted, at: UnixMs): Promise<Health | undefined> {
  const failures = weight === undefined ? sql`0` : sql`c.failures + ${weight}::integer`;
  const since = weight === undefined ? sql`null` : weight === 0 ? sql`c.failing_since` : sql`coalesce(c.failing_since, ${at}::bigint)`;
  const { rows } = await sql<Health>`update notify_channel c
    set failures = ${failures}, failing_since = ${since}, last_at = ${at}, last_state = ${state}, last_problem = ${problem}
    from (select last_state as had from notify_channel where id = ${id} for update) b
    where c.id = ${id} returning c.failures, c.failing_since, b.had, c.suspended_at`.execute(tx);
  return rows[0];
}

async function suspend(notify: NotifyContext, tx: Tx, channel: OpenChannel, problem: string, at: UnixMs): Promise<void> {
  await sql`update notify_channel set suspended_at = ${at}, suspended_because = ${problem} where id = ${channel.id}`.execute(tx);
  await record(tx, {
    at,
    actor: "system:notify",
    verb: "channel.suspended",
    object: `channel:${channel.id}`,
    outcome: "done",
    detail: {},
    texts: { name: channel.name, reason: problem },
  });
  const told = { channelId: channel.id, name: channel.name, problem };
  for (const listener of notify.listeners) await listener.channelSuspended?.(tx, at, told);
}
