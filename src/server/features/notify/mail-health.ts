import { sql } from "kysely";
import { minutes, type UnixMs } from "#base/duration";
import { publish, type Tx } from "#store";
import type { Result, Target } from "./driver.ts";
import { channelsTopic, type NotifyContext } from "./context.ts";

/** When the organisation's mail failed this often in a row, for this long, it is told. */
const failuresBeforeTold = 3;
const failsFor = minutes(5);
/** Refusals for good after which an address of a person is no longer used. */
const mostBounces = 2;
const longestProblem = 1000;

export interface MailResult {
  readonly result: Result;
  readonly targets: readonly Target[];
}

interface Health {
  readonly failures: number;
  readonly failing_since: number | null;
  readonly told_at: number | null;
  readonly was_told_at: number | null;
}

/** Counts failures of the mail server, and refusals of people's addresses. */
export async function noteMail(notify: NotifyContext, tx: Tx, { result, targets }: MailResult, at: UnixMs): Promise<void> {
  await noteAddresses(tx, result, targets, at);
  if (result.kind === "sent") await noteUp(notify, tx, at);
  else if (result.blame === "server") await noteDown(notify, tx, result.problem.slice(0, longestProblem), at);
}

async function noteUp(notify: NotifyContext, tx: Tx, at: UnixMs): Promise<void> {
  const { was_told_at: toldAt } = await count(tx, undefined, at);
  if (toldAt === null) return;
  await publish(tx, channelsTopic);
  for (const listener of notify.listeners) await listener.mailFailing?.(tx, at, undefined);
}

async function noteDown(notify: NotifyContext, tx: Tx, problem: string, at: UnixMs): Promise<void> {
  const { failures, failing_since: since, told_at: toldAt } = await count(tx, problem, at);
  if (toldAt !== null || failures < failuresBeforeTold || at - (since ?? at) < failsFor) return;
  await sql`update notify_mail_health set told_at = ${at} where organisation_id = hinoban_organisation()`.execute(tx);
  await publish(tx, channelsTopic);
  for (const listener of notify.listeners) await listener.mailFailing?.(tx, at, problem);
}

/** @param problem undefined: it worked */
async function count(tx: Tx, problem: string | undefined, at: UnixMs): Promise<Health> {
  const isDown = problem !== undefined;
  // Locked first: of several mails that go through at the same moment only one may see that somebody was told.
  const { rows: before } = await sql<{ told_at: number | null }>`select told_at from notify_mail_health
    where organisation_id = hinoban_organisation() for update`.execute(tx);
  const [failures, since, okAt] = isDown ? [1, at, null] : [0, null, at];
  const { rows } = await sql<
    Omit<Health, "was_told_at">
  >`insert into notify_mail_health as h (failures, failing_since, told_at, last_ok_at, last_problem)
      values (${failures}, ${since}, null, ${okAt}, ${problem ?? null})
    on conflict (organisation_id) do update set
      failures = case when ${isDown} then h.failures + 1 else 0 end,
      failing_since = case when ${isDown} then coalesce(h.failing_since, ${at}) else null end,
      told_at = case when ${isDown} then h.told_at else null end,
      last_ok_at = coalesce(excluded.last_ok_at, h.last_ok_at),
      last_problem = excluded.last_problem
    returning failures, failing_since, told_at`.execute(tx);
  const counted = rows[0] ?? { failures: 0, failing_since: null, told_at: null };
  return { ...counted, was_told_at: before[0]?.told_at ?? null };
}

async function noteAddresses(tx: Tx, result: Result, targets: readonly Target[], at: UnixMs): Promise<void> {
  const refused = new Set((result.refused ?? []).map((address) => address.toLowerCase()));
  const isOk = result.kind === "sent";
  const ids = (isRefused: boolean): string[] =>
    targets
      .filter((target) => target.contactId !== undefined && refused.has(target.address.toLowerCase()) === isRefused)
      .map((target) => target.contactId ?? "");
  const bad = ids(true);
  if (bad.length > 0) {
    await sql`update notify_contact set bounces = bounces + 1,
        invalid_since = case when bounces + 1 >= ${mostBounces} then coalesce(invalid_since, ${at}) else invalid_since end
      where id = any(${bad}::text[])`.execute(tx);
  }
  const good = isOk ? ids(false) : [];
  if (good.length > 0) await sql`update notify_contact set bounces = 0 where id = any(${good}::text[]) and bounces > 0`.execute(tx);
}
