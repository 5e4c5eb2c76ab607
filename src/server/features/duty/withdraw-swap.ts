import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Swap } from "#wire/duty";
import { acting } from "./act.ts";
import { lockProposed, presentedSwap } from "./swaps.ts";

/** Takes a proposed swap back, by whoever may change duty. @throws "forbidden", "not-found", "conflict" when it was decided already */
export function withdrawSwap(deps: Deps, actor: Actor, id: string): Promise<Swap> {
  return acting(deps, actor, `swap:${id}`, async ({ tx, at }) => {
    await lockProposed(tx, id);
    const row = await tx
      .updateTable("duty_swap")
      .set({ state: "withdrawn", decided_at: at })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "swap.withdrawn",
      object: `swap:${id}`,
      outcome: "done",
      detail: { schedule: row.schedule_id },
    });
    return presentedSwap(row);
  });
}
