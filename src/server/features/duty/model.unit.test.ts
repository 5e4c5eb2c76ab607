import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unixMs, type UnixMs } from "#base/duration";
import { addMonths, dayLength, localDay, parseLocal, parseTimeOfDay, wallClock, weekdayOf, type WallClock } from "#base/wall-time";
import type { Layer, Restriction, Rotation } from "#wire/duty-shapes";
import { builtInRules, dayKind, type Calendar } from "./calendar/model.ts";
import { packagedHolidays } from "./holidays.ts";
import { gaps, onCall, outlook, planOf, rosterOf, shifts, stretchesOf, type Override, type Schedule } from "./model.ts";

const holidays = packagedHolidays();
const calendars = new Map<string, Calendar>([
  ["weekdays", { id: "weekdays", versions: [builtInRules.weekdays], holidays }],
  ["business-days", { id: "business-days", versions: [builtInRules["business-days"]], holidays }],
]);

const minute = 60_000;
const at = (text: string): UnixMs => unixMs(Date.parse(text));
const rotation = (over: Partial<Rotation> = {}): Rotation => ({
  kind: "rotation",
  name: "layer",
  people: ["a", "b", "c"],
  start: "2026-01-01T09:00",
  unit: "day",
  length: 1,
  handOver: "09:00",
  ...over,
});
const scheduleOf = (timeZone: string, layers: readonly Layer[], over: Partial<Schedule> = {}): Schedule => ({
  timeZone,
  layers,
  overrides: [],
  calendars,
  absences: [],
  ...over,
});
const iso = (span: { from: number; to: number }): string => `${new Date(span.from).toISOString()} ${new Date(span.to).toISOString()}`;

// The same question answered slowly: hand-overs one after the other from the start, one instant at a time.

function oracle(schedule: Schedule, instant: number): string[] {
  const isAway = (person: string): boolean =>
    schedule.absences.some((absence) => absence.personId === person && absence.from <= instant && instant < absence.to);
  let people: string[] = [];
  for (const layer of schedule.layers) {
    const person = slowLayer(schedule, layer, instant);
    if (person !== undefined && !isAway(person)) people = [person];
  }
  for (const override of schedule.overrides) {
    if (instant < override.from || instant >= override.to) continue;
    if (override.kind === "remove") people = people.filter((person) => person !== override.personId);
    else if (isAway(override.personId)) continue;
    else if (override.kind === "add") people = people.includes(override.personId) ? people : [...people, override.personId];
    else if (override.insteadOf === undefined) people = [override.personId];
    else
      people = people
        .map((person) => (person === override.insteadOf ? override.personId : person))
        .filter((p, i, all) => all.indexOf(p) === i);
  }
  return people;
}

function slowLayer(schedule: Schedule, layer: Layer, instant: number): string | undefined {
  const clock = wallClock(schedule.timeZone);
  if (!slowlyOpen(schedule, clock, layer.restriction, instant)) return undefined;
  if (layer.kind === "table") return layer.shifts.find((shift) => shift.from <= instant && instant < shift.to)?.personId;
  const begins = beginsOf(layer, schedule.timeZone);
  if (layer.until !== undefined && instant >= clock.toInstant(parseLocal(layer.until) ?? 0)) return undefined;
  const passed = begins.filter((begin) => begin <= instant).length;
  return passed === 0 || layer.people.length === 0 ? undefined : layer.people[(passed - 1) % layer.people.length];
}

const known = new Map<string, number[]>();
function beginsOf(layer: Rotation, timeZone: string): number[] {
  const key = JSON.stringify([layer, timeZone]);
  const found = known.get(key) ?? slowBegins(layer, wallClock(timeZone));
  known.set(key, found);
  return found;
}

function slowBegins(layer: Rotation, clock: WallClock): number[] {
  const start = parseLocal(layer.start) ?? 0;
  const handOver = (parseTimeOfDay(layer.handOver) ?? 0) * minute;
  const begins: number[] = [];
  for (let index = 1; (begins.at(-1) ?? start) < start + 120 * dayLength; index += 1) begins.push(slowBegin(layer, start, handOver, index));
  return [start, ...begins].map((local) => clock.toInstant(local));
}

function slowBegin(layer: Rotation, start: number, handOver: number, index: number): number {
  const startDay = localDay(start);
  const steps = layer.length * index;
  switch (layer.unit) {
    case "hour":
      return start + steps * 3_600_000;
    case "day":
      return (startDay + steps) * dayLength + handOver;
    case "week":
      return (startDay + 7 * steps) * dayLength + handOver;
    case "month":
      return addMonths(startDay, steps) * dayLength + handOver;
    case "weekdays": {
      let left = steps;
      for (let day = startDay; ; day += 1) {
        if (layer.weekdays?.includes(weekdayOf(day)) && day * dayLength + handOver > start) left -= 1;
        if (left === 0) return day * dayLength + handOver;
      }
    }
  }
}

function slowlyOpen(schedule: Schedule, clock: WallClock, restriction: Restriction | undefined, instant: number): boolean {
  const today = localDay(clock.toLocal(unixMs(instant)));
  const isWithin = (day: number, from: string, to: string): boolean => {
    const [begin, end] = [parseTimeOfDay(from) ?? 0, parseTimeOfDay(to) ?? 0];
    const last = end <= begin ? end + 1440 : end;
    return clock.toInstant(day * dayLength + begin * minute) <= instant && instant < clock.toInstant(day * dayLength + last * minute);
  };
  const days = [today - 1, today];
  const hours = restriction?.hours;
  if (hours && !days.some((day) => hours.some((one) => one.weekdays.includes(weekdayOf(day)) && isWithin(day, one.from, one.to))))
    return false;
  if (!restriction?.calendar) return true;
  const calendar = schedule.calendars.get(restriction.calendar.id);
  if (!calendar) return false;
  const isWorking = dayKind(calendar, today).isWorking;
  const isInHours = isWorking && isWithin(today, "09:00", "18:00");
  return { "working-day": isWorking, "day-off": !isWorking, "working-time": isInHours, "outside-working-time": !isInHours }[
    restriction.calendar.when
  ];
}

const zones = ["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC"];
/** Ranges over the clock changes of 2026 in each zone, and a holiday week in Japan. */
const days = ["2026-03-06", "2026-03-27", "2026-04-03", "2026-10-02", "2026-10-23", "2026-10-30", "2026-05-01", "2026-09-20", "2026-12-28"];

const people = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 0, maxLength: 4 });
const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45)).map(([h, m]) => `${pad(h)}:${pad(m)}`);
const pad = (n: number): string => String(n).padStart(2, "0");
const weekdays = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 });
const restrictions: fc.Arbitrary<Restriction> = fc.record(
  {
    hours: fc.array(fc.record({ weekdays, from: time, to: fc.oneof(time, fc.constant("24:00")) }), { minLength: 1, maxLength: 2 }),
    calendar: fc.record({
      id: fc.constantFrom("weekdays", "business-days", "missing"),
      when: fc.constantFrom("working-time", "outside-working-time", "working-day", "day-off"),
    }),
  },
  { requiredKeys: [] },
);

const layersFrom = (day: string): fc.Arbitrary<Layer> => {
  const near = fc.tuple(fc.integer({ min: -40, max: 4 }), time).map(([shift, clock]) => {
    const local = (parseLocal(`${day}T00:00`) ?? 0) + shift * dayLength;
    return `${new Date(local).toISOString().slice(0, 10)}T${clock}`;
  });
  const rotations = fc.record({
    kind: fc.constant("rotation" as const),
    name: fc.constant("r"),
    people,
    start: near,
    unit: fc.constantFrom("hour", "day", "week", "month", "weekdays"),
    length: fc.integer({ min: 1, max: 5 }),
    handOver: time,
    weekdays,
    restriction: restrictions,
  });
  const tables = fc.record({
    kind: fc.constant("table" as const),
    name: fc.constant("t"),
    shifts: fc.array(
      fc
        .tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: -1000, max: 7000 }), fc.integer({ min: 1, max: 2000 }))
        .map(([personId, from, length]) => ({
          personId,
          from: at(`${day}T00:00:00Z`) + from * minute,
          to: at(`${day}T00:00:00Z`) + (from + length) * minute,
        })),
      { maxLength: 5 },
    ),
    restriction: restrictions,
  });
  return fc.oneof({ weight: 4, arbitrary: rotations }, { weight: 1, arbitrary: tables });
};

const schedules = fc.constantFrom(...days).chain((day) => {
  const span = fc.tuple(fc.integer({ min: -500, max: 7000 }), fc.integer({ min: 1, max: 3000 })).map(([from, length]) => ({
    from: at(`${day}T00:00:00Z`) + from * minute,
    to: at(`${day}T00:00:00Z`) + (from + length) * minute,
  }));
  const person = fc.constantFrom("a", "b", "c", "d", "e");
  const overrides = fc
    .tuple(span, person, fc.option(person, { nil: undefined }), fc.constantFrom("add", "remove", "replace"))
    .map(([times, personId, insteadOf, kind], index = 0): Override => {
      const id = `${kind}${times.from}${index}`;
      return kind === "replace" ? { ...times, id, personId, kind, insteadOf } : { ...times, id, personId, kind };
    });
  return fc.record({
    day: fc.constant(day),
    schedule: fc.record({
      timeZone: fc.constantFrom(...zones),
      layers: fc.array(layersFrom(day), { maxLength: 4 }),
      overrides: fc.array(overrides, { maxLength: 4 }),
      calendars: fc.constant(calendars),
      absences: fc.array(
        fc.tuple(span, person).map(([times, personId]) => ({ ...times, personId })),
        { maxLength: 2 },
      ),
    }),
  });
});

describe("a schedule", () => {
  test("has at each minute whom a slow look finds: shifts, the question of an instant and gaps agree", () => {
    fc.assert(
      fc.property(schedules, ({ day, schedule }) => {
        const from = at(`${day}T00:00:00Z`);
        const to = unixMs(from + 5 * dayLength);
        const roster = rosterOf(schedule);
        const plan = planOf(roster, from, to);
        for (let instant: number = from; instant < to; instant += 5 * minute) {
          const found = plan.shifts.find((shift) => shift.from <= instant && instant < shift.to)?.people ?? [];
          const expected = oracle(schedule, instant);
          expect(found).toEqual(expected);
          expect(onCall(roster, unixMs(instant))).toEqual(expected);
        }
        for (const shift of plan.shifts) {
          // The edges too, which need not lie on the grid.
          for (const edge of [shift.from, unixMs(shift.to - 1)]) expect(onCall(roster, edge)).toEqual(shift.people);
          expect(shift.people).toEqual(oracle(schedule, shift.from));
        }
        for (const gap of gaps(roster, from, to)) expect(onCall(roster, unixMs(gap.from))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test("has shifts, of layers and in the end, that follow each other within the range and never overlap", () => {
    fc.assert(
      fc.property(schedules, ({ day, schedule }) => {
        const from = at(`${day}T00:00:00Z`);
        const to = unixMs(from + 5 * dayLength);
        const plan = planOf(schedule, from, to);
        for (const row of [...plan.layers, plan.shifts, stretchesOf(schedule, from, to)]) {
          for (const [i, shift] of row.entries()) {
            expect(shift.from).toBeLessThan(shift.to);
            expect(shift.from).toBeGreaterThanOrEqual(row[i - 1]?.to ?? from);
            expect(shift.to).toBeLessThanOrEqual(to);
          }
        }
        const stretches = stretchesOf(schedule, from, to);
        expect([stretches[0]?.from, stretches.at(-1)?.to]).toEqual([from, to]);
        for (const [i, one] of stretches.slice(1).entries()) expect(one.from).toBe(stretches[i]?.to);
      }),
    );
  });

  test("says until when and who follows as its stretches do", () => {
    fc.assert(
      fc.property(schedules, fc.nat(5 * 1440), ({ day, schedule }, minutes) => {
        const now = unixMs(at(`${day}T00:00:00Z`) + minutes * minute);
        const roster = rosterOf(schedule);
        const found = outlook(roster, now);
        expect(found.people).toEqual(onCall(roster, now));
        expect(onCall(roster, found.since)).toEqual(found.people);
        if (found.until === undefined) return;
        expect(onCall(roster, unixMs(found.until - 1))).toEqual(found.people);
        expect(onCall(roster, found.until)).toEqual(found.next);
        expect(found.next).not.toEqual(found.people);
      }),
      { numRuns: 100 },
    );
  });
});

/** [zone, rotation, range, the shifts of layer 0 in UTC] */
const clockChanges: readonly (readonly [string, Partial<Rotation>, string, string, readonly string[]])[] = [
  [
    "America/New_York",
    { start: "2026-03-06T09:00" },
    "2026-03-07T14:00:00Z",
    "2026-03-10T13:00:00Z",
    ["b 2026-03-07T14 2026-03-08T13", "c 2026-03-08T13 2026-03-09T13", "a 2026-03-09T13 2026-03-10T13"],
  ],
  [
    "America/New_York",
    { start: "2026-10-30T09:00" },
    "2026-10-31T13:00:00Z",
    "2026-11-02T14:00:00Z",
    ["b 2026-10-31T13 2026-11-01T14", "c 2026-11-01T14 2026-11-02T14"],
  ],
  [
    "America/New_York",
    { start: "2026-03-07T02:30", handOver: "02:30" },
    "2026-03-07T07:30:00Z",
    "2026-03-09T06:30:00Z",
    ["a 2026-03-07T07:30 2026-03-08T07", "b 2026-03-08T07 2026-03-09T06:30"],
  ],
  [
    "America/New_York",
    { start: "2026-10-31T01:30", handOver: "01:30" },
    "2026-10-31T05:30:00Z",
    "2026-11-02T06:30:00Z",
    ["a 2026-10-31T05:30 2026-11-01T05:30", "b 2026-11-01T05:30 2026-11-02T06:30"],
  ],
  [
    "Europe/London",
    { start: "2026-03-27T09:00", unit: "day", length: 1 },
    "2026-03-28T09:00:00Z",
    "2026-03-30T08:00:00Z",
    ["b 2026-03-28T09 2026-03-29T08", "c 2026-03-29T08 2026-03-30T08"],
  ],
  [
    "Europe/London",
    { start: "2026-10-24T13:00", unit: "hour", length: 12, handOver: "13:00" },
    "2026-10-24T12:00:00Z",
    "2026-10-25T13:00:00Z",
    ["a 2026-10-24T12 2026-10-25T00", "b 2026-10-25T00 2026-10-25T13"],
  ],
  [
    "Australia/Lord_Howe",
    { start: "2026-10-03T09:00" },
    "2026-10-02T22:30:00Z",
    "2026-10-04T22:00:00Z",
    ["a 2026-10-02T22:30 2026-10-03T22", "b 2026-10-03T22 2026-10-04T22"],
  ],
  [
    "Australia/Lord_Howe",
    { start: "2026-04-04T01:45", handOver: "01:45" },
    "2026-04-03T14:45:00Z",
    "2026-04-05T15:15:00Z",
    ["a 2026-04-03T14:45 2026-04-04T14:45", "b 2026-04-04T14:45 2026-04-05T15:15"],
  ],
  [
    "Asia/Tokyo",
    { start: "2026-11-02T09:00", unit: "week" },
    "2026-11-02T00:00:00Z",
    "2026-11-16T00:00:00Z",
    ["a 2026-11-02T00 2026-11-09T00", "b 2026-11-09T00 2026-11-16T00"],
  ],
  [
    "Asia/Tokyo",
    { start: "2026-01-31T00:00", handOver: "00:00", unit: "month" },
    "2026-01-30T15:00:00Z",
    "2026-04-29T15:00:00Z",
    ["a 2026-01-30T15 2026-02-27T15", "b 2026-02-27T15 2026-03-30T15", "c 2026-03-30T15 2026-04-29T15"],
  ],
  [
    "Asia/Tokyo",
    { start: "2026-11-02T10:00", handOver: "10:00", unit: "weekdays", weekdays: [1, 5] },
    "2026-11-02T01:00:00Z",
    "2026-11-13T01:00:00Z",
    ["a 2026-11-02T01 2026-11-06T01", "b 2026-11-06T01 2026-11-09T01", "c 2026-11-09T01 2026-11-13T01"],
  ],
  [
    "Asia/Tokyo",
    { start: "2026-11-02T08:00", handOver: "10:00", unit: "weekdays", weekdays: [1, 5], length: 2 },
    "2026-11-01T23:00:00Z",
    "2026-11-13T01:00:00Z",
    ["a 2026-11-01T23 2026-11-06T01", "b 2026-11-06T01 2026-11-13T01"],
  ],
];

describe("hand-overs", () => {
  test.each(clockChanges)("in %s with %j from %s to %s", (zone, over, from, to, expected) => {
    const plan = planOf(scheduleOf(zone, [rotation(over)]), at(from), at(to));
    const short = (instant: number): string => new Date(instant).toISOString().slice(0, 16).replace(/:00$/u, "");
    expect(plan.shifts.map((shift) => `${shift.people.join("+")} ${short(shift.from)} ${short(shift.to)}`)).toEqual(expected);
  });
});

describe("layers and overrides", () => {
  const night = rotation({ people: ["n"], restriction: { hours: [{ weekdays: [0, 1, 2, 3, 4, 5, 6], from: "22:00", to: "06:00" }] } });

  test("a higher layer wins where it has somebody, over midnight too", () => {
    const schedule = scheduleOf("Asia/Tokyo", [rotation({ people: ["d"] }), night]);
    const found = shifts(schedule, at("2026-11-20T00:00:00Z"), at("2026-11-21T00:00:00Z"));
    expect(found.map((shift) => `${shift.people.join()} ${iso(shift)}`)).toEqual([
      "d 2026-11-20T00:00:00.000Z 2026-11-20T13:00:00.000Z",
      "n 2026-11-20T13:00:00.000Z 2026-11-20T21:00:00.000Z",
      "d 2026-11-20T21:00:00.000Z 2026-11-21T00:00:00.000Z",
    ]);
  });

  test("somebody absent leaves the place to the layer below, and a hole where there is none", () => {
    const span = { from: at("2026-11-20T14:00:00Z"), to: at("2026-11-20T15:00:00Z") };
    const low = scheduleOf("Asia/Tokyo", [rotation({ people: ["d"] }), night], { absences: [{ ...span, personId: "n" }] });
    expect(onCall(low, at("2026-11-20T14:30:00Z"))).toEqual(["d"]);
    const alone = scheduleOf("Asia/Tokyo", [night], { absences: [{ ...span, personId: "n" }] });
    expect(gaps(alone, at("2026-11-20T13:00:00Z"), at("2026-11-20T21:00:00Z"))).toEqual([span]);
  });

  test("nobody is replaced by somebody who is away", () => {
    const span = { from: at("2026-11-20T00:00:00Z"), to: at("2026-11-21T00:00:00Z") };
    const schedule = scheduleOf("Asia/Tokyo", [rotation({ people: ["d"] })], {
      overrides: [{ id: "o", kind: "replace", personId: "gone", insteadOf: undefined, ...span }],
      absences: [{ personId: "gone", from: span.from, to: Infinity }],
    });
    expect(onCall(schedule, at("2026-11-20T12:00:00Z"))).toEqual(["d"]);
  });

  test("working time of a calendar leaves the day off to others", () => {
    const office = rotation({ people: ["o"], restriction: { calendar: { id: "weekdays", when: "working-time" } } });
    const rest = rotation({ people: ["r"] });
    const schedule = scheduleOf("Asia/Tokyo", [rest, office]);
    const who = (text: string): string => onCall(schedule, at(text)).join();
    // 23 November is a holiday, 24 November a Tuesday.
    expect([who("2026-11-23T10:00:00+09:00"), who("2026-11-24T10:00:00+09:00"), who("2026-11-24T18:00:00+09:00")]).toEqual(["r", "o", "r"]);
    expect(who("2026-05-07T09:00:00+09:00")).toBe("o");
    expect(who("2026-05-06T09:00:00+09:00")).toBe("r");
  });

  test("a schedule without anybody has one gap, and no change ahead", () => {
    const schedule = scheduleOf("Asia/Tokyo", []);
    expect(gaps(schedule, unixMs(0), unixMs(1000))).toEqual([{ from: 0, to: 1000 }]);
    expect(outlook(schedule, at("2026-11-20T00:00:00Z"))).toMatchObject({ people: [], until: undefined, next: [] });
  });
});
