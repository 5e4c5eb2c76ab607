import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Calendar } from "#wire/duty";
import type { CalendarInput } from "#wire/duty-shapes";
import { acting, uniquely } from "./act.ts";
import { findOwnCalendar } from "./calendars.ts";
import { checkedCalendar } from "./create-calendar.ts";
import { lookAgain } from "./schedules.ts";

/** Changes a calendar; what uses it follows at once. @throws "forbidden", "invalid-input", "not-found", "conflict" */
export function changeCalendar(deps: Deps, actor: Actor, id: string, input: CalendarInput): Promise<Calendar> {
  return acting(deps, actor, `calendar:${id}`, async ({ tx, at }) => {
    await tx.selectFrom("duty_calendar").select("id").where("id", "=", id).forUpdate().execute();
    const before = await findOwnCalendar(tx, id);
    const after = checkedCalendar(input);
    const fields = (["name", "memo", "versions"] as const).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
    if (fields.length === 0) return before;
    await uniquely(
      tx
        .updateTable("duty_calendar")
        .set({ ...after, versions: JSON.stringify(after.versions) })
        .where("id", "=", id)
        .execute(),
      `There is a calendar ${after.name} already.`,
    );
    await lookAgain(tx, at);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "calendar.changed",
      object: `calendar:${id}`,
      outcome: "done",
      detail: { fields },
      texts: { name: after.name },
    });
    return { id, isBuiltIn: false, ...after };
  });
}
