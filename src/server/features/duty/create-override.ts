import { invalidInput, HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Override, OverrideInput } from "#wire/duty";
import { acting, demandPeople, type Act } from "./act.ts";
import { presentedOverride } from "./overrides.ts";
import { lookAgain } from "./schedules.ts";
import { farthest, findSchedule, type OverrideRow } from "./store.ts";

/** Overrides that one schedule may have ahead of it. */
const mostAhead = 2000;

/** Puts somebody on duty, takes somebody off, or replaces somebody for a while. @throws "forbidden", "invalid-input", "not-found" */
export function createOverride(deps: Deps, actor: Actor, scheduleId: string, input: OverrideInput): Promise<Override> {
  return acting(deps, actor, `schedule:${scheduleId}`, async (act) => {
    await findSchedule(act.tx, scheduleId);
    const people = [input.personId, ...(input.kind === "replace" && input.insteadOf !== undefined ? [input.insteadOf] : [])];
    await demandPeople(act.tx, people, "personId", input.kind === "remove" ? people : people.slice(1));
    const row = await insertOverride(act, scheduleId, input);
    await record(act.tx, {
      at: act.at,
      actor: actorId(actor),
      verb: "override.created",
      object: `schedule:${scheduleId}`,
      outcome: "done",
      detail: {
        override: row.id,
        kind: row.kind,
        person: row.person_id,
        fromAt: row.from_at,
        toAt: row.to_at,
        ...(row.instead_of === null ? {} : { insteadOf: row.instead_of }),
      },
      texts: { reason: row.reason === "" ? undefined : row.reason },
    });
    return presentedOverride(row);
  });
}

/** Writes an override; whoever calls records what it belongs to. @throws "invalid-input", "conflict" when there are too many */
export async function insertOverride(act: Act, scheduleId: string, input: OverrideInput, swapId?: string): Promise<OverrideRow> {
  const { tx, actor, at } = act;
  if (input.to <= input.from) throw invalidInput([{ field: "to", problem: "must be after the beginning" }]);
  if (input.to <= at) throw invalidInput([{ field: "to", problem: "must be in the future: the past stays as it was" }]);
  if (input.to > at + farthest || input.from < at - farthest) {
    throw invalidInput([{ field: "to", problem: "must lie within the next 500 days" }]);
  }
  await demandRoom(act, scheduleId);
  const row = await tx
    .insertInto("duty_override")
    .values({
      id: newId(),
      schedule_id: scheduleId,
      kind: input.kind,
      person_id: input.personId,
      instead_of: (input.kind === "replace" ? input.insteadOf : undefined) ?? null,
      from_at: input.from,
      to_at: input.to,
      reason: input.reason ?? "",
      swap_id: swapId ?? null,
      created_by: actorId(actor),
      created_at: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await lookAgain(tx, at, scheduleId);
  return row;
}

async function demandRoom({ tx, at }: Act, scheduleId: string): Promise<void> {
  const { count } = await tx
    .selectFrom("duty_override")
    .select((of) => of.fn.countAll<number>().as("count"))
    .where("schedule_id", "=", scheduleId)
    .where("to_at", ">", at)
    .executeTakeFirstOrThrow();
  if (count >= mostAhead) throw new HinobanError("conflict", `A schedule has at most ${mostAhead} overrides ahead.`);
}
