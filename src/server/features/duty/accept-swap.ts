import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Swap } from "#wire/duty";
import { acting, demandPeople, type Act } from "./act.ts";
import { insertOverride } from "./create-override.ts";
import { findSchedule } from "./store.ts";
import { lockProposed, partyOf, presentedSwap, type SwapRow } from "./swaps.ts";

/**
 * One of the two accepts; once both have, two overrides make it so.
 * @throws "forbidden" for others, "not-found", "conflict" when it was decided already, "gone" when a part of it is over
 */
export function acceptSwap(deps: Deps, actor: Actor, id: string): Promise<Swap> {
  return acting(deps, actor, `swap:${id}`, async (act) => {
    const { tx, at } = act;
    const before = await lockProposed(tx, id);
    const party = partyOf(before, actor);
    if (before.give_to <= at || (before.take_to !== null && before.take_to <= at)) {
      throw new HinobanError("gone", "A part of the swap is over already. Propose it anew.", { id });
    }
    const personAcceptedAt = party === before.person_id ? (before.person_accepted_at ?? at) : before.person_accepted_at;
    const otherAcceptedAt = party === before.other_id ? (before.other_accepted_at ?? at) : before.other_accepted_at;
    const isDecided = personAcceptedAt !== null && otherAcceptedAt !== null;
    const row = await tx
      .updateTable("duty_swap")
      .set({
        person_accepted_at: personAcceptedAt,
        other_accepted_at: otherAcceptedAt,
        ...(isDecided ? { state: "accepted" as const, decided_at: at } : {}),
      })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const overrides = isDecided ? await makeSo(act, row) : [];
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "swap.accepted",
      object: `swap:${id}`,
      outcome: "done",
      detail: { schedule: row.schedule_id, person: party, isDecided: isDecided ? 1 : 0, overrides },
    });
    return presentedSwap(row);
  });
}

async function makeSo(act: Act, row: SwapRow): Promise<string[]> {
  await findSchedule(act.tx, row.schedule_id);
  await demandPeople(act.tx, [row.person_id, row.other_id], "personId");
  const given = await insertOverride(
    act,
    row.schedule_id,
    { kind: "replace", personId: row.other_id, insteadOf: row.person_id, from: row.give_from, to: row.give_to, reason: row.reason },
    row.id,
  );
  if (row.take_from === null || row.take_to === null) return [given.id];
  const taken = await insertOverride(
    act,
    row.schedule_id,
    { kind: "replace", personId: row.person_id, insteadOf: row.other_id, from: row.take_from, to: row.take_to, reason: row.reason },
    row.id,
  );
  return [given.id, taken.id];
}
