import { expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { localTime, readDuration, timeOf } from "./units.ts";

const now = unixMs(1_795_301_631_000);

test.each([
  ["90", 90],
  ["30m", 1800],
  ["1h30m", 5400],
  ["7d", 604_800],
  ["2w", 1_209_600],
  ["", undefined],
  ["h", undefined],
  ["1y", undefined],
  ["-5m", undefined],
])("the length %s is %s seconds", (text, expected) => {
  expect(readDuration(text)).toBe(expected);
});

test.each([
  ["1795301631", 1_795_301_631],
  ["now", 1_795_301_631],
  ["-6h", 1_795_301_631 - 21_600],
  ["2026-11-22T00:13:51Z", 1_795_306_431],
  ["2026-11-22T09:13:51+09:00", 1_795_306_431],
])("the time %s is %s", (text, expected) => {
  expect(timeOf("from", text, now)).toBe(expected);
});

test.each(["", "yesterday", "2026-13-40", "12:00", "-", "-x"])("%j is no time, and the flag is named", (text) => {
  expect(() => timeOf("from", text, now)).toThrow(/--from must be seconds since 1970/u);
});

test("a date alone begins in the local zone, and a printed time means the same moment", () => {
  const seconds = timeOf("from", "2026-11-22", now);
  expect(localTime(seconds)).toMatch(/^2026-11-22T00:00:00[+-]\d\d:\d\d$/u);
  expect(new Date(localTime(now / 1000)).getTime()).toBe(now);
});
