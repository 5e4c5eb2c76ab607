import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Schedule, ScheduleInput } from "#wire/duty";
import { dutyLimits } from "#wire/duty-shapes";
import { acting, organisationOf, uniquely } from "./act.ts";
import { checkedSchedule, presentedSchedule } from "./schedules.ts";
import { findSchedule } from "./store.ts";

/** @throws "forbidden", "invalid-input", "not-found" for a team, "conflict" when the name is taken */
export function createSchedule(deps: Deps, actor: Actor, input: ScheduleInput): Promise<Schedule> {
  return acting(deps, actor, organisationOf(actor), async ({ tx, at }) => {
    const columns = await checkedSchedule(tx, input);
    const { count } = await tx
      .selectFrom("duty_schedule")
      .select((of) => of.fn.countAll<number>().as("count"))
      .where("deleted_at", "is", null)
      .executeTakeFirstOrThrow();
    if (count >= dutyLimits.schedules) throw new HinobanError("conflict", `An organisation has at most ${dutyLimits.schedules} schedules.`);
    const id = newId();
    await uniquely(
      tx
        .insertInto("duty_schedule")
        .values({ id, ...columns, created_at: at, deleted_at: null, due_at: at, seen_people: null })
        .execute(),
      `There is a schedule ${columns.name} already.`,
    );
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "schedule.created",
      object: `schedule:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: columns.name },
    });
    return presentedSchedule(tx, await findSchedule(tx, id));
  });
}
