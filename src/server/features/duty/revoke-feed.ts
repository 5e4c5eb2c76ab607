import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import { acting } from "./act.ts";

/** Ends a secret address at once. @throws "forbidden", "not-found" */
export function revokeFeed(deps: Deps, actor: Actor, id: string): Promise<void> {
  return acting(deps, actor, `duty-feed:${id}`, async ({ tx, at }) => {
    const row = await tx
      .updateTable("duty_feed")
      .set({ revoked_at: at })
      .where("id", "=", id)
      .where("revoked_at", "is", null)
      .returningAll()
      .executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no calendar address ${id}.`, { id });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "duty-feed.revoked",
      object: `duty-feed:${id}`,
      outcome: "done",
      detail: {
        ...(row.schedule_id === null ? {} : { schedule: row.schedule_id }),
        ...(row.person_id === null ? {} : { person: row.person_id }),
      },
    });
  });
}
