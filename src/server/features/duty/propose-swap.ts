import { invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { unixMs } from "#base/duration";
import type { Swap, SwapInput } from "#wire/duty";
import { acting, demandPeople, type Act } from "./act.ts";
import type { Duty } from "./duty.ts";
import { shifts } from "./model.ts";
import { checkedRange } from "./schedules.ts";
import { presentedSwap } from "./swaps.ts";

/** A swap reaches no further ahead. */
const mostDays = 366;

/** Proposes that one person gives a time to another, perhaps for one of theirs. @throws "forbidden", "invalid-input", "not-found" */
export function proposeSwap(duty: Duty, actor: Actor, scheduleId: string, input: SwapInput): Promise<Swap> {
  return acting(duty, actor, `schedule:${scheduleId}`, async (act) => {
    const { tx, at } = act;
    await check(duty, act, scheduleId, input);
    const own = actor.kind === "person" ? actor.personId : undefined;
    const row = await tx
      .insertInto("duty_swap")
      .values({
        id: newId(),
        schedule_id: scheduleId,
        person_id: input.personId,
        give_from: input.give.from,
        give_to: input.give.to,
        other_id: input.otherId,
        take_from: input.take?.from ?? null,
        take_to: input.take?.to ?? null,
        reason: input.reason ?? "",
        state: "proposed",
        person_accepted_at: own === input.personId ? at : null,
        other_accepted_at: own === input.otherId ? at : null,
        created_by: actorId(actor),
        created_at: at,
        decided_at: null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "swap.proposed",
      object: `swap:${row.id}`,
      outcome: "done",
      detail: {
        schedule: scheduleId,
        person: input.personId,
        other: input.otherId,
        giveFrom: input.give.from,
        giveTo: input.give.to,
        ...(input.take ? { takeFrom: input.take.from, takeTo: input.take.to } : {}),
      },
      texts: { reason: input.reason === "" ? undefined : input.reason },
    });
    return presentedSwap(row);
  });
}

async function check(duty: Duty, { tx, at }: Act, scheduleId: string, input: SwapInput): Promise<void> {
  const known = await duty.known(tx, scheduleId, at);
  if (input.personId === input.otherId) throw invalidInput([{ field: "otherId", problem: "must be somebody else" }]);
  const standings = await demandPeople(tx, [input.personId, input.otherId], "personId");
  const { give, take } = input;
  if (take && take.from < give.to && give.from < take.to)
    throw invalidInput([{ field: "take", problem: "must not overlap what is given" }]);
  const sides = [
    { field: "give", span: input.give, personId: input.personId },
    ...(input.take ? [{ field: "take", span: input.take, personId: input.otherId }] : []),
  ];
  for (const { field, span, personId } of sides) {
    const { from, to } = checkedRange(span.from, span.to, mostDays);
    if (to <= at) throw invalidInput([{ field, problem: "must be in the future" }]);
    if (to > at + mostDays * 86_400_000) throw invalidInput([{ field, problem: `must lie within the next ${mostDays} days` }]);
    const isOn = shifts(known.roster, unixMs(Math.max(from, at)), to).some((shift) => shift.people.includes(personId));
    if (!isOn) throw invalidInput([{ field, problem: `${standings.get(personId)?.name ?? personId} is not on duty then` }]);
  }
}
