import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Swap } from "#wire/duty";
import { acting } from "./act.ts";
import { lockProposed, partyOf, presentedSwap } from "./swaps.ts";

/** One of the two declines: nothing changes. @throws "forbidden" for others, "not-found", "conflict" when it was decided already */
export function declineSwap(deps: Deps, actor: Actor, id: string): Promise<Swap> {
  return acting(deps, actor, `swap:${id}`, async ({ tx, at }) => {
    const before = await lockProposed(tx, id);
    const person = partyOf(before, actor);
    const row = await tx
      .updateTable("duty_swap")
      .set({ state: "declined", decided_at: at })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "swap.declined",
      object: `swap:${id}`,
      outcome: "done",
      detail: { schedule: row.schedule_id, person },
    });
    return presentedSwap(row);
  });
}
