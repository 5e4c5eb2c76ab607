import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import { acting } from "./act.ts";
import { findOwnCalendar } from "./calendars.ts";
import { allSchedules, layersOf } from "./store.ts";

/** Deletes a calendar that no schedule uses. @throws "forbidden", "not-found", "conflict" with the names of those that use it */
export function deleteCalendar(deps: Deps, actor: Actor, id: string): Promise<void> {
  return acting(deps, actor, `calendar:${id}`, async ({ tx, at }) => {
    const calendar = await findOwnCalendar(tx, id);
    // Who saves a schedule locks the calendars it names, so that none is deleted under it.
    await tx.selectFrom("duty_calendar").select("id").where("id", "=", id).forUpdate().execute();
    const users = (await allSchedules(tx)).filter((row) => layersOf(row).some((layer) => layer.restriction?.calendar?.id === id));
    if (users.length > 0) {
      const names = users.map((row) => row.name).join(", ");
      throw new HinobanError("conflict", `The calendar is used by ${names}. Change the layers there first.`, { id, schedules: names });
    }
    await tx.updateTable("duty_calendar").set({ deleted_at: at }).where("id", "=", id).execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "calendar.deleted",
      object: `calendar:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: calendar.name },
    });
  });
}
