import fc from "fast-check";
import { expect, test } from "vitest";
import { hours, millis, seconds } from "#base/duration";
import { retryAfterOf } from "./drivers/asking.ts";
import { waitAfter } from "./retry.ts";

const waits = (pace: "quick" | "mail"): number[] => {
  const list: number[] = [];
  for (let tries = 1; ; tries++) {
    const wait = waitAfter(pace, tries, 0.5);
    if (wait === undefined) return list;
    list.push(wait / 1000);
  }
};

test("chats are asked again soon, mail servers later, both for a day", () => {
  expect(waits("quick").slice(0, 6)).toEqual([10, 30, 120, 600, 3600, 3600]);
  expect(waits("mail").slice(0, 5)).toEqual([60, 300, 900, 3600, 3600]);
  for (const pace of ["quick", "mail"] as const) {
    const total = waits(pace).reduce((sum, wait) => sum + wait, 0);
    expect(total).toBeLessThanOrEqual(24 * 3600);
    expect(total).toBeGreaterThan(22 * 3600);
  }
});

test("what the other side asks for counts, up to a day, and never shortens a wait", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 0, max: 10 ** 12 }),
      (tries, random, asked) => {
        const wait = waitAfter("quick", tries, random, millis(asked));
        const usual = waitAfter("quick", tries, random);
        if (wait === undefined || usual === undefined) return;
        expect(wait).toBeGreaterThanOrEqual(usual);
        expect(wait).toBeLessThanOrEqual(Math.max(usual, hours(24)));
      },
    ),
  );
});

test("Retry-After is read as seconds or as a date", () => {
  const now = Date.parse("2026-01-05T00:00:00Z");
  const read = (text: string) => retryAfterOf({ headers: { "retry-after": text } }, now as never);
  expect(read("30")).toBe(seconds(30));
  expect(read("0.5")).toBe(500);
  expect(read("Mon, 05 Jan 2026 00:01:00 GMT")).toBe(seconds(60));
  expect(read("Sun, 04 Jan 2026 00:01:00 GMT")).toBe(0);
  expect(read("soon")).toBeUndefined();
  expect(read("")).toBeUndefined();
});
