import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bridge, drawn } from "./bridge.ts";
import { bucketTimes, hasAnyPoint, latestOf, lonelyPoints, type ChartData, type ChartSeries } from "./series.ts";
import { seriesAt, stackLayers, totalAt } from "./stack.ts";

const none = (): boolean => false;
const column = (count: number, valueAt: (minute: number) => number | null): (number | null)[] =>
  Array.from({ length: count }, (_, at) => valueAt(at));
const series = (values: (number | null)[], rest: Partial<ChartSeries> = {}): ChartSeries => ({ key: "a", label: "a", values, ...rest });
/** The line of a series in buckets of `step` seconds. */
const lineOf = (values: (number | null)[], step = 60, every?: number) =>
  bridge(bucketTimes(0, step, values.length), series(values, every === undefined ? {} : { every })).line;
/** Runs of the drawn line, as "first-last" indices. */
function runs(line: readonly (number | null)[]): string[] {
  const found: string[] = [];
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === null) continue;
    const from = at;
    while (at + 1 < line.length && line[at + 1] !== null) at += 1;
    found.push(`${from}-${at}`);
  }
  return found;
}

describe("a line over time", () => {
  test.each([1, 5, 10])("connects points that come every %i minutes, whatever lies between", (interval) => {
    const line = lineOf(column(61, (minute) => (minute % interval === 0 ? minute : null)));
    expect(runs(line)).toEqual(["0-60"]);
    expect(line[7]).toBeCloseTo(7);
  });
  test.each([1, 5, 10])("goes on over two missing points of an interval of %i minutes and no further", (interval) => {
    const skip = (missing: number) =>
      lineOf(column(201, (m) => (m % interval !== 0 || (m > 100 && m < 100 + (missing + 1) * interval) ? null : 1)));
    expect(runs(skip(2))).toEqual(["0-200"]);
    const broken = runs(skip(3));
    expect(broken).toEqual(["0-100", `${100 + 4 * interval}-200`]);
  });
  test("keeps an outage of an hour open, in minutes and in coarser buckets", () => {
    const minutes = column(360, (m) => (m >= 120 && m < 180 ? null : 1));
    expect(runs(lineOf(minutes))).toEqual(["0-119", "180-359"]);
    const quarters = column(96, (q) => (q >= 40 && q < 44 ? null : 1));
    expect(runs(lineOf(quarters, 900))).toEqual(["0-39", "44-95"]);
  });
  test("breaks at one empty bucket of a week's graph when the points are known to come every minute", () => {
    const weeks = column(100, (at) => (at === 50 ? null : 1));
    expect(runs(lineOf(weeks, 1800, 60))).toEqual(["0-49", "51-99"]);
    expect(runs(lineOf(weeks, 1800, 1800))).toEqual(["0-99"]);
  });
  test("does not stumble over buckets that do not divide the interval", () => {
    const values = column(200, () => null);
    for (let at = 0; at < 200 * 240; at += 300) values[Math.floor(at / 240)] = 1;
    expect(runs(lineOf(values, 240))).toEqual(["0-198"]);
    expect(runs(lineOf(values, 240, 300))).toEqual(["0-198"]);
  });
  test("follows a plugin whose interval was changed from 1 minute to 5 and back", () => {
    const values = column(180, (m) => (m < 60 || m >= 120 || m % 5 === 0 ? 1 : null));
    expect(runs(lineOf(values))).toEqual(["0-179"]);
  });
  test("takes two points alone for neighbours when they are close, and for strangers when not", () => {
    expect(runs(lineOf(column(30, (m) => (m === 3 || m === 13 ? 1 : null))))).toEqual(["3-13"]);
    expect(runs(lineOf(column(90, (m) => (m === 3 || m === 73 ? 1 : null))))).toEqual(["3-3", "73-73"]);
    expect(
      runs(
        lineOf(
          column(30, (m) => (m === 3 || m === 13 ? 1 : null)),
          60,
          60,
        ),
      ),
    ).toEqual(["3-3", "13-13"]);
  });
  test("says between two points what the earlier one said", () => {
    const { held } = bridge(bucketTimes(0, 60, 6), series([2, null, null, 8, null, null, null].slice(0, 6)));
    expect(held).toEqual([2, 2, 2, 8, null, null]);
  });
  test("changes no point, invents none outside, and connects only what lies between two", () => {
    const values = fc.array(fc.option(fc.integer({ min: -5, max: 5 }), { nil: null, freq: 3 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.option(fc.integer({ min: 60, max: 1200 }), { nil: undefined }), (points, every) => {
        const { line, held } = bridge(bucketTimes(0, 60, points.length), series(points, every === undefined ? {} : { every }));
        const [first, last] = [points.findIndex((v) => v !== null), points.findLastIndex((v) => v !== null)];
        for (const [at, value] of points.entries()) {
          if (value !== null) expect([line[at], held[at]]).toEqual([value, value]);
          if (at < first || at > last) expect([line[at], held[at]]).toEqual([null, null]);
          expect(line[at] === null).toBe(held[at] === null);
        }
      }),
    );
  });
});

const stacked = (layers: (number | null)[][], rest: Partial<ChartSeries> = {}) => {
  const data: ChartData = {
    times: bucketTimes(0, 60, layers[0]?.length ?? 0),
    series: layers.map((values, at) => ({ ...series(values, rest), key: String(at) })),
  };
  return drawn(data, "stacked");
};

describe("a pile of layers", () => {
  test("stands on sparse layers as on dense ones", () => {
    const every = (interval: number, value: number) => column(31, (m) => (m % interval === 0 ? value : null));
    const data = stacked([every(1, 1), every(5, 2), every(10, 4)]);
    expect(new Set(stackLayers(data, none).at(-1))).toEqual(new Set([7]));
  });
  test("does not crumble at the edges while the next point of a sparse layer is on its way", () => {
    const data = stacked([column(30, () => 1), column(30, (m) => (m % 5 === 3 ? 2 : null))]);
    const top = stackLayers(data, none).at(-1);
    expect(top).toEqual(column(30, () => 3));
  });
  test("loses a layer that is really gone, and is open where all are", () => {
    const data = stacked([column(60, (m) => (m >= 40 && m < 50 ? null : 1)), column(60, (m) => (m >= 20 ? null : 2))]);
    const top = stackLayers(data, none).at(-1) ?? [];
    expect([top[19], top[20], top[39], top[40], top[49], top[50]]).toEqual([3, 1, 1, null, null, 1]);
  });
  test("adds each layer to those before it and leaves lines and hidden ones out", () => {
    const data = drawn(
      {
        times: [0, 60],
        series: [
          { key: "a", label: "a", values: [1, 1] },
          { key: "b", label: "b", values: [2, 3] },
          { key: "idle", label: "idle", values: [7, 7], tone: "idle" },
          { key: "total", label: "total", values: [9, 9], isLine: true },
        ],
      },
      "stacked",
    );
    expect(stackLayers(data, none)).toEqual([
      [1, 1],
      [3, 4],
      [10, 11],
      [9, 9],
    ]);
    expect(stackLayers(data, (key) => key === "a")[1]).toEqual([2, 3]);
    expect([totalAt(data, 0, none), totalAt(data, 1, (key) => key === "b")]).toEqual([3, 1]);
    const at = (value: number) => seriesAt(data, "stacked", 0, value, none)?.key;
    expect([at(0.5), at(2), at(8), at(50)]).toEqual(["a", "b", "idle", undefined]);
    expect(seriesAt(data, "stacked", 0, 0.5, (key) => key === "a")?.key).toBe("b");
    expect(seriesAt(data, "line", 0, 1.6, none)?.key).toBe("b");
  });
  test("gives as its top the sum of all layers", () => {
    const values = fc.array(fc.option(fc.integer({ min: 0, max: 1000 }), { nil: null }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), (layers) => {
        const data = stacked(layers);
        const sums = data.times.map((_, at) => {
          const there = data.series.flatMap((one) => one.line[at] ?? []);
          return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0);
        });
        for (const [at, top] of (stackLayers(data, none).at(-1) ?? []).entries()) {
          if (top === null || top === undefined) expect(sums[at]).toBe(null);
          else expect(top).toBeCloseTo(sums[at] ?? Number.NaN);
        }
      }),
    );
  });
});

describe("points", () => {
  test("with gaps on both sides are found, so that they get a dot", () => {
    expect(lonelyPoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(lonelyPoints([])).toEqual([]);
  });
  test("stand at the starts of their buckets", () => {
    expect(bucketTimes(600, 60, 3)).toEqual([600, 660, 720]);
    expect(latestOf([1, 0, null])).toBe(0);
    expect(hasAnyPoint({ times: [0], series: [series([null])] })).toBe(false);
    expect(hasAnyPoint({ times: [0], series: [series([0])] })).toBe(true);
  });
});
