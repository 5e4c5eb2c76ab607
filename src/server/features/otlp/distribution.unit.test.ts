import fc from "fast-check";
import { expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { added, emptied, quantiles, since } from "./distribution.ts";
import type { Buckets, ExponentialBuckets, HistogramPoint } from "./model.ts";
import { Windows } from "./windows.ts";

const explicit = (bounds: readonly number[], counts: readonly number[]): Buckets => ({ kind: "explicit", bounds, counts });
const exponential = (scale: number, positive: readonly (readonly [number, number])[], more: Partial<ExponentialBuckets> = {}): Buckets => ({
  kind: "exponential",
  scale,
  zero: 0,
  positive: new Map(positive),
  negative: new Map(),
  ...more,
});

test("quantiles lie within the buckets that hold them", () => {
  expect(quantiles(explicit([10, 20, 30], [0, 100, 0, 0]), [0.5, 0.95])).toEqual([15, 19.5]);
  expect(quantiles(explicit([10, 20], [50, 50, 0]), [0.5, 1])).toEqual([10, 20]);
  // Nobody knows how far the last bucket reaches, unless the sender tells the largest value.
  expect(quantiles(explicit([10], [0, 10]), [0.99])).toEqual([10]);
  expect(quantiles(explicit([10], [0, 10]), [0.5], { max: 30 })).toEqual([20]);
  expect(quantiles(explicit([10], [4, 0]), [0.5], { min: 8, max: 9 })).toEqual([9]);
  expect(quantiles(explicit([], [7]), [0.5], { min: 2, max: 4 })).toEqual([3]);
  expect(quantiles(explicit([1], [0, 0]), [0.5])).toEqual([]);
  expect(quantiles(exponential(0, [[3, 10]]), [0, 1])).toEqual([8, 16]);
  const both = exponential(0, [[0, 1]], { zero: 2, negative: new Map([[0, 1]]) });
  expect(quantiles(both, [0, 0.5, 1])).toEqual([-2, 0, 2]);
});

test("estimates are as near as the buckets are narrow, and rise with the quantile", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 1, maxLength: 200 }), (values) => {
      const scale = 3;
      const counts = new Map<number, number>();
      for (const value of values) {
        const index = Math.ceil(Math.log2(value) * 2 ** scale) - 1;
        counts.set(index, (counts.get(index) ?? 0) + 1);
      }
      const sorted = values.toSorted((a, b) => a - b);
      const found = quantiles(exponential(scale, [...counts]), [0.5, 0.95, 0.99]);
      for (const [position, quantile] of [0.5, 0.95, 0.99].entries()) {
        const exact = sorted[Math.ceil(quantile * sorted.length) - 1] ?? Number.NaN;
        expect((found[position] ?? 0) / exact).toBeGreaterThan(2 ** -(2 ** -scale) - 0.01);
        expect((found[position] ?? 0) / exact).toBeLessThan(2 ** (2 ** -scale) + 0.01);
      }
      expect(found).toEqual(found.toSorted((a, b) => a - b));
    }),
  );
});

test("what was counted between two totals is their difference, also when the scale became coarser", () => {
  expect(since(explicit([1], [5, 7]), explicit([1], [2, 3]))).toEqual(explicit([1], [3, 4]));
  expect(since(explicit([1], [5, 7]), explicit([2], [2, 3]))).toBeUndefined();
  expect(since(explicit([1], [1, 0]), explicit([1], [2, 0])), "it began anew").toBeUndefined();
  const fine = exponential(1, [
    [-1, 2],
    [2, 4],
    [3, 6],
  ]);
  expect(
    since(
      exponential(0, [
        [-1, 2],
        [1, 15],
      ]),
      fine,
    ),
  ).toEqual(
    exponential(0, [
      [-1, 0],
      [1, 5],
    ]),
  );
  expect(added(fine, emptied(fine))).toEqual(fine);
});

const at = (minute: number, second = 0) => unixMs((minute * 60 + second) * 1000);
const point = (minute: number, second: number, counts: readonly number[], startedAt?: number): HistogramPoint => ({
  kind: "histogram",
  attributes: new Map(),
  startedAt: startedAt === undefined ? undefined : at(startedAt),
  at: at(minute, second),
  count: counts.reduce((sum, count) => sum + count, 0),
  sum: 0,
  min: undefined,
  max: undefined,
  buckets: explicit([1], counts),
});

test("a window is the minute, from totals and from growth", () => {
  const windows = new Windows();
  const say = (temporality: "delta" | "cumulative", one: HistogramPoint) => {
    const request = windows.request();
    const window = request.windowOf(temporality, temporality, one);
    request.commit();
    return window?.buckets;
  };
  expect(say("cumulative", point(1, 0, [1, 1]))).toBeUndefined();
  expect(say("cumulative", point(1, 30, [2, 1])), "since the first").toEqual(explicit([1], [1, 0]));
  expect(say("cumulative", point(2, 0, [4, 2]))).toEqual(explicit([1], [2, 1]));
  expect(say("cumulative", point(2, 30, [5, 2]))).toEqual(explicit([1], [3, 1]));
  expect(say("cumulative", point(2, 10, [5, 2])), "late").toBeUndefined();
  expect(say("cumulative", point(3, 0, [1, 0], 2)), "it began anew and says when").toEqual(explicit([1], [1, 0]));
  expect(say("delta", point(1, 10, [1, 0], 1))).toEqual(explicit([1], [1, 0]));
  expect(say("delta", point(1, 20, [0, 1], 1))).toEqual(explicit([1], [1, 1]));
  expect(say("delta", point(1, 20, [0, 1], 1)), "the same again").toEqual(explicit([1], [1, 1]));
  expect(say("delta", point(2, 20, [3, 0], 1))).toEqual(explicit([1], [3, 0]));
});

test("what was not stored is not known afterwards", () => {
  const windows = new Windows();
  const first = windows.request();
  first.windowOf("s", "cumulative", point(1, 0, [1, 1]));
  first.commit();
  for (let again = 0; again < 2; again += 1) {
    expect(windows.request().windowOf("s", "cumulative", point(2, 0, [2, 2]))?.buckets).toEqual(explicit([1], [1, 1]));
  }
});
