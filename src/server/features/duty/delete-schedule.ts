import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import { acting } from "./act.ts";

/** Deletes a schedule; whatever names it has nobody on duty from now on. @throws "forbidden", "not-found" */
export function deleteSchedule(deps: Deps, actor: Actor, id: string): Promise<void> {
  return acting(deps, actor, `schedule:${id}`, async ({ tx, at }) => {
    const row = await tx
      .updateTable("duty_schedule")
      .set({ deleted_at: at })
      .where("id", "=", id)
      .where("deleted_at", "is", null)
      .returning("name")
      .executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no schedule ${id}.`, { id });
    await tx.updateTable("duty_feed").set({ revoked_at: at }).where("schedule_id", "=", id).where("revoked_at", "is", null).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "schedule.deleted",
      object: `schedule:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: row.name },
    });
  });
}
