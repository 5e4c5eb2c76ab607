import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import { acting } from "./act.ts";
import { lookAgain } from "./schedules.ts";

/**
 * Deletes an override that is not over; what already passed under it stays: it then ends now.
 * @throws "forbidden", "not-found", "gone" when it is over
 */
export function deleteOverride(deps: Deps, actor: Actor, scheduleId: string, id: string): Promise<void> {
  return acting(deps, actor, `schedule:${scheduleId}`, async ({ tx, at }) => {
    const row = await tx
      .selectFrom("duty_override")
      .selectAll()
      .where("id", "=", id)
      .where("schedule_id", "=", scheduleId)
      .forUpdate()
      .executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no override ${id}.`, { id });
    if (row.to_at <= at) throw new HinobanError("gone", "The override is over; the past stays as it was.", { id });
    if (row.from_at < at) await tx.updateTable("duty_override").set({ to_at: at }).where("id", "=", id).execute();
    else await tx.deleteFrom("duty_override").where("id", "=", id).execute();
    await lookAgain(tx, at, scheduleId);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "override.deleted",
      object: `schedule:${scheduleId}`,
      outcome: "done",
      detail: {
        override: id,
        kind: row.kind,
        person: row.person_id,
        fromAt: row.from_at,
        toAt: row.to_at,
        ...(row.instead_of === null ? {} : { insteadOf: row.instead_of }),
      },
    });
  });
}
