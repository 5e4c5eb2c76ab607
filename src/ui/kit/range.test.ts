import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { isLive, parseRange, presets, presetSeconds, refreshEvery, shift, shortestSpan, spanOf, zoomTo } from "#kit/range";
import { parseSearch, stringifySearch } from "#kit/search";

const now = unixMs(1_795_310_430_000);

describe("a time range", () => {
  test("comes out of the address as it went in", () => {
    for (const range of [{ range: "6h" }, { from: 1_795_300_000, to: 1_795_310_000 }]) {
      expect(parseRange(parseSearch(stringifySearch(range)))).toEqual(range);
    }
  });
  test("that makes no sense is dropped", () => {
    expect(parseRange({ range: "7h" })).toEqual({});
    expect(parseRange({ from: 20, to: 10 })).toEqual({});
    expect(parseRange({ from: "1e3", to: "-5" })).toEqual({});
    expect(parseRange({ from: 10 })).toEqual({});
  });
  test("that is live ends at the next full minute and is as long as its preset", () => {
    for (const preset of presets) {
      const { from, to } = spanOf({ range: preset }, now);
      expect(to - from).toBe(presetSeconds[preset]);
      expect(to % 60).toBe(0);
      expect(to * 1000).toBeGreaterThan(now);
    }
    expect(isLive({ range: "1h" })).toBe(true);
    expect(isLive({ from: 1, to: 2 })).toBe(false);
  });
  test("zoomed into is never shorter than what can be drawn, and lies around what was dragged", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 4e9 }), fc.integer({ min: 0, max: 1e7 }), (from, length) => {
        const zoomed = zoomTo(from + length, from);
        const [start, end] = [zoomed.from ?? NaN, zoomed.to ?? NaN];
        expect(end - start).toBeGreaterThanOrEqual(shortestSpan);
        expect(start).toBeLessThanOrEqual(from);
        expect(end).toBeGreaterThanOrEqual(from + length);
      }),
    );
  });
  test("shifted back and forth is live again", () => {
    const back = shift({ range: "3h" }, now, -1);
    expect(isLive(back)).toBe(false);
    expect(shift(back, now, 1)).toEqual({ range: "3h" });
  });
  test("is refreshed at most every 30 seconds, and a year's less often", () => {
    expect(refreshEvery(spanOf({ range: "30m" }, now))).toBe(30);
    expect(refreshEvery(spanOf({ range: "1y" }, now))).toBe(300);
  });
});

describe("a search in the address", () => {
  test("is written as people write it and read back as texts", () => {
    const text = stringifySearch({ status: ["working", "standby"], text: "a b", page: 2, none: undefined, empty: "" });
    expect(text).toBe("?status=working,standby&text=a+b&page=2");
    expect(parseSearch(text)).toEqual({ status: "working,standby", text: "a b", page: "2" });
    expect(stringifySearch({})).toBe("");
  });
});
