import { describe, expect, test } from "vitest";
import type { Widget } from "#wire/dashboards";
import { problemsOf, valuesOf, widgetFrom, type FormTexts } from "./widget-form.ts";
import { newestOf, ruleFor, valueText } from "./ValueWidgetView.tsx";
import { cellsOf, graphHeight, pixelsOf } from "./grid-pixels.ts";

const layout = { x: 0, y: 0, width: 8, height: 8 };
const texts: FormTexts = {
  needsNumber: "number",
  needsChoice: "choice",
  needsPositive: "positive",
  wrongBounds: "bounds",
  tooLong: (most) => `${most}`,
};

const widgets: readonly Widget[] = [
  { type: "markdown", title: "t", markdown: "# x", layout },
  { type: "alertStatus", title: "", roleFullname: "Shop: web", layout },
  { type: "graph", title: "", graph: { type: "host", hostId: "h", name: "cpu" }, referenceLines: [], layout },
  {
    type: "graph",
    title: "whole",
    graph: { type: "host", hostId: "h", name: "cpu" },
    range: { type: "relative", period: 3600, offset: 0 },
    valueRange: { min: -1, max: 2.5 },
    legendList: ["cpu.user.percentage"],
    referenceLines: [{ label: "l", value: 0 }],
    layout,
  },
  {
    type: "graph",
    title: "",
    graph: { type: "role", roleFullname: "Shop: web", name: "cpu%", isStacked: false },
    range: { type: "absolute", start: 5, end: 9 },
    valueRange: { max: 1 },
    referenceLines: [],
    layout,
  },
  {
    type: "graph",
    title: "",
    graph: { type: "role", roleFullname: "Shop:web", name: "cpu%" },
    range: { type: "relative", period: 3600, offset: -60 },
    referenceLines: [],
    layout,
  },
  { type: "graph", title: "", graph: { type: "query", query: "up", legend: "{{x}}" }, referenceLines: [], layout },
  {
    type: "value",
    title: "",
    metric: { type: "service", serviceName: "Shop", name: "a.b" },
    fractionSize: 0,
    suffix: "%",
    formatRules: [{ name: "hot", threshold: 8.5, operator: "<" }],
    layout,
  },
  { type: "value", title: "", metric: { type: "expression", expression: "x" }, fractionSize: 2, formatRules: [], layout },
];

describe("the form of a widget", () => {
  test.each(widgets)("gives $type back as it came when nothing is touched", (widget) => {
    const values = valuesOf(widget);
    expect(widgetFrom(widget.type, values, layout, widget)).toEqual(widget);
    expect(problemsOf(widget.type, values, texts)).toEqual({});
  });

  test("drops the list of metrics when another graph is chosen", () => {
    const [, , , whole] = widgets;
    if (whole?.type !== "graph") throw new Error("a graph");
    expect(widgetFrom("graph", { ...valuesOf(whole), name: "memory" }, layout, whole)).not.toHaveProperty("legendList");
  });

  test("names what is missing or wrong", () => {
    const values = valuesOf(undefined);
    expect(problemsOf("graph", values, texts)).toEqual({ hostId: "choice", name: "choice" });
    expect(problemsOf("alertStatus", values, texts)).toEqual({ role: "choice" });
    expect(problemsOf("graph", { ...values, kind: "query" }, texts)).toEqual({ expression: "choice" });
    const chosen = { ...values, hostId: "h", name: "n" };
    expect(problemsOf("graph", { ...chosen, min: "a", max: "1", lineLabel: "l", lineValue: "" }, texts)).toEqual({
      min: "number",
      lineValue: "number",
    });
    expect(problemsOf("graph", { ...chosen, min: "2", max: "1", lineLabel: "l", lineValue: "-1" }, texts)).toEqual({
      max: "bounds",
      lineValue: "positive",
    });
    expect(problemsOf("value", { ...chosen, rule: ">", threshold: "x", suffix: "x".repeat(17) }, texts)).toEqual({
      threshold: "number",
      suffix: "16",
    });
  });
});

describe("a value", () => {
  test("is the newest, with its digits and thousands set apart", () => {
    expect(newestOf({ series: [{ avg: [1, 2, null] }] })).toBe(2);
    expect(newestOf({ series: [{ avg: [null] }] })).toBeUndefined();
    expect([valueText(1_234_567.891, 2), valueText(-1234, 0), valueText(0.5, 0), valueText(12, 3), valueText(1e21, 2)]).toEqual([
      "1\u2009234\u2009567.89",
      "-1\u2009234",
      "1",
      "12.000",
      "1e+21",
    ]);
  });

  test("stands out while it is above or below the threshold, and not at it", () => {
    const widget = widgets[7];
    if (widget?.type !== "value") throw new Error("a value");
    expect([
      ruleFor(widget, 8.4)?.name,
      ruleFor(widget, 8.5),
      ruleFor({ ...widget, formatRules: [{ threshold: 1, operator: ">" }] }, 2)?.threshold,
    ]).toEqual(["hot", undefined, 1]);
  });
});

test("a movement of the pointer comes to whole columns and rows", () => {
  expect(cellsOf(100, 80, 1192)).toEqual({ columns: 2, rows: 2 });
  expect(cellsOf(-24, -17, 1192)).toEqual({ columns: -0, rows: -0 });
  expect(cellsOf(50, 0, 0)).toEqual({ columns: 0, rows: 0 });
  expect([pixelsOf(6), graphHeight(6), graphHeight(9)]).toEqual([208, 104, 212]);
});
