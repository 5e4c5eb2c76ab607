import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unixMs } from "./duration.ts";
import {
  addMonths,
  dateText,
  isTimeZone,
  localText,
  monthsBetween,
  parseDay,
  parseLocal,
  parseTimeOfDay,
  wallClock,
  weekdayOf,
} from "./wall-time.ts";

const zones = [
  "Asia/Tokyo",
  "America/New_York",
  "Europe/London",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Africa/Casablanca",
  "Asia/Kathmandu",
  "America/St_Johns",
  "UTC",
];
const instants = fc.integer({ min: Date.UTC(1990, 0, 1) / 1000, max: Date.UTC(2045, 0, 1) / 1000 }).map((s) => unixMs(s * 1000));

const shown = (zone: string, at: number): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(at).replace(" ", "T");

/** [zone, local time, instant, why] */
const cases: readonly (readonly [string, string, string, string])[] = [
  ["Asia/Tokyo", "2026-11-22T09:00", "2026-11-22T00:00:00Z", "no clock change"],
  ["America/New_York", "2026-03-08T01:59", "2026-03-08T06:59:00Z", "before the change"],
  ["America/New_York", "2026-03-08T02:00", "2026-03-08T07:00:00Z", "does not exist: 03:00"],
  ["America/New_York", "2026-03-08T02:30", "2026-03-08T07:00:00Z", "does not exist: 03:00"],
  ["America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z", "after the change"],
  ["America/New_York", "2026-03-08T09:00", "2026-03-08T13:00:00Z", "nine stays nine"],
  ["America/New_York", "2026-11-01T01:00", "2026-11-01T05:00:00Z", "comes twice: the first"],
  ["America/New_York", "2026-11-01T01:59", "2026-11-01T05:59:00Z", "comes twice: the first"],
  ["America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z", "after both"],
  ["Europe/London", "2026-03-29T01:30", "2026-03-29T01:00:00Z", "does not exist: 02:00"],
  ["Europe/London", "2026-10-25T01:30", "2026-10-25T00:30:00Z", "comes twice: the first"],
  ["Europe/London", "2026-10-25T02:00", "2026-10-25T02:00:00Z", "after both"],
  ["Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z", "half an hour is left out: 02:30"],
  ["Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", "half an hour comes twice: the first"],
  ["Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30:00Z", "after both"],
  ["Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z", "a whole day is left out"],
];

describe("a clock on the wall", () => {
  test.each(cases)("of %s at %s is the instant %s (%s)", (zone, local, instant) => {
    expect(new Date(wallClock(zone).toInstant(parseLocal(local) ?? Number.NaN)).toISOString()).toBe(instant.replace("Z", ".000Z"));
  });

  test("shows what Intl shows", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, at) => {
        expect(localText(wallClock(zone).toLocal(at))).toBe(shown(zone, at));
      }),
    );
  });

  test("gives the first instant that shows a local time or later", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, fc.integer({ min: -200, max: 200 }), (zone, near, minutes) => {
        const clock = wallClock(zone);
        const local = clock.toLocal(near) + minutes * 60_000;
        const at = clock.toInstant(local);
        expect(clock.toLocal(at)).toBeGreaterThanOrEqual(local);
        for (const earlier of [1, 60_000, 600_000, 3_600_000, 7_200_000]) {
          expect(clock.toLocal(unixMs(at - earlier))).toBeLessThan(local);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("never puts a later local time before an earlier one", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, fc.nat(20_000_000), (zone, near, later) => {
        const clock = wallClock(zone);
        expect(clock.toInstant(near + later)).toBeGreaterThanOrEqual(clock.toInstant(near));
      }),
    );
  });

  test("is refused for a zone that nobody knows", () => {
    expect([isTimeZone("Asia/Tokyo"), isTimeZone("Asia/Edo"), isTimeZone(""), isTimeZone("🙂")]).toEqual([true, false, false, false]);
  });
});

describe("local dates", () => {
  test("are read and written", () => {
    expect(dateText(parseDay("2026-11-22") ?? 0)).toBe("2026-11-22");
    expect(["2026-02-29", "2026-13-01", "2026-1-1", "x", "2028-02-29"].map((text) => parseDay(text) !== undefined)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(weekdayOf(parseDay("2026-11-22") ?? 0)).toBe(0);
    expect(weekdayOf(parseDay("1969-12-31") ?? 0)).toBe(3);
  });

  test("keep to the end of shorter months", () => {
    const plus = (text: string, months: number): string => dateText(addMonths(parseDay(text) ?? 0, months));
    expect([plus("2026-01-31", 1), plus("2026-01-31", 2), plus("2026-01-31", 3), plus("2027-12-31", 2), plus("2026-03-31", -1)]).toEqual([
      "2026-02-28",
      "2026-03-31",
      "2026-04-30",
      "2028-02-29",
      "2026-02-28",
    ]);
    expect(monthsBetween(parseDay("2026-11-30") ?? 0, parseDay("2027-02-01") ?? 0)).toBe(3);
  });

  test("have times of day", () => {
    expect(["00:00", "09:30", "24:00", "24:01", "9:30", "12:60", ""].map(parseTimeOfDay)).toEqual([
      0,
      570,
      1440,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([parseLocal("2026-11-22T24:00"), parseLocal("2026-11-22 09:00"), parseLocal("2026-11-31T09:00")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
