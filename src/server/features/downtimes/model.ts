import { addTime, hours, minutes, unixMs, type UnixMs } from "#base/duration";
import { addMonths, dayLength, localDay, monthsBetween, weekdayOf, type WallClock } from "#base/wall-time";
import type { RecurrenceType } from "#wire/downtimes";

/** How a downtime comes again. */
export interface Repeat {
  readonly type: RecurrenceType;
  /** Every so many hours, days, weeks, months or years. */
  readonly interval: number;
  /** 0 = Sunday. Only for weeks; empty: the weekday on which it began. */
  readonly weekdays: readonly number[];
  /** Nothing begins after this. */
  readonly untilAt: UnixMs | undefined;
}

/** When a downtime holds: from each of its starts for so many minutes of real time. */
export interface Rule {
  readonly startAt: UnixMs;
  readonly durationMinutes: number;
  readonly repeat: Repeat | undefined;
  /** What had begun by this moment ended at it: somebody ended it by hand. */
  readonly cutAt: UnixMs | undefined;
}

/** From `from` until just before `to`. */
export interface Window {
  readonly from: UnixMs;
  readonly to: UnixMs;
}

/** The weeks of a repetition begin on Monday. */
const monday = 1;

/** The starts of a rule, in rounds: what comes in one hour, day, week, month or year out of `interval`. */
interface Rounds {
  /** The round in which a moment lies; before the first one it is negative. */
  roundOf(at: UnixMs): number;
  /** The starts of a round in order, without regard to the first and the last start of all. */
  startsIn(round: number): readonly UnixMs[];
}

const roundsOf = ({ startAt }: Rule, { type, interval, weekdays }: Repeat, clock: WallClock): Rounds => {
  if (type === "hourly") {
    const every = hours(interval);
    return {
      roundOf: (at) => Math.floor((at - startAt) / every),
      startsIn: (round) => [unixMs(startAt + round * every)],
    };
  }
  const local = clock.toLocal(startAt);
  const first = localDay(local);
  const timeOfDay = local - first * dayLength;
  // The very first start is the moment that somebody named, also when its clock shows that time twice.
  const startOn = (day: number): UnixMs => (day === first ? startAt : clock.toInstant(day * dayLength + timeOfDay));
  const dayAt = (at: UnixMs): number => localDay(clock.toLocal(at));
  const { roundOfDay, daysIn } = daysOf(type, interval, first, weekdays);
  return { roundOf: (at) => roundOfDay(dayAt(at)), startsIn: (round) => daysIn(round).map(startOn) };
};

interface Days {
  readonly roundOfDay: (day: number) => number;
  readonly daysIn: (round: number) => readonly number[];
}

/** The days of each round. A day that a month lacks is its last one. */
function daysOf(type: Exclude<RecurrenceType, "hourly">, interval: number, first: number, weekdays: readonly number[]): Days {
  switch (type) {
    case "daily":
      return { roundOfDay: (day) => Math.floor((day - first) / interval), daysIn: (round) => [first + round * interval] };
    case "weekly": {
      const sinceMonday = (weekday: number): number => (weekday - monday + 7) % 7;
      const start = first - sinceMonday(weekdayOf(first));
      const offsets = [...new Set(weekdays.length === 0 ? [weekdayOf(first)] : weekdays)].map(sinceMonday).toSorted((a, b) => a - b);
      return {
        roundOfDay: (day) => Math.floor((day - start) / (7 * interval)),
        daysIn: (round) => offsets.map((offset) => start + round * 7 * interval + offset),
      };
    }
    case "monthly":
    case "yearly": {
      const months = type === "monthly" ? interval : 12 * interval;
      return {
        roundOfDay: (day) => Math.floor(monthsBetween(first, day) / months),
        daysIn: (round) => [addMonths(first, round * months)],
      };
    }
  }
}

/** A change of the clock moves a start by a day at the most, so what is near a moment lies in a neighbouring round. */
const neighbours = 2;
/** A week whose days all come before the first start is the only round without a start. */
const mostEmptyRounds = 1;

const isStart = ({ startAt, repeat }: Rule, at: UnixMs): boolean => at >= startAt && at <= (repeat?.untilAt ?? Infinity);

/** The newest start at or before a moment. */
export function startBefore(rule: Rule, clock: WallClock, at: UnixMs): UnixMs | undefined {
  const { repeat, startAt } = rule;
  if (at < startAt) return undefined;
  if (!repeat) return startAt;
  const latest = unixMs(Math.min(at, repeat.untilAt ?? at));
  if (latest < startAt) return undefined;
  const rounds = roundsOf(rule, repeat, clock);
  const near = rounds.roundOf(latest);
  for (let round = near + neighbours; round >= Math.max(0, near - neighbours - mostEmptyRounds); round -= 1) {
    const found = rounds.startsIn(round).findLast((start) => start <= latest && isStart(rule, start));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first start after a moment. */
export function startAfter(rule: Rule, clock: WallClock, at: UnixMs): UnixMs | undefined {
  const { repeat, startAt } = rule;
  if (!repeat) return at < startAt ? startAt : undefined;
  const rounds = roundsOf(rule, repeat, clock);
  const near = at < startAt ? 0 : rounds.roundOf(at);
  for (let round = Math.max(0, near - neighbours); round <= near + neighbours + mostEmptyRounds; round += 1) {
    const found = rounds.startsIn(round).find((start) => start > at && isStart(rule, start));
    if (found !== undefined) return found;
  }
  return undefined;
}

const endOf = (rule: Rule, start: UnixMs): UnixMs => {
  const end = addTime(start, minutes(rule.durationMinutes));
  return rule.cutAt !== undefined && start <= rule.cutAt ? unixMs(Math.min(end, rule.cutAt)) : end;
};

/** Whether the rule holds at a moment. */
export function holdsAt(rule: Rule, clock: WallClock, at: UnixMs): boolean {
  const start = startBefore(rule, clock, at);
  return start !== undefined && at < endOf(rule, start);
}

/** So many starts that flow into each other are looked at to find an end; then it is looked at again when that time has come. */
const mostJoined = 400;

/** The end of a stretch that begins with `start`, over all further starts within it. */
function endOfStretch(rule: Rule, clock: WallClock, start: UnixMs): UnixMs {
  let end = endOf(rule, start);
  let last = start;
  for (let joined = 0; joined < mostJoined; joined += 1) {
    const next = startAfter(rule, clock, last);
    if (next === undefined || next > end) break;
    end = unixMs(Math.max(end, endOf(rule, next)));
    last = next;
  }
  return end;
}

/** The end of what holds at a moment; undefined when nothing does. It may be the beginning of more for a rule that never pauses. */
export function holdsUntil(rule: Rule, clock: WallClock, at: UnixMs): UnixMs | undefined {
  const start = startBefore(rule, clock, at);
  return start !== undefined && at < endOf(rule, start) ? endOfStretch(rule, clock, start) : undefined;
}

/** When the rule stops holding next: the end of what holds at a moment, or of what comes first after it. */
export function nextEnd(rule: Rule, clock: WallClock, at: UnixMs): UnixMs | undefined {
  const now = holdsUntil(rule, clock, at);
  if (now !== undefined) return now;
  const start = startAfter(rule, clock, at);
  return start === undefined ? undefined : endOfStretch(rule, clock, start);
}

/** The stretches that touch [from, to), in order, at most `most`. Those that flow into each other are one. */
export function windowsIn(rule: Rule, clock: WallClock, range: Window, most: number): Window[] {
  const windows: Window[] = [];
  let start = startBefore(rule, clock, range.from) ?? startAfter(rule, clock, range.from);
  for (let looked = 0; start !== undefined && start < range.to && looked < most + mostJoined; looked += 1) {
    const end = endOf(rule, start);
    const last = windows.at(-1);
    if (last && start <= last.to) windows[windows.length - 1] = { from: last.from, to: unixMs(Math.max(last.to, end)) };
    else if (end > range.from && end > start) {
      if (windows.length === most) break;
      windows.push({ from: start, to: end });
    }
    start = startAfter(rule, clock, start);
  }
  return windows;
}

/** What a downtime covers: of each kind that is given, one must match; of what is excluded, none. */
export interface Scope {
  /** Undefined: whatever it is. Services and roles that do not exist any more match nothing. */
  readonly services: ReadonlySet<string> | undefined;
  readonly roles: ReadonlySet<string> | undefined;
  readonly monitors: ReadonlySet<string> | undefined;
  readonly hosts: ReadonlySet<string> | undefined;
  readonly notServices: ReadonlySet<string>;
  readonly notRoles: ReadonlySet<string>;
  readonly notMonitors: ReadonlySet<string>;
}

/** Something watched, as monitors know it. All ids. */
export interface Thing {
  /** Id of the monitor or check. */
  readonly monitorId?: string | undefined;
  readonly hostId?: string | undefined;
  /** Services to which it belongs: those of a host's roles, or the service itself. */
  readonly serviceIds: readonly string[];
  readonly roleIds: readonly string[];
}

const isAmong = (ids: ReadonlySet<string> | undefined, of: readonly (string | undefined)[]): boolean =>
  ids === undefined || of.some((id) => id !== undefined && ids.has(id));

/** Whether a thing lies in the scope. */
export function isInScope(scope: Scope, { monitorId, hostId, serviceIds, roleIds }: Thing): boolean {
  return (
    isAmong(scope.services, serviceIds) &&
    isAmong(scope.roles, roleIds) &&
    isAmong(scope.monitors, [monitorId]) &&
    isAmong(scope.hosts, [hostId]) &&
    !serviceIds.some((id) => scope.notServices.has(id)) &&
    !roleIds.some((id) => scope.notRoles.has(id)) &&
    !(monitorId !== undefined && scope.notMonitors.has(monitorId))
  );
}
