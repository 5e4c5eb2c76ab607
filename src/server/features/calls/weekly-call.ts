import type { UnixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { standInFor } from "#features/identity";
import { record } from "#features/ledger";
import { publish, repeated, type Tx } from "#store";
import { demandReadyLine, place } from "./call-me.ts";
import type { CallOutcome } from "./context.ts";
import type { LinesContext } from "./lines-context.ts";
import type { CallsWeeklyTable } from "./lines-tables.ts";
import { nextWeekly } from "./weekly-time.ts";

/** Announces to screens that something about people's own calls changed. */
const peopleTopic = "my-calls";

/** Makes the weekly test of a person, whose lease the caller has, and names the next. */
export function makeWeeklyCall(lines: LinesContext, organisationId: string, personId: string): Promise<void> {
  return repeated(lines.db).tx({ organisationId }, async (tx) => {
    const at = lines.clock.now();
    const row = await tx.selectFrom("calls_weekly").selectAll().where("person_id", "=", personId).forUpdate().executeTakeFirst();
    if (row?.due_at == null || row.due_at > at) return;
    const who = await standInFor(tx, personId, undefined);
    if (who?.actor.role === undefined || who.actor.state !== "active") {
      await change(tx, personId, { is_on: false, due_at: null, leased_until: 0 });
      return;
    }
    const placed = await placed_(lines, tx, at, personId);
    await change(tx, personId, {
      due_at: nextWeekly(at, row, who.timeZone),
      leased_until: 0,
      last_at: at,
      last_call_id: placed.callId ?? null,
      last_outcome: placed.problem === undefined ? "running" : "impossible",
      last_problem: placed.problem ?? null,
    });
    // Each test stands in the history; the call that was placed has its own entry, what could not be placed has this one.
    if (placed.problem !== undefined) {
      await record(tx, {
        at,
        actor: "system:calls",
        verb: "call.refused",
        object: `person:${personId}`,
        outcome: "failed",
        detail: { kind: "weekly", person: personId },
      });
    }
    await publish(tx, peopleTopic);
  });
}

type Placed = { readonly callId: string; readonly problem?: never } | { readonly callId?: never; readonly problem: string };

async function placed_(lines: LinesContext, tx: Tx, at: UnixMs, personId: string): Promise<Placed> {
  const contact = await usableNumber(tx, at, personId);
  if (!contact) return { problem: "There is no verified telephone number that is not muted." };
  try {
    await demandReadyLine(tx, at);
    return { callId: await place(lines, tx, at, { kind: "weekly", personId, contactId: contact.id, to: contact.address }) };
  } catch (error) {
    if (error instanceof HinobanError && (error.code === "unavailable" || error.code === "invalid-input"))
      return { problem: messageOf(error) };
    throw error;
  }
}

/** The first number that a call about an incident would go to. */
const usableNumber = (tx: Tx, at: UnixMs, personId: string): Promise<{ id: string; address: string } | undefined> =>
  tx
    .selectFrom("notify_contact")
    .select(["id", "address"])
    .where("person_id", "=", personId)
    .where("kind", "=", "phone")
    .where("verified_at", "is not", null)
    .where("invalid_since", "is", null)
    .where((of) => of.or([of("muted_until", "is", null), of("muted_until", "<=", at)]))
    .orderBy("position")
    .orderBy("id")
    .executeTakeFirst();

/** What became of a weekly test, once it is over for good. It passed when the key was pressed that the call asked for. */
export async function noteWeekly(tx: Tx, { id, personId, result, cause, problem, goesOn }: CallOutcome): Promise<void> {
  if (goesOn || personId === undefined) return;
  const hasPassed = result === "confirmed";
  await change(tx, personId, {
    last_call_id: id,
    last_outcome: hasPassed ? "passed" : "failed",
    last_problem: hasPassed ? null : (problem ?? cause),
  });
  await publish(tx, peopleTopic);
}

type WeeklyChange = Partial<
  Pick<CallsWeeklyTable, "is_on" | "due_at" | "last_at" | "last_call_id" | "last_outcome" | "last_problem"> & { leased_until: number }
>;

const change = (tx: Tx, personId: string, set: WeeklyChange): Promise<unknown> =>
  tx.updateTable("calls_weekly").set(set).where("person_id", "=", personId).execute();
