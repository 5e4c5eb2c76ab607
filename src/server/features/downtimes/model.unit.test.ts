import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addTime, hours, minutes, unixMs, type UnixMs } from "#base/duration";
import { dayLength, localDay, wallClock, weekdayOf, type WallClock } from "#base/wall-time";
import { recurrenceTypes } from "#wire/downtimes";
import {
  holdsAt,
  holdsUntil,
  isInScope,
  nextEnd,
  startAfter,
  startBefore,
  windowsIn,
  type Repeat,
  type Rule,
  type Scope,
} from "./model.ts";

const tokyo = wallClock("Asia/Tokyo");
const berlin = wallClock("Europe/Berlin");
const at = (text: string): UnixMs => unixMs(Date.parse(text));
const text = (moment: UnixMs | undefined): string | undefined => (moment === undefined ? undefined : new Date(moment).toISOString());
const hour = 60;

const rule = (start: string, durationMinutes: number, repeat?: Partial<Repeat> & Pick<Repeat, "type">): Rule => ({
  startAt: at(start),
  durationMinutes,
  repeat: repeat && { interval: 1, weekdays: [], untilAt: undefined, ...repeat },
  cutAt: undefined,
});

const starts = (of: Rule, clock: WallClock, count: number): (string | undefined)[] => {
  const found: (string | undefined)[] = [];
  let next = startAfter(of, clock, unixMs(of.startAt - 1));
  while (next !== undefined && found.length < count) {
    found.push(text(next));
    next = startAfter(of, clock, next);
  }
  return found;
};

describe("a downtime that comes once", () => {
  const once = rule("2026-11-22T03:00:00+09:00", 30);
  test("holds from its first moment until just before its last", () => {
    expect(holdsAt(once, tokyo, unixMs(once.startAt - 1))).toBe(false);
    expect(holdsAt(once, tokyo, once.startAt)).toBe(true);
    expect(holdsAt(once, tokyo, unixMs(once.startAt + minutes(30) - 1))).toBe(true);
    expect(holdsAt(once, tokyo, addTime(once.startAt, minutes(30)))).toBe(false);
  });

  test("that was ended by hand holds no more, and has no end to wait for", () => {
    const cut = { ...once, cutAt: addTime(once.startAt, minutes(10)) };
    expect(holdsAt(cut, tokyo, addTime(once.startAt, minutes(9)))).toBe(true);
    expect(holdsAt(cut, tokyo, cut.cutAt)).toBe(false);
    expect(nextEnd(cut, tokyo, cut.cutAt)).toBeUndefined();
    expect(text(holdsUntil(cut, tokyo, once.startAt))).toBe(text(cut.cutAt));
  });
});

describe("over a change of the clock", () => {
  // Europe/Berlin: 2026-03-29 02:00 → 03:00, 2026-10-25 03:00 → 02:00.
  test("a start that does not exist moves forward to the moment of the change", () => {
    const daily = rule("2026-03-28T02:30:00+01:00", 60, { type: "daily" });
    expect(starts(daily, berlin, 3)).toEqual(["2026-03-28T01:30:00.000Z", "2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
  });

  test("a start that exists twice takes the first", () => {
    const daily = rule("2026-10-24T02:30:00+02:00", 60, { type: "daily" });
    expect(starts(daily, berlin, 3)).toEqual(["2026-10-24T00:30:00.000Z", "2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"]);
  });

  test("the second of two equal times is kept when somebody named it", () => {
    const daily = rule("2026-10-25T02:30:00+01:00", 60, { type: "daily" });
    expect(starts(daily, berlin, 2)).toEqual(["2026-10-25T01:30:00.000Z", "2026-10-26T01:30:00.000Z"]);
    expect(holdsAt(daily, berlin, at("2026-10-25T02:30:00+02:00"))).toBe(false);
  });

  test("it lasts as many real minutes as ever", () => {
    const daily = rule("2026-10-24T01:00:00+02:00", 3 * hour, { type: "daily" });
    expect(text(holdsUntil(daily, berlin, at("2026-10-24T23:30:00Z")))).toBe("2026-10-25T02:00:00.000Z");
  });

  test("hours are real hours", () => {
    const hourly = rule("2026-10-25T00:00:00+02:00", 5, { type: "hourly", interval: 2 });
    expect(starts(hourly, berlin, 3)).toEqual(["2026-10-24T22:00:00.000Z", "2026-10-25T00:00:00.000Z", "2026-10-25T02:00:00.000Z"]);
  });
});

describe("at the end of the month", () => {
  test("the 31st means the last day", () => {
    const monthly = rule("2028-01-31T10:00:00+09:00", 60, { type: "monthly" });
    expect(starts(monthly, tokyo, 5).map((one) => one?.slice(0, 10))).toEqual([
      "2028-01-31",
      "2028-02-29",
      "2028-03-31",
      "2028-04-30",
      "2028-05-31",
    ]);
  });

  test("a leap day is the 28th of February in other years", () => {
    const yearly = rule("2028-02-29T10:00:00+09:00", 60, { type: "yearly" });
    expect(starts(yearly, tokyo, 5).map((one) => one?.slice(0, 10))).toEqual([
      "2028-02-29",
      "2029-02-28",
      "2030-02-28",
      "2031-02-28",
      "2032-02-29",
    ]);
  });
});

describe("weeks", () => {
  test("without weekdays it comes on the day of the start", () => {
    const weekly = rule("2026-11-22T10:00:00+09:00", 60, { type: "weekly", interval: 2 });
    expect(starts(weekly, tokyo, 3).map((one) => one?.slice(0, 10))).toEqual(["2026-11-22", "2026-12-06", "2026-12-20"]);
  });

  test("of every other week all chosen days are taken, and they begin on Monday", () => {
    // 2026-11-22 is a Sunday: the last day of its week.
    const weekly = rule("2026-11-22T10:00:00+09:00", 60, { type: "weekly", interval: 2, weekdays: [0, 1, 3] });
    expect(starts(weekly, tokyo, 5).map((one) => one?.slice(0, 10))).toEqual([
      "2026-11-22",
      "2026-11-30",
      "2026-12-02",
      "2026-12-06",
      "2026-12-14",
    ]);
  });

  test("a start on a day that was not chosen is none", () => {
    const weekly = rule("2026-11-22T10:00:00+09:00", 60, { type: "weekly", weekdays: [1] });
    expect(starts(weekly, tokyo, 2).map((one) => one?.slice(0, 10))).toEqual(["2026-11-23", "2026-11-30"]);
    expect(holdsAt(weekly, tokyo, at("2026-11-22T10:30:00+09:00"))).toBe(false);
  });

  test("a downtime of more than a day loses nothing between Sunday and Monday", () => {
    const weekend = rule("2026-11-20T22:00:00+09:00", 62 * hour, { type: "weekly", weekdays: [5] });
    const friday = at("2026-11-27T22:00:00+09:00");
    for (let minute = 0; minute < 62 * hour; minute += 7) expect(holdsAt(weekend, tokyo, addTime(friday, minutes(minute)))).toBe(true);
    expect(text(holdsUntil(weekend, tokyo, addTime(friday, hours(30))))).toBe("2026-11-30T03:00:00.000Z");
    expect(holdsAt(weekend, tokyo, addTime(friday, hours(62)))).toBe(false);
  });
});

test("nothing begins after its last moment, and what began goes on to its end", () => {
  const untilAt = at("2026-11-24T10:00:00+09:00");
  const daily = rule("2026-11-22T10:00:00+09:00", 26 * hour, { type: "daily", untilAt });
  expect(starts(daily, tokyo, 9)).toHaveLength(3);
  expect(windowsIn(daily, tokyo, { from: daily.startAt, to: at("2027-01-01T00:00:00Z") }, 10)).toEqual([
    { from: daily.startAt, to: at("2026-11-25T12:00:00+09:00") },
  ]);
  expect(nextEnd(daily, tokyo, at("2026-11-26T00:00:00+09:00"))).toBeUndefined();
});

test("a downtime that never pauses is looked at again after a while", () => {
  const always = rule("2026-11-22T10:00:00+09:00", 26 * hour, { type: "daily" });
  expect(holdsUntil(always, tokyo, always.startAt)).toBeGreaterThan(always.startAt + 300 * dayLength);
});

const zones = ["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "UTC"];

const rules = fc.record({
  zone: fc.constantFrom(...zones),
  start: fc.integer({ min: Date.UTC(2007, 0, 1) / 60_000, max: Date.UTC(2030, 0, 1) / 60_000 }).map((minute) => unixMs(minute * 60_000)),
  durationMinutes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 12_000 })),
  type: fc.constantFrom(...recurrenceTypes),
  interval: fc.integer({ min: 1, max: 5 }),
  weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 })),
  until: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
});

const built = ({
  start,
  durationMinutes,
  type,
  interval,
  weekdays,
  until,
}: typeof rules extends fc.Arbitrary<infer R> ? R : never): Rule => ({
  startAt: start,
  durationMinutes,
  repeat: {
    type,
    interval,
    weekdays: type === "weekly" ? weekdays : [],
    untilAt: until === undefined ? undefined : unixMs(start + until * dayLength),
  },
  cutAt: undefined,
});

/** Looks at every day (or hour) one after the other and asks whether it is one: slow, and nothing to get wrong. */
function naiveStarts({ startAt, repeat }: Rule, clock: WallClock, daysAhead: number): UnixMs[] {
  if (!repeat) return [startAt];
  const isWithin = (start: UnixMs): boolean => start >= startAt && start <= (repeat.untilAt ?? Infinity);
  if (repeat.type === "hourly") {
    const found: UnixMs[] = [];
    for (let passed = 0; passed <= daysAhead * 24; passed += 1)
      if (passed % repeat.interval === 0) found.push(addTime(startAt, hours(passed)));
    return found.filter(isWithin);
  }
  const local = clock.toLocal(startAt);
  const first = localDay(local);
  const timeOfDay = local - first * dayLength;
  const found: UnixMs[] = [];
  for (let day = first; day <= first + daysAhead; day += 1) {
    if (isDay(day, first, repeat)) found.push(day === first ? startAt : clock.toInstant(day * dayLength + timeOfDay));
  }
  return found.filter(isWithin);
}

function isDay(day: number, first: number, repeat: Repeat): boolean {
  const [date, start] = [new Date(day * dayLength), new Date(first * dayLength)];
  const lastOfMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const isSameDate = date.getUTCDate() === Math.min(start.getUTCDate(), lastOfMonth);
  const months = (date.getUTCFullYear() - start.getUTCFullYear()) * 12 + date.getUTCMonth() - start.getUTCMonth();
  switch (repeat.type) {
    case "hourly":
      return false;
    case "daily":
      return (day - first) % repeat.interval === 0;
    case "weekly":
      return isDayOfWeeks(day, first, repeat);
    case "monthly":
      return isSameDate && months % repeat.interval === 0;
    case "yearly":
      return isSameDate && months % (12 * repeat.interval) === 0;
  }
}

function isDayOfWeeks(day: number, first: number, { interval, weekdays }: Repeat): boolean {
  let weeks = 0;
  for (let other = first + 1; other <= day; other += 1) if (weekdayOf(other) === 1) weeks += 1;
  const chosen = weekdays.length === 0 ? [weekdayOf(first)] : weekdays;
  return weeks % interval === 0 && chosen.includes(weekdayOf(day));
}

test("starts are those that looking at every day finds, whatever the zone", () => {
  fc.assert(
    fc.property(rules, (some) => {
      const of = built(some);
      const clock = wallClock(some.zone);
      const ahead = some.type === "hourly" ? 40 : 900;
      const end = unixMs(of.startAt + (ahead - 3) * dayLength);
      const naive = [...new Set(naiveStarts(of, clock, ahead))].filter((start) => start < end);
      const found: UnixMs[] = [];
      for (let next = startAfter(of, clock, unixMs(of.startAt - 1)); next !== undefined && next < end; next = startAfter(of, clock, next))
        found.push(next);
      expect(found).toEqual(naive);
    }),
    { numRuns: 300 },
  );
});

test("it holds exactly within its starts and durations", () => {
  fc.assert(
    fc.property(rules, fc.integer({ min: 0, max: 60 * 24 * 200 }), (some, offset) => {
      const of = built(some);
      const clock = wallClock(some.zone);
      const moment = unixMs(of.startAt + offset * 60_000);
      const naive = naiveStarts(of, clock, 210);
      const length = minutes(of.durationMinutes);
      expect(holdsAt(of, clock, moment)).toBe(naive.some((start) => start <= moment && moment < start + length));
      expect(startBefore(of, clock, moment)).toBe(naive.findLast((start) => start <= moment));
      const end = holdsUntil(of, clock, moment);
      if (end !== undefined && end - moment < hours(300)) {
        expect(holdsAt(of, clock, unixMs(end - 1))).toBe(true);
        expect(holdsAt(of, clock, end)).toBe(false);
      }
    }),
    { numRuns: 300 },
  );
});

const scope = (given: Partial<Scope>): Scope => ({
  services: undefined,
  roles: undefined,
  monitors: undefined,
  hosts: undefined,
  notServices: new Set(),
  notRoles: new Set(),
  notMonitors: new Set(),
  ...given,
});

describe("what a downtime covers", () => {
  const web = { monitorId: "m1", hostId: "h1", serviceIds: ["shop"], roleIds: ["shop-web"] };

  test.each([
    ["everything when it says nothing", {}, true],
    ["what one of its services has", { services: new Set(["blog", "shop"]) }, true],
    ["nothing of another service", { services: new Set(["blog"]) }, false],
    ["only what all kinds name", { services: new Set(["shop"]), monitors: new Set(["m2"]) }, false],
    ["what all kinds name", { services: new Set(["shop"]), roles: new Set(["shop-web"]), monitors: new Set(["m1"]) }, true],
    ["nothing that it leaves out", { notRoles: new Set(["shop-web"]) }, false],
    ["nothing of a monitor that it leaves out", { services: new Set(["shop"]), notMonitors: new Set(["m1"]) }, false],
    ["nothing of a service that it leaves out", { notServices: new Set(["shop"]) }, false],
    ["one host", { hosts: new Set(["h1"]) }, true],
    ["not another host", { hosts: new Set(["h2"]) }, false],
    ["nothing when what it named does not exist any more", { services: new Set<string>() }, false],
  ])("is %s", (_title, given, expected) => {
    expect(isInScope(scope(given), web)).toBe(expected);
  });

  test("a host in no role is covered only by what names no service and no role", () => {
    const lone = { hostId: "h9", serviceIds: [], roleIds: [] };
    expect(isInScope(scope({}), lone)).toBe(true);
    expect(isInScope(scope({ services: new Set(["shop"]) }), lone)).toBe(false);
  });
});
