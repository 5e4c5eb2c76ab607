import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Schedule, ScheduleInput } from "#wire/duty";
import { acting, uniquely } from "./act.ts";
import { checkedSchedule, presentedSchedule, type ScheduleColumns } from "./schedules.ts";
import { findSchedule, layersOf, peopleOf } from "./store.ts";

export interface ChangeSchedule extends ScheduleInput {
  /** The revision that was looked at; absent: whatever it is. */
  readonly revision?: number | undefined;
}

const fieldNames: Readonly<Record<keyof ScheduleColumns, string>> = {
  name: "name",
  memo: "memo",
  time_zone: "timeZone",
  team_id: "team",
  layers: "layers",
  tells_people: "tellsPeople",
  channel_id: "channel",
};

/** @throws "forbidden", "invalid-input", "not-found", "conflict" when the name is taken or somebody changed it meanwhile */
export function changeSchedule(deps: Deps, actor: Actor, id: string, input: ChangeSchedule): Promise<Schedule> {
  return acting(deps, actor, `schedule:${id}`, async ({ tx, at }) => {
    await tx.selectFrom("duty_schedule").select("id").where("id", "=", id).forUpdate().execute();
    const before = await findSchedule(tx, id);
    if (input.revision !== undefined && input.revision !== before.revision) {
      throw new HinobanError("conflict", "Somebody else changed the schedule meanwhile. Look at it again.", {
        id,
        revision: before.revision,
      });
    }
    const after = await checkedSchedule(tx, input, peopleOf(layersOf(before), []));
    const names = Object.keys(after) as (keyof ScheduleColumns)[]; // the very keys of the object
    const fields = names.filter((name) => before[name] !== after[name]).map((name) => fieldNames[name]);
    if (fields.length === 0) return presentedSchedule(tx, before);
    await uniquely(
      tx
        .updateTable("duty_schedule")
        .set({ ...after, revision: before.revision + 1, due_at: at })
        .where("id", "=", id)
        .execute(),
      `There is a schedule ${after.name} already.`,
    );
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "schedule.changed",
      object: `schedule:${id}`,
      outcome: "done",
      detail: { fields, revision: before.revision + 1 },
      texts: { name: after.name },
    });
    return presentedSchedule(tx, await findSchedule(tx, id));
  });
}
