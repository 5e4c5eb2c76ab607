import { unixMs, type UnixMs } from "#base/duration";
import { complement, intersected, joined, lengthOf, type Span } from "#base/spans";
import { localDay, minuteLength, type WallClock } from "#base/wall-time";
import type { DutyLoad, DutyWarning } from "#wire/duty";
import { holdingSpans, hoursOn, type Calendar } from "../calendar/model.ts";
import { shifts as shiftsOf, type Roster, type Shift } from "../model.ts";

/** How people of a schedule stand, as far as it matters for warnings. */
export interface Standings {
  /** `left` also for people whom the organisation never had. */
  stateOf(personId: string): "active" | "suspended" | "left";
  /** Whether any way to reach them is known; true while nobody can say. */
  isReachable(personId: string): boolean;
}

const night = { from: "22:00", to: "07:00" } as const;
/** One person's nights are out of balance when they are this many times the mean, and more than a night above it. */
const unbalancedBy = 1.5;
const oneNight = 9 * 60;

/** What is wrong with a schedule within [from, to), in the order in which it matters. */
export function warningsOf(roster: Roster, from: UnixMs, to: UnixMs, standings: Standings, dayOff: Calendar): DutyWarning[] {
  const within = { from, to };
  const shifts = shiftsOf(roster, from, to);
  const people = peopleOf(roster, within);
  return [
    ...complement(joined(shifts), within).map((gap) => ({ kind: "gap" as const, ...gap })),
    ...unreachableSpans(shifts, standings).map((span) => ({ kind: "nobody-reachable" as const, ...span })),
    ...roster.schedule.layers.flatMap((layer, index) =>
      layer.kind === "rotation" && layer.people.length === 0 ? [{ kind: "no-people" as const, layer: index }] : [],
    ),
    ...people.flatMap((personId) => personWarnings(roster, personId, within, standings)),
    ...unbalanced(loadOf(roster, shifts, within, dayOff)),
  ];
}

/** Everybody whom the layers or the overrides of the time name. */
function peopleOf({ schedule }: Roster, within: Span): string[] {
  const touches = (span: Span): boolean => span.from < within.to && span.to > within.from;
  return [
    ...new Set([
      ...schedule.layers.flatMap((layer) =>
        layer.kind === "rotation" ? layer.people : layer.shifts.filter(touches).map((shift) => shift.personId),
      ),
      ...schedule.overrides.filter((override) => touches(override) && override.kind !== "remove").map((override) => override.personId),
    ]),
  ];
}

function personWarnings(roster: Roster, personId: string, within: Span, standings: Standings): DutyWarning[] {
  const state = standings.stateOf(personId);
  if (state !== "active") return [{ kind: state, personId }];
  const away = intersected(roster.absences.get(personId) ?? [], [within]);
  return [
    ...(standings.isReachable(personId) ? [] : [{ kind: "unreachable" as const, personId }]),
    ...away.map((span) => ({ kind: "absent" as const, personId, ...span })),
  ];
}

function unreachableSpans(shifts: readonly Shift[], standings: Standings): Span[] {
  return joined(shifts.filter((shift) => !shift.people.some((personId) => standings.isReachable(personId))));
}

/** How much of [from, to) each person is on duty, most first. */
export function loadOf(roster: Roster, shifts: readonly Shift[], within: Span, dayOff: Calendar): DutyLoad[] {
  const nights = nightsWithin(roster.clock, within);
  const daysOff = holdingSpans(dayOff, "day-off", roster.clock, within);
  const spans = new Map<string, Span[]>();
  for (const shift of shifts) {
    for (const personId of shift.people) spans.set(personId, [...(spans.get(personId) ?? []), shift]);
  }
  const inMinutes = (list: readonly Span[]): number => Math.round(lengthOf(list) / minuteLength);
  return [...spans]
    .map(([personId, list]) => {
      const apart = joined(list);
      return {
        personId,
        minutes: inMinutes(apart),
        nightMinutes: inMinutes(intersected(apart, nights)),
        dayOffMinutes: inMinutes(intersected(apart, daysOff)),
        shifts: list.length,
      };
    })
    .sort((a, b) => b.minutes - a.minutes || (a.personId < b.personId ? -1 : 1));
}

function nightsWithin(clock: WallClock, within: Span): Span[] {
  const first = localDay(clock.toLocal(unixMs(within.from))) - 1;
  const last = localDay(clock.toLocal(unixMs(within.to)));
  const days = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return intersected(joined(days.map((day) => hoursOn(clock, day, night))), [within]);
}

function unbalanced(load: readonly DutyLoad[]): DutyWarning[] {
  if (load.length < 2) return [];
  const over = (what: "nights" | "days-off", of: (one: DutyLoad) => number): DutyWarning[] => {
    const mean = load.reduce((sum, one) => sum + of(one), 0) / load.length;
    return load
      .filter((one) => of(one) > mean * unbalancedBy && of(one) > mean + oneNight)
      .map(({ personId }) => ({ kind: "unbalanced" as const, what, personId }));
  };
  return [...over("nights", (one) => one.nightMinutes), ...over("days-off", (one) => one.dayOffMinutes)];
}
