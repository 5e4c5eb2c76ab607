import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bucketTimes, hasAnyPoint, latestOf, lonelyPoints, seriesAt, stackLayers, summarise, totalAt, type ChartData } from "./model.ts";
import { keyTarget } from "./ChartCanvas.tsx";
import { yRange } from "./plot-options.ts";

const data: ChartData = {
  times: [0, 60, 120],
  series: [
    { key: "a", label: "a", values: [1, null, null] },
    { key: "b", label: "b", values: [2, 3, null] },
    { key: "idle", label: "idle", values: [7, 7, null], tone: "idle" },
    { key: "total", label: "total", values: [9, 9, 9], isLine: true },
  ],
};
const none = (): boolean => false;

describe("stacking", () => {
  test("adds each layer to those before it; a missing point adds nothing, and where all miss there is a gap", () => {
    expect(stackLayers(data, none)).toEqual([
      [1, 0, null],
      [3, 3, null],
      [10, 10, null],
      [9, 9, 9],
    ]);
  });
  test("leaves hidden layers out of the pile", () => {
    expect(stackLayers(data, (key) => key === "a")[1]).toEqual([2, 3, null]);
  });
  test("gives as the top layer the sum of all", () => {
    const column = fc.array(fc.option(fc.integer({ min: 0, max: 1000 }), { nil: null }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), (layers) => {
        const sample = { times: [0, 1, 2, 3, 4], series: layers.map((values, at) => ({ key: String(at), label: "", values })) };
        const top = stackLayers(sample, none).at(-1);
        expect(top).toEqual(sample.times.map((_, at) => totalAt(sample, at, none) ?? null));
      }),
    );
  });
  test("counts what is idle or a line into no total", () => {
    expect([totalAt(data, 0, none), totalAt(data, 1, none), totalAt(data, 2, none)]).toEqual([3, 3, undefined]);
  });
});

describe("points", () => {
  test("with gaps on both sides are found, so that they get a dot", () => {
    expect(lonelyPoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(lonelyPoints([])).toEqual([]);
  });
  test("are summed up without their gaps", () => {
    expect(summarise([null, 4, null, 2])).toEqual({ latest: 2, least: 2, most: 4, average: 3 });
    expect(summarise([null])).toEqual({ latest: undefined, least: undefined, most: undefined, average: undefined });
    expect(latestOf([1, 0, null])).toBe(0);
  });
  test("stand at the starts of their buckets", () => {
    expect(bucketTimes(600, 60, 3)).toEqual([600, 660, 720]);
    expect(hasAnyPoint(data)).toBe(true);
    expect(hasAnyPoint({ times: [0], series: [{ key: "a", label: "a", values: [null] }] })).toBe(false);
  });
});

describe("the pointer", () => {
  test("means the layer it is in, or the nearest line, and nothing above the pile", () => {
    const at = (value: number) => seriesAt(data, "stacked", 0, value, none)?.key;
    expect([at(0.5), at(2), at(8), at(50)]).toEqual(["a", "b", "idle", undefined]);
    expect(seriesAt(data, "stacked", 0, 0.5, (key) => key === "a")?.key).toBe("b");
    expect(seriesAt(data, "line", 0, 1.6, none)?.key).toBe("b");
    expect(seriesAt(data, "line", 2, 1, none)?.key).toBe("total");
  });
});

describe("the axis of values", () => {
  test("always shows zero and gives a flat zero a height", () => {
    expect(yRange(null, null)).toEqual([0, 1]);
    expect(yRange(0, 0)).toEqual([0, 1]);
    expect(yRange(50, 100)).toEqual([0, 106]);
    expect(yRange(-10, -5)[1]).toBe(0);
  });
});

describe("keys on a graph", () => {
  test("start at the newest point and stay within the graph", () => {
    expect(keyTarget("ArrowLeft", undefined, 9)).toBe(9);
    expect(keyTarget("ArrowLeft", 9, 9)).toBe(8);
    expect(keyTarget("ArrowRight", 9, 9)).toBe(9);
    expect(keyTarget("PageDown", 4, 9)).toBe(0);
    expect(keyTarget("Home", 4, 9)).toBe(0);
    expect(keyTarget("End", 4, 9)).toBe(9);
  });
  test("leave with Escape, and leave other keys and empty graphs alone", () => {
    expect(keyTarget("Escape", 3, 9)).toBe("leave");
    expect(keyTarget("Escape", undefined, 9)).toBeUndefined();
    expect(keyTarget("a", 3, 9)).toBeUndefined();
    expect(keyTarget("ArrowLeft", undefined, -1)).toBeUndefined();
  });
});
