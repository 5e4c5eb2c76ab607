import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pictureSize } from "#wire/sharing";
import {
  formatOf,
  longestPeriod,
  lookOf,
  memberSpan,
  periodOf,
  periodSeconds,
  shortestPeriod,
  spanBefore,
  spanOf,
  type Look,
} from "./model.ts";

const usual: Look = { width: 400, height: 200, theme: "light", language: "en" };

describe("a period", () => {
  test("is a number with a unit, from 5 minutes to 2 years", () => {
    expect(["5m", "6h", "2d", "1w", "1mo", "1y"].map(periodSeconds)).toEqual([300, 21_600, 172_800, 604_800, 2_592_000, 31_536_000]);
    for (const text of ["", "m", "0m", "4m", "3y", "1s", "1 d", "-1d", "1.5h", "999999m", "1dd"])
      expect(periodSeconds(text), text).toBeUndefined();
  });
  test("of an address is never longer than what was shared", () => {
    expect([
      periodOf({}, 3600),
      periodOf({ period: "15m" }, 3600),
      periodOf({ period: "1y" }, 3600),
      periodOf({ period: ["1m"] }, 3600),
    ]).toEqual([3600, 900, 3600, 3600]);
  });
  test("ends with the running minute", () => {
    expect(spanBefore(1_000_030, 600)).toEqual({ from: 999_480, to: 1_000_080 });
  });
});

describe("an absolute span", () => {
  test("is two times, the later one last", () => {
    const span = { from: 1_704_067_200, to: 1_704_078_000 };
    expect(spanOf("2024-01-01T00:00:00Z,2024-01-01T03:00:00Z")).toEqual(span);
    expect(spanOf("2024-01-01T09:00:00+09:00,2024-01-01T12:00:00+09:00")).toEqual(span);
    expect(memberSpan({ t: "2024-01-01T00:00:00Z,2024-01-01T03:00:00Z", period: "1h" }, 5)).toEqual(span);
    for (const text of [
      "",
      "now",
      "2024-01-01T03:00:00Z,2024-01-01T00:00:00Z",
      "2024-01-01,2024-01-02",
      "1990-01-01T00:00:00Z,2024-01-01T00:00:00Z",
    ])
      expect(spanOf(text), text).toBeUndefined();
  });
  test("is a day when the address says nothing that makes sense", () => {
    const { from, to } = memberSpan({ t: "x", period: "y" }, 1_000_000);
    expect(to - from).toBe(86_400);
  });
});

test("whatever stands in an address, the picture keeps its bounds and the time is one that can be drawn", () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.array(fc.string()),
    fc.constantFrom("1y", "9999999999", "dark", "ja", "-1", "1e9", "0x10"),
  );
  const query = fc.dictionary(fc.constantFrom("width", "height", "theme", "lang", "period", "t", "__proto__", "constructor"), value);
  fc.assert(
    fc.property(query, fc.integer({ min: 1_000_000_000, max: 4_000_000_000 }), (asked, now) => {
      const look = lookOf(asked, usual);
      for (const side of ["width", "height"] as const) {
        expect(Number.isInteger(look[side])).toBe(true);
        expect(look[side]).toBeGreaterThanOrEqual(pictureSize[side].least);
        expect(look[side]).toBeLessThanOrEqual(pictureSize[side].most);
      }
      expect(["light", "dark"]).toContain(look.theme);
      expect(["en", "ja"]).toContain(look.language);
      const { from, to } = memberSpan(asked, now);
      expect(to - from).toBeGreaterThanOrEqual(shortestPeriod);
      expect(to - from).toBeLessThanOrEqual(longestPeriod);
      expect(periodOf(asked, 3600)).toBeLessThanOrEqual(3600);
    }),
    { numRuns: 2000 },
  );
});

test("the form of an answer is the ending of its address", () => {
  expect(formatOf("abc.png")).toEqual({ name: "abc", format: "png" });
  expect(formatOf("abc.svg")).toEqual({ name: "abc", format: "svg" });
  expect(formatOf("abc")).toEqual({ name: "abc", format: "html" });
  expect(formatOf("abc.html")).toEqual({ name: "abc.html", format: "html" });
  expect(formatOf(".png")).toEqual({ name: "", format: "png" });
});
