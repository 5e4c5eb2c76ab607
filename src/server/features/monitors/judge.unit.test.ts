import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlertStatus } from "#wire/alerting";
import { judge, messageOf, pointsNeeded, reach, scopeOfText, statusOf, valueText, type PointRule } from "./model.ts";
import { PointWindow } from "./point-window.ts";
import { firingsOf } from "./replay.ts";

interface Point {
  readonly time: number;
  readonly value: number;
}

/** The rules said plainly, over all points there ever were, oldest first. */
function naive(points: readonly Point[], rule: PointRule): { readonly status: AlertStatus; readonly value: number } | undefined {
  const averageAt = (i: number): number | undefined => {
    const last = points.slice(Math.max(0, i + 1 - rule.duration), i + 1);
    const [oldest] = last;
    if (last.length < rule.duration || !oldest || oldest.time <= (points[i]?.time ?? 0) - reach) return undefined;
    return last.reduceRight((sum, point) => sum + point.value, 0) / rule.duration;
  };
  const newest = points.length - 1;
  const value = averageAt(newest);
  if (value === undefined) return undefined;
  const status = statusOf(value, rule);
  if (status === "OK") return { status, value };
  for (let i = newest - 1; i > newest - rule.attempts; i--) {
    const before = i < 0 ? undefined : averageAt(i);
    const isNear = (points[i]?.time ?? 0) > (points[newest]?.time ?? 0) - reach;
    if (before === undefined || !isNear || statusOf(before, rule) === "OK") return undefined;
  }
  return { status, value };
}

const rules = fc.record({
  operator: fc.constantFrom(">" as const, "<" as const),
  warning: fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
  critical: fc.option(fc.integer({ min: -5, max: 5 }), { nil: undefined }),
  duration: fc.integer({ min: 1, max: 5 }),
  attempts: fc.integer({ min: 1, max: 5 }),
});

/** Mostly a point a minute, now and then a gap of hours. */
const series = fc
  .array(
    fc.record({
      gap: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 900 })),
      value: fc.integer({ min: -8, max: 8 }),
    }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((steps) => {
    let time = 1_700_000_000;
    return steps.map(({ gap, value }): Point => ({ time: (time += gap * 60), value }));
  });

describe("the judge", () => {
  test("says what the plain rules say, from a window of just the points that it needs", () => {
    fc.assert(
      fc.property(series, rules, (points, rule) => {
        const window = new PointWindow(pointsNeeded(rule));
        for (const { time, value } of points) window.add(time, value);
        expect(judge(window.times, window.values, window.count, rule)).toEqual(naive(points, rule));
      }),
      { numRuns: 2000 },
    );
  });

  test("replays a week as it would have judged it, point by point", () => {
    fc.assert(
      fc.property(series, rules, (points, rule) => {
        const statuses = points.map((_, i) => naive(points.slice(0, i + 1), rule)?.status);
        let open = false;
        let opened = 0;
        for (const status of statuses) {
          if (status === undefined) continue;
          if (status !== "OK" && !open) opened += 1;
          open = status !== "OK";
        }
        const columns = { times: Uint32Array.from(points, (p) => p.time), values: Float64Array.from(points, (p) => p.value) };
        const spans = firingsOf(columns, rule, 0);
        expect([spans.length, spans.at(-1)?.to === undefined && spans.length > 0]).toEqual([opened, open]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a window of points", () => {
  test("holds the newest, one a minute, in whatever order they come", () => {
    const points = fc.array(fc.record({ time: fc.integer({ min: 0, max: 3600 }), value: fc.integer() }), { maxLength: 60 });
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 20 }), (added, capacity) => {
        const window = new PointWindow(capacity);
        const kept = new Map<number, Point>();
        for (const point of added) {
          window.add(point.time, point.value);
          kept.set(Math.floor(point.time / 60), point);
          const oldest = [...kept.keys()].toSorted((a, b) => b - a)[capacity];
          if (oldest !== undefined) kept.delete(oldest);
        }
        const expected = [...kept].toSorted(([a], [b]) => b - a).map(([, point]) => [point.time, point.value]);
        expect(Array.from({ length: window.count }, (_, i) => [window.times[i], window.values[i]])).toEqual(expected);
      }),
    );
  });

  test("a point that was read back takes no place from one that came", () => {
    const window = new PointWindow(2);
    window.add(60, 1);
    window.add(61, 9, true);
    expect([window.count, window.times[0], window.values[0]]).toEqual([1, 60, 1]);
  });
});

test.each([
  ["Shop", { service: "Shop", role: undefined }],
  ["Shop:web", { service: "Shop", role: "web" }],
  ["Shop: web", { service: "Shop", role: "web" }],
  ["Shop :web", undefined],
  ["S", undefined],
  [":web", undefined],
  ["Shop:", undefined],
])("the scope %s", (text, expected) => {
  expect(scopeOfText(text)).toEqual(expected);
});

test.each([
  [96.2, "96.2"],
  [0.1 + 0.2, "0.3"],
  [0.000_012_345, "0.00001234"],
  [1_234_567.89, "1234567.9"],
  [6, "6"],
  [-0, "0"],
])("a value is written as short as says something: %s", (value, text) => {
  expect(valueText(value)).toBe(text);
});

test("a message names the threshold that was passed", () => {
  const limits = { operator: "<", warning: 5, critical: 2 } as const;
  expect(messageOf("free", { status: "CRITICAL", value: 1 }, limits)).toBe("free 1 < 2");
  expect(messageOf("free", { status: "WARNING", value: 4 }, limits)).toBe("free 4 < 5");
  expect(messageOf("free", { status: "OK", value: 6 }, limits)).toBe("free 6");
});
