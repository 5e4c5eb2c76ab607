import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Calendar } from "#wire/duty";
import { dutyLimits, type CalendarInput } from "#wire/duty-shapes";
import { acting, organisationOf, uniquely } from "./act.ts";
import { calendarProblems } from "./calendar/model.ts";

/** @throws "forbidden", "invalid-input", "conflict" when the name is taken */
export function createCalendar(deps: Deps, actor: Actor, input: CalendarInput): Promise<Calendar> {
  return acting(deps, actor, organisationOf(actor), async ({ tx, at }) => {
    const { name, memo, versions } = checkedCalendar(input);
    const { count } = await tx
      .selectFrom("duty_calendar")
      .select((of) => of.fn.countAll<number>().as("count"))
      .where("deleted_at", "is", null)
      .executeTakeFirstOrThrow();
    if (count >= dutyLimits.calendars) throw new HinobanError("conflict", `An organisation has at most ${dutyLimits.calendars} calendars.`);
    const id = newId();
    await uniquely(
      tx
        .insertInto("duty_calendar")
        .values({ id, name, memo, versions: JSON.stringify(versions), created_at: at, deleted_at: null })
        .execute(),
      `There is a calendar ${name} already.`,
    );
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "calendar.created",
      object: `calendar:${id}`,
      outcome: "done",
      detail: {},
      texts: { name },
    });
    return { id, name, memo, isBuiltIn: false, versions };
  });
}

/** @throws "invalid-input" with every problem */
export function checkedCalendar(input: CalendarInput): Required<CalendarInput> {
  const name = input.name.trim();
  const problems = calendarProblems(input.versions);
  if (name === "") problems.push({ field: "name", problem: "must not be empty" });
  if (problems.length > 0) throw invalidInput(problems);
  return { name, memo: input.memo ?? "", versions: input.versions };
}
