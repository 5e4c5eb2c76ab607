import { unixMs, type UnixMs } from "#base/duration";
import {
  addMonths,
  dayLength,
  localDay,
  minuteLength,
  monthsBetween,
  parseLocal,
  parseTimeOfDay,
  weekdayOf,
  type LocalMs,
  type WallClock,
} from "#base/wall-time";
import type { Rotation } from "#wire/duty-shapes";

/** The time in which one person has the turn. */
export interface Turn {
  readonly personId: string;
  readonly from: UnixMs;
  readonly to: UnixMs;
}

/** A rotation made ready for questions: its clock, and what its texts say. */
export interface Wheel {
  readonly people: readonly string[];
  readonly clock: WallClock;
  /** The instant at which turn `index` (0, 1, 2 …) begins. */
  begins(index: number): UnixMs;
  /** About which turn an instant belongs to; off by one at most, but for clock changes. */
  guess(at: UnixMs): number;
  readonly startsAt: UnixMs;
  /** Infinity when it never ends. */
  readonly endsAt: number;
}

const hourLength = 3_600_000;

/** @throws RangeError for texts that the wire's shapes let through though they are no dates; verbs refuse them before */
export function wheelOf(rotation: Rotation, clock: WallClock): Wheel {
  const start = parseLocal(rotation.start);
  const until = rotation.until === undefined ? undefined : parseLocal(rotation.until);
  if (start === undefined || (rotation.until !== undefined && until === undefined)) throw new RangeError("no such day");
  const steps = stepsOf(rotation, start);
  return {
    people: rotation.people,
    clock,
    begins: (index) => clock.toInstant(index === 0 ? start : steps.begins(index)),
    guess: (at) => steps.guess(clock.toLocal(at)),
    startsAt: clock.toInstant(start),
    endsAt: until === undefined ? Infinity : clock.toInstant(until),
  };
}

/** The beginnings of turns on the clock on the wall. */
interface Steps {
  begins(index: number): LocalMs;
  guess(local: LocalMs): number;
}

function stepsOf(rotation: Rotation, start: LocalMs): Steps {
  const { unit, length } = rotation;
  const handOver = (parseTimeOfDay(rotation.handOver) ?? 0) * minuteLength;
  const startDay = localDay(start);
  const dayAt = (local: LocalMs): number => localDay(local - handOver);
  switch (unit) {
    case "hour":
      return {
        begins: (index) => start + index * length * hourLength,
        guess: (local) => Math.floor((local - start) / (length * hourLength)),
      };
    case "day":
    case "week": {
      const days = length * (unit === "day" ? 1 : 7);
      return {
        begins: (index) => (startDay + index * days) * dayLength + handOver,
        guess: (local) => Math.floor((dayAt(local) - startDay) / days),
      };
    }
    case "month":
      return {
        begins: (index) => addMonths(startDay, index * length) * dayLength + handOver,
        guess: (local) => Math.floor(monthsBetween(startDay, dayAt(local)) / length),
      };
    case "weekdays":
      return weekdaySteps(rotation, start, handOver);
  }
}

function weekdaySteps(rotation: Rotation, start: LocalMs, handOver: number): Steps {
  const { length } = rotation;
  const chosen = new Set(rotation.weekdays);
  const startDay = localDay(start);
  // Days from the start to each of the first hand-overs after it; the same ones come again every seven days.
  const offsets = Array.from({ length: 8 }, (_, offset) => offset)
    .filter((offset) => chosen.has(weekdayOf(startDay + offset)) && (startDay + offset) * dayLength + handOver > start)
    .slice(0, chosen.size);
  const nth = (n: number): number => startDay + 7 * Math.floor((n - 1) / offsets.length) + (offsets[(n - 1) % offsets.length] ?? 0);
  return {
    begins: (index) => nth(index * length) * dayLength + handOver,
    guess: (local) => {
      const days = localDay(local - handOver) - startDay;
      const passed = offsets.reduce((sum, offset) => sum + Math.max(0, Math.floor((days - offset) / 7) + 1), 0);
      return Math.floor(passed / length);
    },
  };
}

/** Whose turn it is at an instant, and from when to when; undefined before the start, after the end, and when nobody takes part. */
export function turnAt(wheel: Wheel, at: UnixMs): Turn | undefined {
  if (wheel.people.length === 0 || at < wheel.startsAt || at >= wheel.endsAt) return undefined;
  let index = Math.max(0, wheel.guess(at));
  while (index > 0 && wheel.begins(index) > at) index -= 1;
  let to = wheel.begins(index + 1);
  while (to <= at) {
    index += 1;
    to = wheel.begins(index + 1);
  }
  const personId = wheel.people[index % wheel.people.length] ?? "";
  return { personId, from: wheel.begins(index), to: unixMs(Math.min(to, wheel.endsAt)) };
}

/** The turns that touch [from, to), whole. */
export function turnsWithin(wheel: Wheel, from: UnixMs, to: UnixMs): Turn[] {
  const turns: Turn[] = [];
  for (let at = unixMs(Math.max(from, wheel.startsAt)); at < to;) {
    const turn = turnAt(wheel, at);
    if (!turn) break;
    turns.push(turn);
    at = turn.to;
  }
  return turns;
}
