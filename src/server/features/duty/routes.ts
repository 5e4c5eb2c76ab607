import { unixMs } from "#base/duration";
import { invalidInput } from "#base/errors";
import { isTimeZone } from "#base/wall-time";
import { scopeOf, serve, type Actor, type Served } from "#http";
import type { Tx } from "#store";
import * as wire from "#wire/duty";
import { dutyLimits } from "#wire/duty-shapes";
import { acceptSwap } from "./accept-swap.ts";
import { changeSchedule } from "./change-schedule.ts";
import { createOverride } from "./create-override.ts";
import { createSchedule } from "./create-schedule.ts";
import { declineSwap } from "./decline-swap.ts";
import { deleteOverride } from "./delete-override.ts";
import { deleteSchedule } from "./delete-schedule.ts";
import type { Duty } from "./duty.ts";
import { overridesOf } from "./overrides.ts";
import { draftOf, presentedPlan, qualityOf, shiftsOfPerson } from "./plans.ts";
import { proposeSwap } from "./propose-swap.ts";
import { registerFileRoutes } from "./routes-files.ts";
import { registerTeamRoutes } from "./routes-teams.ts";
import { checkedRange, demandCalendars, layerProblems, presentedSchedule, presentedSchedules } from "./schedules.ts";
import { allSchedules, findSchedule } from "./store.ts";
import { listSwaps } from "./swaps.ts";
import { peopleNamed } from "./teams.ts";
import { withdrawSwap } from "./withdraw-swap.ts";

const done = { success: true } as const;
/** How far ahead warnings look when the question does not say. */
const warnsFor = 30;
const day = 86_400_000;

/** Serves teams, calendars, schedules and what comes from and goes to calendar programs. */
export function registerDuty(served: Served, duty: Duty): void {
  const reading = <T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> => duty.db.tx(scopeOf(actor), work);
  registerTeamRoutes(served, duty);
  registerFileRoutes(served, duty);
  registerSchedules(served, duty, reading);
  registerPlans(served, duty, reading);
  registerOverrides(served, duty, reading);
  registerSwaps(served, duty, reading);
}

type Reading = <T>(actor: Actor, work: (tx: Tx) => Promise<T>) => Promise<T>;

function registerSchedules(served: Served, duty: Duty, reading: Reading): void {
  serve(served, wire.listSchedules, ({ actor }) =>
    reading(actor, async (tx) => ({ schedules: await presentedSchedules(tx, await allSchedules(tx)) })),
  );
  serve(served, wire.getSchedule, ({ actor, params }) =>
    reading(actor, async (tx) => presentedSchedule(tx, await findSchedule(tx, params.id))),
  );
  serve(served, wire.createSchedule, ({ actor, body }) => createSchedule(duty, actor, body));
  serve(served, wire.changeSchedule, ({ actor, params, body }) => changeSchedule(duty, actor, params.id, body));
  serve(served, wire.deleteSchedule, async ({ actor, params }) => {
    await deleteSchedule(duty, actor, params.id);
    return done;
  });
}

function registerPlans(served: Served, duty: Duty, reading: Reading): void {
  serve(served, wire.dutyNow, ({ actor, query }) =>
    reading(actor, async (tx) => {
      const at = query.at === undefined ? duty.clock.now() : unixMs(query.at);
      const schedules = await duty.nowOnDuty(tx, at);
      const people = await peopleNamed(
        tx,
        schedules.flatMap((one) => [...one.people, ...one.next]),
      );
      const named = (ids: readonly string[]) => ids.flatMap((id) => people.find((person) => person.id === id) ?? []);
      return {
        at,
        schedules: schedules.map(({ people: ids, next, until, teamId, ...one }) => ({
          ...one,
          people: named(ids),
          next: named(next),
          ...(until === undefined ? {} : { until }),
          ...(teamId === undefined ? {} : { teamId }),
        })),
      };
    }),
  );
  serve(served, wire.listShifts, ({ actor, params, query }) =>
    reading(actor, async (tx) => {
      const { from, to } = checkedRange(query.from, query.to, dutyLimits.days);
      const { roster, layers } = await duty.known(tx, params.id, duty.clock.now());
      return presentedPlan(tx, roster, layers, from, to);
    }),
  );
  serve(served, wire.listWarnings, ({ actor, params, query }) =>
    reading(actor, async (tx) => {
      const at = duty.clock.now();
      const known = await duty.known(tx, params.id, at);
      const quality = await qualityOf(duty, tx, known, at, unixMs(at + (query.days ?? warnsFor) * day));
      return { ...quality, people: await peopleNamed(tx, [...known.standings.keys()]) };
    }),
  );
  serve(served, wire.previewSchedule, ({ actor, body }) =>
    reading(actor, async (tx) => {
      const { from, to } = checkedRange(body.from, body.to, dutyLimits.days);
      const problems = layerProblems(body.layers);
      if (!isTimeZone(body.timeZone))
        problems.push({ field: "timeZone", problem: "use a name of the time zone database, such as Asia/Tokyo" });
      if (problems.length > 0) throw invalidInput(problems);
      await demandCalendars(tx, body.layers);
      const draft = await draftOf(duty, tx, body, duty.clock.now());
      const plan = await presentedPlan(tx, draft.roster, body.layers, from, to);
      return { ...plan, ...(await qualityOf(duty, tx, draft, from, to)) };
    }),
  );
  serve(served, wire.listPersonShifts, ({ actor, params, query }) =>
    reading(actor, async (tx) => {
      const { from, to } = checkedRange(query.from, query.to, dutyLimits.days);
      return { shifts: await shiftsOfPerson(duty, tx, personIn(params.id, actor), from, to) };
    }),
  );
}

/** @throws "invalid-input" when an API key asks for itself */
function personIn(id: string, actor: Actor): string {
  if (id !== "me") return id;
  if (actor.kind === "person") return actor.personId;
  throw invalidInput([{ field: "id", problem: "an API key is nobody; name a person" }]);
}

function registerOverrides(served: Served, duty: Duty, reading: Reading): void {
  serve(served, wire.listOverrides, ({ actor, params, query }) =>
    reading(actor, async (tx) => {
      const { from, to } = checkedRange(query.from, query.to, dutyLimits.days);
      await findSchedule(tx, params.id);
      const overrides = await overridesOf(tx, params.id, from, to);
      const people = overrides.flatMap((one) => [one.personId, ...(one.insteadOf === undefined ? [] : [one.insteadOf])]);
      return { overrides, people: await peopleNamed(tx, people) };
    }),
  );
  serve(served, wire.createOverride, ({ actor, params, body }) => createOverride(duty, actor, params.id, body));
  serve(served, wire.deleteOverride, async ({ actor, params }) => {
    await deleteOverride(duty, actor, params.id, params.override);
    return done;
  });
}

function registerSwaps(served: Served, duty: Duty, reading: Reading): void {
  serve(served, wire.listSwaps, ({ actor, query }) =>
    reading(actor, async (tx) => {
      const since = duty.clock.now() - 100 * day;
      const swaps = await listSwaps(tx, { scheduleId: query.scheduleId, includeDecided: query.includeDecided ?? false, since });
      return {
        swaps,
        people: await peopleNamed(
          tx,
          swaps.flatMap((swap) => [swap.personId, swap.otherId]),
        ),
      };
    }),
  );
  serve(served, wire.proposeSwap, ({ actor, params, body }) => proposeSwap(duty, actor, params.id, body));
  serve(served, wire.acceptSwap, ({ actor, params }) => acceptSwap(duty, actor, params.id));
  serve(served, wire.declineSwap, ({ actor, params }) => declineSwap(duty, actor, params.id));
  serve(served, wire.withdrawSwap, ({ actor, params }) => withdrawSwap(duty, actor, params.id));
}
