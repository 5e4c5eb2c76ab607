import { isIPv6 } from "node:net";
import { sql } from "kysely";
import { addTime, days, millis, seconds, unixMs, type Millis, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Tx } from "#store";
import type { IdentitySettings } from "./settings.ts";

/** A subject's wrong tries are forgotten after this long without one. */
export const attemptsForgottenAfter: Millis = days(1);

/** A try that was counted as wrong before its password was looked at, so that many at once cannot outrun the counter. */
export interface Attempt {
  readonly subject: string;
  readonly address: string;
  /** Set when this try, should it be wrong, locks the subject. */
  readonly lockedUntil: UnixMs | undefined;
}

/** How long after the n-th wrong try in a row the next one has to wait: nothing twice, then 1 s, 2 s, 4 s … at most 30 s. */
export const delayAfter = (failed: number): Millis => (failed < 3 ? millis(0) : millis(Math.min(2 ** (failed - 3) * 1000, seconds(30))));

/** The address as it is counted: an IPv6 network of 64 bits is one caller, an IPv4 address inside IPv6 is that address. */
export function countedAddress(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/u, "").replace(/%.*$/u, "");
  return isIPv6(plain) ? `${networkOf(plain)}::/64` : plain;
}

function networkOf(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  return [...groups, ...Array.from({ length: gap }, () => "0"), ...rest]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

/** A proxy on this machine that does not say for whom it speaks: locking it out would lock out everybody. */
const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/u.test(address);

interface Counting {
  readonly subject: string;
  readonly most: number;
  readonly lockFor: Millis;
  readonly forgetAfter: Millis;
  readonly isDelayed: boolean;
}

interface Claimed {
  failed: number;
  locked_until: number | null;
}

/**
 * Counts a try before it is made, for its address and for whom it is aimed at.
 * @param subject `person:<id>` of the person that was found, never the text that was typed: blanks and case must not open a new counter.
 * @throws HinobanError "locked" until a time, or "too-many-requests" when the delay since the last wrong try is not over.
 */
export async function claimAttempt(tx: Tx, settings: IdentitySettings, subject: string, address: string, now: UnixMs): Promise<Attempt> {
  const counted = `address:${countedAddress(address)}`;
  const { lockFor } = settings;
  // Always the address first: two tries never wait for each other in a circle.
  if (!isLoopback(address)) {
    await claim(tx, { subject: counted, most: settings.wrongPasswordsPerAddress, lockFor, forgetAfter: lockFor, isDelayed: false }, now);
  }
  const rule = { subject, most: settings.wrongPasswords, lockFor, forgetAfter: attemptsForgottenAfter, isDelayed: true };
  const { locked_until: lockedUntil } = await claim(tx, rule, now);
  return { subject, address: counted, lockedUntil: lockedUntil === null ? undefined : unixMs(lockedUntil) };
}

/** The password was right: the person's counter starts anew, the address loses only this try (or one good account would wash the others clean). */
export async function releaseAttempt(tx: Tx, attempt: Attempt): Promise<void> {
  await sql`delete from identity_attempt where subject = ${attempt.subject}`.execute(tx);
  await sql`update identity_attempt set failed = greatest(failed - 1, 0), locked_until = null where subject = ${attempt.address}`.execute(
    tx,
  );
}

async function claim(tx: Tx, counting: Counting, now: UnixMs): Promise<Claimed> {
  const { subject, most, lockFor, isDelayed } = counting;
  const forgetBefore = addTime(now, millis(-counting.forgetAfter));
  // One statement decides and counts; whoever comes second sees the first's count.
  const { rows } = await sql<Claimed>`
    insert into identity_attempt as a (subject, failed, last_at, next_at, locked_until)
      values (${subject}, 1, ${now}, ${now}, ${most <= 1 ? addTime(now, lockFor) : null}::bigint)
    on conflict (subject) do update set
      failed = case when a.locked_until <= ${now} or a.last_at <= ${forgetBefore} then 1 else a.failed + 1 end,
      locked_until = case when (case when a.locked_until <= ${now} or a.last_at <= ${forgetBefore} then 1 else a.failed + 1 end) >= ${most}::int
        then ${addTime(now, lockFor)}::bigint end,
      last_at = ${now}
    where (a.locked_until is null or a.locked_until <= ${now}) and a.next_at <= ${now}
    returning failed, locked_until`.execute(tx);
  const claimed = rows[0];
  if (!claimed) throw await whyNot(tx, subject, now);
  if (isDelayed) {
    await sql`update identity_attempt set next_at = ${addTime(now, delayAfter(claimed.failed))} where subject = ${subject}`.execute(tx);
  }
  return claimed;
}

async function whyNot(tx: Tx, subject: string, now: UnixMs): Promise<HinobanError> {
  const row = await tx.selectFrom("identity_attempt").select(["locked_until", "next_at"]).where("subject", "=", subject).executeTakeFirst();
  const until = row?.locked_until ?? row?.next_at ?? now;
  const facts = { retryAt: until, retryAfter: Math.max(1, Math.ceil((until - now) / 1000)) };
  if (row?.locked_until == null)
    return new HinobanError("too-many-requests", "Too many wrong passwords. Wait a moment before the next try.", facts);
  const whom = subject.startsWith("address:") ? "Sign-in from this address" : "This account";
  return new HinobanError("locked", `${whom} is locked until ${new Date(until).toISOString()} after too many wrong passwords.`, facts);
}
