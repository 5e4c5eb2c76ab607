import { unixMs, type UnixMs } from "#base/duration";
import { complement, covers, intersected, joined, subtracted, type Span } from "#base/spans";
import { localDay, wallClock, weekdayOf, type WallClock } from "#base/wall-time";
import type { Layer, Restriction } from "#wire/duty-shapes";
import { holdingSpans, holds, hoursOn, type Calendar } from "./calendar/model.ts";
import { turnAt, turnsWithin, wheelOf, type Wheel } from "./rotation/model.ts";

/** For a while somebody is on duty besides, is not, or is instead of somebody else (of everybody, when nobody is named). */
export type Override = Span & { readonly id: string } & (
    | { readonly kind: "add"; readonly personId: string }
    | { readonly kind: "remove"; readonly personId: string }
    | { readonly kind: "replace"; readonly personId: string; readonly insteadOf: string | undefined }
  );

/** Somebody cannot be on duty: away, suspended, gone. To Infinity when it does not end. */
export interface Absence extends Span {
  readonly personId: string;
}

/** Everything that decides who is on duty. Pure data: the same schedule and instant always give the same people. */
export interface Schedule {
  readonly timeZone: string;
  /** From low to high: a higher one wins where it has somebody. */
  readonly layers: readonly Layer[];
  /** In the order in which they were made; later ones act on what earlier ones left. */
  readonly overrides: readonly Override[];
  readonly calendars: ReadonlyMap<string, Calendar>;
  readonly absences: readonly Absence[];
}

/** A time in which one layer has one person. */
export interface LayerShift {
  readonly personId: string;
  readonly from: UnixMs;
  readonly to: UnixMs;
}

/** A time in which nothing changes: who is on duty, in order, and what made it so. */
export interface Shift {
  readonly from: UnixMs;
  readonly to: UnixMs;
  readonly people: readonly string[];
  /** Index of the layer that has somebody. */
  readonly layer: number | undefined;
  /** Overrides that changed something. */
  readonly overrideIds: readonly string[];
}

export interface Plan {
  /** A row for each layer, from low to high, clipped to the range. */
  readonly layers: readonly (readonly LayerShift[])[];
  /** Without the gaps, clipped to the range. */
  readonly shifts: readonly Shift[];
}

/** A schedule made ready for questions; keep it for as long as the schedule stays as it is. */
export interface Roster {
  readonly schedule: Schedule;
  readonly clock: WallClock;
  readonly wheels: readonly (Wheel | undefined)[];
  readonly absences: ReadonlyMap<string, readonly Span[]>;
}

/** @throws RangeError for a zone or a date that does not exist */
export function rosterOf(schedule: Schedule): Roster {
  const clock = wallClock(schedule.timeZone);
  const absences = new Map<string, Span[]>();
  for (const { personId, from, to } of schedule.absences) {
    const spans = absences.get(personId) ?? [];
    spans.push({ from, to });
    absences.set(personId, spans);
  }
  return {
    schedule,
    clock,
    wheels: schedule.layers.map((layer) => (layer.kind === "rotation" ? wheelOf(layer, clock) : undefined)),
    absences: new Map([...absences].map(([personId, spans]) => [personId, joined(spans)])),
  };
}

/** Who is on duty at an instant, in order; empty in a gap. */
export function onCall(schedule: Schedule | Roster, at: UnixMs): readonly string[] {
  const roster = "wheels" in schedule ? schedule : rosterOf(schedule);
  const { layers, overrides } = roster.schedule;
  const isPresent = presentAt(roster, at);
  let people: readonly string[] = [];
  for (let index = layers.length - 1; index >= 0 && people.length === 0; index -= 1) {
    const personId = personOfLayer(roster, index, at);
    if (personId !== undefined && isPresent(personId)) people = [personId];
  }
  for (const override of overrides) if (covers(override, at)) people = overridden(people, override, isPresent);
  return people;
}

const presentAt =
  ({ absences }: Roster, at: number) =>
  (personId: string): boolean =>
    !absences.get(personId)?.some((span) => covers(span, at));

function personOfLayer(roster: Roster, index: number, at: UnixMs): string | undefined {
  const layer = roster.schedule.layers[index];
  if (!layer || !isOpen(roster, layer.restriction, at)) return undefined;
  const wheel = roster.wheels[index];
  if (wheel) return turnAt(wheel, at)?.personId;
  return layer.kind === "table" ? layer.shifts.find((shift) => covers(shift, at))?.personId : undefined;
}

function isOpen({ clock, schedule }: Roster, restriction: Restriction | undefined, at: UnixMs): boolean {
  if (restriction?.hours) {
    const day = localDay(clock.toLocal(at));
    const isInside = restriction.hours.some((hours) =>
      [day - 1, day].some((d) => hours.weekdays.includes(weekdayOf(d)) && covers(hoursOn(clock, d, hours), at)),
    );
    if (!isInside) return false;
  }
  if (!restriction?.calendar) return true;
  const calendar = schedule.calendars.get(restriction.calendar.id);
  return calendar !== undefined && holds(calendar, restriction.calendar.when, clock, at);
}

/** An override by or for somebody who cannot come changes nothing: rather the wrong person than nobody. */
function overridden(people: readonly string[], override: Override, isPresent: (personId: string) => boolean): readonly string[] {
  if (override.kind === "remove") {
    return people.includes(override.personId) ? people.filter((personId) => personId !== override.personId) : people;
  }
  if (!isPresent(override.personId)) return people;
  if (override.kind === "add") return people.includes(override.personId) ? people : [...people, override.personId];
  const { personId, insteadOf } = override;
  if (insteadOf === undefined) return people.length === 1 && people[0] === personId ? people : [personId];
  if (!people.includes(insteadOf) || insteadOf === personId) return people;
  return [...new Set(people.map((other) => (other === insteadOf ? personId : other)))];
}

/** All shifts within [from, to): a row for each layer, and who is on duty in the end. */
export function planOf(schedule: Schedule | Roster, from: UnixMs, to: UnixMs): Plan {
  const roster = "wheels" in schedule ? schedule : rosterOf(schedule);
  const layers = roster.schedule.layers.map((layer, index) => shiftsOfLayer(roster, layer, index, { from, to }));
  return { layers, shifts: finalShifts(roster, layers, { from, to }) };
}

/** Who is on duty within [from, to), without the gaps; shifts never overlap and follow each other in time. */
export const shifts = (schedule: Schedule | Roster, from: UnixMs, to: UnixMs): readonly Shift[] => planOf(schedule, from, to).shifts;

/** The times within [from, to) at which nobody is on duty. */
export const gaps = (schedule: Schedule | Roster, from: UnixMs, to: UnixMs): readonly Span[] =>
  complement(joined(shifts(schedule, from, to)), { from, to });

function shiftsOfLayer(roster: Roster, layer: Layer, index: number, within: Span): LayerShift[] {
  const wheel = roster.wheels[index];
  const turns = wheel ? turnsWithin(wheel, unixMs(within.from), unixMs(within.to)) : layer.kind === "table" ? layer.shifts : [];
  const open = openSpans(roster, layer.restriction, within);
  // Of two shifts of a table at the same time the first one counts, as it does in `onCall`.
  let taken: Span[] = [];
  const found: LayerShift[] = [];
  for (const turn of turns) {
    let spans: readonly Span[] = intersected([turn], open);
    if (layer.kind === "table" && spans.length > 0) {
      spans = subtracted(spans, taken);
      taken = joined([...taken, ...spans]);
    }
    const away = roster.absences.get(turn.personId);
    if (away) spans = subtracted(spans, away);
    for (const span of spans) found.push({ personId: turn.personId, from: unixMs(span.from), to: unixMs(span.to) });
  }
  return found.toSorted((a, b) => a.from - b.from);
}

function openSpans({ clock, schedule }: Roster, restriction: Restriction | undefined, within: Span): readonly Span[] {
  let open: readonly Span[] = [within];
  if (restriction?.hours) {
    const first = localDay(clock.toLocal(unixMs(within.from))) - 1;
    const last = localDay(clock.toLocal(unixMs(within.to)));
    const spans: Span[] = [];
    for (let day = first; day <= last; day += 1) {
      for (const hours of restriction.hours) if (hours.weekdays.includes(weekdayOf(day))) spans.push(hoursOn(clock, day, hours));
    }
    open = intersected(joined(spans), open);
  }
  if (!restriction?.calendar) return open;
  const calendar = schedule.calendars.get(restriction.calendar.id);
  return calendar ? intersected(holdingSpans(calendar, restriction.calendar.when, clock, within), open) : [];
}

function finalShifts(roster: Roster, layers: readonly (readonly LayerShift[])[], within: Span): Shift[] {
  const overrides = roster.schedule.overrides.filter((override) => override.from < within.to && override.to > within.from);
  const cuts = cutsOf(roster, layers, overrides, within);
  const places = layers.map(() => 0);
  const result: Shift[] = [];
  let lastSource: LayerShift | undefined;
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const [from, to] = [unixMs(cuts[index] ?? 0), unixMs(cuts[index + 1] ?? 0)];
    const base = highest(layers, places, from);
    const people = base ? [base.shift.personId] : [];
    const shift = { from, to, layer: base?.layer, ...afterOverrides(roster, overrides, people, from) };
    if (shift.people.length > 0) appendTo(result, shift, lastSource === base?.shift);
    lastSource = base?.shift;
  }
  return result;
}

/** Adds a shift, or makes the last one longer when it goes on. */
function appendTo(result: Shift[], shift: Shift, hasSameSource: boolean): void {
  const last = result.at(-1);
  if (last && hasSameSource && last.to === shift.from && isSameDuty(last, shift)) result[result.length - 1] = { ...last, to: shift.to };
  else result.push(shift);
}

const isSameDuty = (a: Shift, b: Shift): boolean => sameList(a.people, b.people) && sameList(a.overrideIds, b.overrideIds);

function afterOverrides(
  roster: Roster,
  overrides: readonly Override[],
  base: readonly string[],
  at: number,
): Pick<Shift, "people" | "overrideIds"> {
  const isPresent = presentAt(roster, at);
  const overrideIds: string[] = [];
  let people = base;
  for (const override of overrides) {
    if (!covers(override, at)) continue;
    const changed = overridden(people, override, isPresent);
    if (changed !== people) overrideIds.push(override.id);
    people = changed;
  }
  return { people, overrideIds };
}

/** Every moment within the range at which anything may change, and both ends. */
function cutsOf(roster: Roster, layers: readonly (readonly LayerShift[])[], overrides: readonly Override[], { from, to }: Span): number[] {
  const cuts = new Set([from, to]);
  const add = (at: number): void => void (at > from && at < to && cuts.add(at));
  const addSpan = (span: Span): void => {
    add(span.from);
    add(span.to);
  };
  layers.flat().forEach(addSpan);
  for (const override of overrides) {
    addSpan(override);
    roster.absences.get(override.personId)?.forEach(addSpan);
  }
  return [...cuts].sort((a, b) => a - b);
}

/** The shift of the highest layer that has somebody at `at`; `places` remembers how far each row was read. */
function highest(
  layers: readonly (readonly LayerShift[])[],
  places: number[],
  at: number,
): { readonly layer: number; readonly shift: LayerShift } | undefined {
  let found: { layer: number; shift: LayerShift } | undefined;
  layers.forEach((row, layer) => {
    let place = places[layer] ?? 0;
    while ((row[place]?.to ?? Infinity) <= at) place += 1;
    places[layer] = place;
    const shift = row[place];
    if (shift && shift.from <= at) found = { layer, shift };
  });
  return found;
}

export const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);

/** What stands until when, and what follows. */
export interface Outlook {
  readonly people: readonly string[];
  /** When these people came on duty, as far back as was looked; never later than the question. */
  readonly since: UnixMs;
  /** When other people follow; undefined when nothing changes for a year. */
  readonly until: UnixMs | undefined;
  /** Who follows then; empty: nobody, there is a gap. */
  readonly next: readonly string[];
}

const looks = [2, 16, 100, 400].map((days) => days * 86_400_000);

/** Who is on duty, since when, until when, and who follows. */
export function outlook(schedule: Schedule | Roster, at: UnixMs): Outlook {
  const roster = "wheels" in schedule ? schedule : rosterOf(schedule);
  const people = onCall(roster, at);
  let since = at;
  for (const look of looks) {
    const stretch = stretchesOf(roster, unixMs(at - look), unixMs(at + 1)).at(-1);
    since = stretch?.from ?? at;
    if (since > at - look) break;
  }
  for (const look of looks) {
    const [here, after] = stretchesOf(roster, at, unixMs(at + look));
    if (here && after) return { people, since, until: here.to, next: after.people };
  }
  return { people, since, until: undefined, next: [] };
}

/** A time in which the same people are on duty, whatever made it so; without anybody in a gap. */
export interface Stretch {
  readonly from: UnixMs;
  readonly to: UnixMs;
  readonly people: readonly string[];
}

/** The whole range, cut where the people change. */
export function stretchesOf(schedule: Schedule | Roster, from: UnixMs, to: UnixMs): Stretch[] {
  const result: Stretch[] = [];
  const add = (stretch: Stretch): void => {
    const last = result.at(-1);
    if (last && sameList(last.people, stretch.people)) result[result.length - 1] = { ...last, to: stretch.to };
    else result.push(stretch);
  };
  let reached = from;
  for (const shift of shifts(schedule, from, to)) {
    if (shift.from > reached) add({ from: reached, to: shift.from, people: [] });
    add({ from: shift.from, to: shift.to, people: shift.people });
    reached = shift.to;
  }
  if (reached < to) add({ from: reached, to, people: [] });
  return result;
}
