import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis, seconds, unixSeconds } from "#base/duration";
import { backoff } from "./backoff.ts";
import { chooseBatch, drainPause, mergeLimit, spreadOf, type Refusal } from "./delivery-plan.ts";
import type { SpoolEntry } from "./spool.ts";

const entries = (count: number): readonly SpoolEntry[] =>
  Array.from({ length: count }, (_, at) => ({ key: String(at).padStart(3, "0"), time: unixSeconds(at * 60) }));
const keys = (batch: readonly SpoolEntry[]): string => batch.map((entry) => Number(entry.key)).join(",");

describe("choosing what to send", () => {
  test("the oldest minutes go first, a few in one post", () => {
    expect(keys(chooseBatch(entries(9), new Map(), millis(0)))).toBe("0,1,2,3");
    expect(keys(chooseBatch(entries(2), new Map(), millis(0)))).toBe("0,1");
    expect(chooseBatch([], new Map(), millis(0))).toEqual([]);
  });

  test("a refused minute waits aside while the others go on, then goes alone", () => {
    const refusals = new Map<string, Refusal>([["001", { failures: 1, retryAt: seconds(60) }]]);
    expect(keys(chooseBatch(entries(4), refusals, seconds(59)))).toBe("0,2,3");
    expect(keys(chooseBatch(entries(4), refusals, seconds(60)))).toBe("0");
    expect(keys(chooseBatch(entries(4).slice(1), refusals, seconds(60)))).toBe("1");
  });

  test("a post is always in order of time, never longer than the limit, and never mixes a refused minute with others", () => {
    const refused = fc.array(fc.tuple(fc.nat(30), fc.nat(10)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.nat(30), refused, (count, list) => {
        const refusals = new Map(list.map(([at, due]) => [String(at).padStart(3, "0"), { failures: 1, retryAt: seconds(due) }]));
        const batch = chooseBatch(entries(count), refusals, seconds(5));
        const times = batch.map((entry) => entry.time);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(batch.length).toBeLessThanOrEqual(mergeLimit);
        if (batch.length > 1) expect(batch.some((entry) => refusals.has(entry.key))).toBe(false);
        expect(batch.every((entry) => (refusals.get(entry.key)?.retryAt ?? 0) <= seconds(5))).toBe(true);
      }),
    );
  });
});

describe("pauses", () => {
  test("a slow server is asked less often, within half a second and half a minute", () => {
    expect(drainPause(millis(1), () => 0.5)).toBe(500);
    expect(drainPause(millis(200), () => 0.5)).toBe(4000);
    expect(drainPause(seconds(25), () => 0.5)).toBe(30_000);
  });

  test("tries double up to the longest wait and spread over half of it", () => {
    const range = { first: seconds(1), longest: seconds(60) };
    expect([1, 2, 3, 7, 99].map((tries) => backoff(tries, range, () => 1))).toEqual([1000, 2000, 4000, 60_000, 60_000]);
    expect(backoff(99, range, () => 0)).toBe(30_000);
  });

  test("hosts spread evenly over the first half of the minute, each always at its own second", () => {
    const counts = new Map<number, number>();
    for (let host = 0; host < 6000; host += 1) {
      const spread = spreadOf(`host${host}`);
      expect(spread).toBe(spreadOf(`host${host}`));
      counts.set(spread, (counts.get(spread) ?? 0) + 1);
    }
    expect(counts.size).toBe(30);
    for (const [spread, count] of counts) {
      expect(spread).toBeLessThan(30_000);
      expect(count).toBeGreaterThan(120); // 200 on average
      expect(count).toBeLessThan(280);
    }
  });
});
