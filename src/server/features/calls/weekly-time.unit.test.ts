import { describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { nextWeekly } from "./weekly-time.ts";

const at = (text: string) => unixMs(Date.parse(text));

describe("the next weekly test", () => {
  test.each([
    // 2026-11-22 is a Sunday.
    ["2026-11-22T00:00:00+09:00", 1, "10:00", "Asia/Tokyo", "2026-11-23T10:00:00+09:00"],
    ["2026-11-23T09:59:59+09:00", 1, "10:00", "Asia/Tokyo", "2026-11-23T10:00:00+09:00"],
    ["2026-11-23T10:00:00+09:00", 1, "10:00", "Asia/Tokyo", "2026-11-30T10:00:00+09:00"],
    ["2026-11-28T23:30:00+09:00", 0, "00:15", "Asia/Tokyo", "2026-11-29T00:15:00+09:00"],
    ["2026-11-22T10:00:00+09:00", 6, "10:00", "Asia/Tokyo", "2026-11-28T10:00:00+09:00"],
    // Clocks went back on the 1st of November: the hour on the wall stays.
    ["2026-10-30T12:00:00-04:00", 5, "09:30", "America/New_York", "2026-11-06T09:30:00-05:00"],
    // 02:30 does not exist on the 28th of March 2027: the moment of the change is taken.
    ["2027-03-22T00:00:00+01:00", 0, "02:30", "Europe/Berlin", "2027-03-28T03:00:00+02:00"],
  ] as const)("after %s on day %i at %s in %s is %s", (after, weekday, time, zone, next) => {
    expect(new Date(nextWeekly(at(after), { weekday, time }, zone)).toISOString()).toBe(new Date(at(next)).toISOString());
  });
});
