import { sql } from "kysely";
import { addTime, minutes, type UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { CallsContext } from "./context.ts";
import type { CallRow } from "./store.ts";
import { wishesOf } from "./world.ts";

/**
 * Wrong ones in a row after which nothing is asked for a while. With four digits, guessing takes years. In calls to us they are counted by
 * themselves: whoever shows somebody's number keeps nobody from being told what they are called for.
 */
const mostFailures = 6;
const lockedFor = minutes(60);

/** Whether what was typed is the person's PIN. Those who guess are shut out for an hour, whatever they type. */
export async function checkPin(
  calls: CallsContext,
  tx: Tx,
  at: UnixMs,
  call: CallRow,
  typed: string,
): Promise<{ readonly isRight: boolean; readonly isLocked: boolean }> {
  const personId = call.person_id ?? "";
  const { pin } = await wishesOf(calls, tx, at, call, personId);
  if (!pin) return { isRight: true, isLocked: false };
  const isIncoming = call.kind === "incoming";
  const row = await tx
    .selectFrom("calls_pin")
    .selectAll()
    .where("person_id", "=", personId)
    .where("is_incoming", "=", isIncoming)
    .forUpdate()
    .executeTakeFirst();
  if (row && row.locked_until > at) return { isRight: false, isLocked: true };
  const isRight = pin.isRight(typed);
  const failures = isRight ? 0 : (row?.failures ?? 0) + 1;
  const lockedUntil = failures >= mostFailures ? addTime(at, lockedFor) : 0;
  await sql`insert into calls_pin (person_id, is_incoming, failures, locked_until)
    values (${personId}, ${isIncoming}, ${lockedUntil > 0 ? 0 : failures}, ${lockedUntil})
    on conflict (organisation_id, person_id, is_incoming) do update set failures = excluded.failures, locked_until = excluded.locked_until`.execute(
    tx,
  );
  return { isRight, isLocked: lockedUntil > 0 };
}
