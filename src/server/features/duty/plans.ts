import { unixMs, type UnixMs } from "#base/duration";
import { complement, joined } from "#base/spans";
import { dateText, localDay } from "#base/wall-time";
import type { Tx } from "#store";
import type { Plan, PersonShift, Quality } from "#wire/duty";
import type { Layer } from "#wire/duty-shapes";
import { dayKind } from "./calendar/model.ts";
import type { Duty } from "./duty.ts";
import { planOf, rosterOf, shifts as shiftsOf, stretchesOf, type Roster } from "./model.ts";
import { loadOf, warningsOf, type Standings } from "./quality/model.ts";
import { absencesOf, allSchedules, knownSchedules, peopleOf, readCalendars, type Known } from "./store.ts";
import { peopleNamed } from "./teams.ts";

/** Days for the calendar's heads, and everybody who is named. */
export async function presentedPlan(tx: Tx, roster: Roster, layers: readonly Layer[], from: UnixMs, to: UnixMs): Promise<Plan> {
  const plan = planOf(roster, from, to);
  const calendar = roster.schedule.calendars.get("weekdays");
  const first = localDay(roster.clock.toLocal(from));
  const last = localDay(roster.clock.toLocal(unixMs(to - 1)));
  const people = new Set([
    ...peopleOf(layers, []),
    ...plan.layers.flat().map((shift) => shift.personId),
    ...plan.shifts.flatMap((shift) => shift.people),
  ]);
  return {
    from,
    to,
    timeZone: roster.schedule.timeZone,
    layers: plan.layers.map((row, index) => ({ name: layers[index]?.name ?? "", shifts: [...row] })),
    shifts: plan.shifts.map(({ layer, ...shift }) => ({
      ...shift,
      people: [...shift.people],
      overrideIds: [...shift.overrideIds],
      ...(layer === undefined ? {} : { layer }),
    })),
    gaps: complement(joined(plan.shifts), { from, to }),
    days: Array.from({ length: last - first + 1 }, (_, index) => {
      const { name, ...kind } = calendar ? dayKind(calendar, first + index) : { isWorking: true, isHoliday: false, name: undefined };
      return { date: dateText(first + index), ...kind, ...(name ? { name: { en: name.en, ja: name.ja } } : {}) };
    }),
    people: await peopleNamed(tx, [...people]),
  };
}

/** What is wrong with a schedule within a time, and how its load is shared. */
export async function qualityOf(
  duty: Duty,
  tx: Tx,
  known: Pick<Known, "roster" | "standings">,
  from: UnixMs,
  to: UnixMs,
): Promise<Quality> {
  const { roster, standings } = known;
  const reachable = await duty.reachable(tx, [...standings.keys()]);
  const judged: Standings = {
    stateOf: (personId) => standings.get(personId)?.state ?? "left",
    isReachable: (personId) => reachable === undefined || reachable.has(personId),
  };
  const dayOff = roster.schedule.calendars.get("weekdays") ?? { id: "weekdays", versions: [], holidays: duty.holidays };
  return {
    warnings: warningsOf(roster, from, to, judged, dayOff),
    load: loadOf(roster, shiftsOf(roster, from, to), { from, to }, dayOff),
  };
}

/** The roster of a schedule that is not saved, with the overrides of a saved one, if there is one. */
export async function draftOf(
  duty: Duty,
  tx: Tx,
  draft: { readonly timeZone: string; readonly layers: readonly Layer[]; readonly scheduleId?: string | undefined },
  at: UnixMs,
): Promise<Pick<Known, "roster" | "standings">> {
  const saved = draft.scheduleId === undefined ? undefined : await duty.known(tx, draft.scheduleId, at);
  const people = peopleOf(draft.layers, saved?.overrides ?? []);
  const standings = await duty.standingsOf(tx, people);
  const roster = rosterOf({
    timeZone: draft.timeZone,
    layers: draft.layers,
    overrides: saved?.roster.schedule.overrides ?? [],
    calendars: await readCalendars(tx, duty.holidays),
    absences: await absencesOf(tx, people, standings, at),
  });
  return { roster, standings };
}

/** When a person is on duty within a time, over all schedules, in order. */
export async function shiftsOfPerson(duty: Duty, tx: Tx, personId: string, from: UnixMs, to: UnixMs): Promise<PersonShift[]> {
  const known = await knownSchedules(tx, await allSchedules(tx), duty.holidays, duty.clock.now());
  return known
    .flatMap(({ row, roster }) =>
      stretchesOf(roster, from, to).flatMap((stretch) =>
        stretch.people.includes(personId) ? [{ scheduleId: row.id, scheduleName: row.name, from: stretch.from, to: stretch.to }] : [],
      ),
    )
    .sort((a, b) => a.from - b.from);
}
