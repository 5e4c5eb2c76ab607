import { describe, expect, test } from "vitest";
import { keyTarget } from "./ChartCanvas.tsx";
import { summarise } from "./model.ts";

test("points are summed up without their gaps", () => {
  expect(summarise([null, 4, null, 2])).toEqual({ latest: 2, least: 2, most: 4, average: 3 });
  expect(summarise([null])).toEqual({ latest: undefined, least: undefined, most: undefined, average: undefined });
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
