import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { Value } from "typebox/value";
import { Dashboard, gridColumns, widgetSizes, widgetTypes, type Widget } from "#wire/dashboards";
import { annotationOf } from "./parse-annotation.ts";
import { dashboardOf } from "./parse-dashboard.ts";
import { firstOverlap, missingTargets, overlap, present, targetsOf } from "./model.ts";

const refusals = new Set(["bad-request", "invalid-input"]);

/** The value, or undefined when it was refused as it should be. Anything else that is thrown fails the test. */
function accepted<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof HinobanError && refusals.has(error.code)) return undefined;
    throw error;
  }
}

/** JSON as JSON.parse gives it, with keys that the readers look for. */
const keys = fc.constantFrom(
  ...(
    "type title layout x y width height graph metric markdown roleFullname range valueRange min max legendList referenceLines label value " +
    "fractionSize suffix formatRules threshold operator hostId name serviceName expression query legend start end period offset urlPath memo " +
    "widgets from to service roles description __proto__ toString"
  ).split(" "),
);
const leaves = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    "",
    "graph",
    "value",
    "markdown",
    "alertStatus",
    "host",
    "role",
    "unknown",
    ">",
    "Shop:web",
    "\0",
    "\uD800",
  ),
  fc.integer({ min: -5, max: 90 }),
  fc.double(),
  fc.string({ maxLength: 40 }),
);
const { anything } = fc.letrec((tie) => ({
  anything: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaves,
    fc.array(tie("anything"), { maxLength: 4 }),
    fc.dictionary(keys, tie("anything"), { maxKeys: 8 }),
  ),
}));

/** Widgets that are nearly right: one part may be replaced by anything. */
const layout = fc.record({
  x: fc.integer({ min: 0, max: 20 }),
  y: fc.integer({ min: 0, max: 200 }),
  width: fc.integer({ min: 4, max: 24 }),
  height: fc.integer({ min: 2, max: 40 }),
});
const target = fc.oneof(
  fc.record({ type: fc.constant("host"), hostId: fc.string({ minLength: 1, maxLength: 11 }), name: fc.constant("cpu") }),
  fc.record({ type: fc.constant("role"), roleFullname: fc.constantFrom("Shop:web", "Shop: web"), name: fc.constant("cpu%") }),
  fc.record({ type: fc.constant("service"), serviceName: fc.constant("Shop"), name: fc.constant("a.*") }),
  fc.record({ type: fc.constant("expression"), expression: fc.string({ minLength: 1 }) }),
  fc.constant({ type: "unknown" }),
);
const widget = fc
  .tuple(fc.constantFrom(...widgetTypes), layout, target, fc.option(fc.tuple(keys, anything), { nil: undefined, freq: 3 }))
  .map(([type, place, shown, broken]) => ({
    type,
    title: "t",
    layout: place,
    graph: shown,
    metric: shown,
    markdown: "*",
    roleFullname: "Shop: web",
    range: null,
    ...(broken ? { [broken[0]]: broken[1] } : {}),
  }));
const nearlyRight = fc.record({
  title: fc.string({ minLength: 1 }),
  urlPath: fc.constant("a/b"),
  widgets: fc.array(widget, { maxLength: 6 }),
});

function checkDashboard(body: unknown): boolean {
  const read = accepted(() => dashboardOf(body));
  if (!read) return false;
  const { widgets } = read;
  // What was accepted has the shape that both interfaces promise …
  expect(Value.Check(Dashboard, { id: "i", createdAt: 0, updatedAt: 0, ...read })).toBe(true);
  // … lies on the grid …
  expect(firstOverlap(widgets.map((one) => one.layout))).toBeUndefined();
  for (const { type, layout: at } of widgets) {
    expect(at.x + at.width).toBeLessThanOrEqual(gridColumns);
    expect(at.width).toBeGreaterThanOrEqual(widgetSizes[type].least.width);
  }
  // … and means the same when it is written again as it was read.
  const stored: unknown = JSON.parse(JSON.stringify(read));
  expect(dashboardOf(stored)).toEqual(stored);
  const targets = targetsOf(widgets);
  expect(missingTargets(widgets, targets)).toEqual([]);
  expect(present(widgets, targets)).toEqual(widgets);
  dashboardOf({ ...read, widgets: present(widgets, { hosts: new Set(), services: new Set(), roles: new Set() }) });
  return true;
}

describe("whatever is sent as a dashboard", () => {
  test("is taken as it is meant, or refused with a reason: 60,000 values of any shape", () => {
    fc.assert(
      fc.property(anything, (body) => void checkDashboard(body)),
      { numRuns: 60_000 },
    );
  });

  test("is taken as it is meant, or refused with a reason: 60,000 that are nearly right", () => {
    let taken = 0;
    fc.assert(
      fc.property(nearlyRight, (body) => {
        if (checkDashboard(body)) taken += 1;
      }),
      { numRuns: 60_000 },
    );
    expect(taken).toBeGreaterThan(5000);
  });
});

describe("whatever is sent as an annotation", () => {
  const nearly = fc
    .tuple(fc.string({ maxLength: 10 }), fc.nat(5), fc.nat(5), fc.option(fc.tuple(keys, anything), { nil: undefined }))
    .map(([title, from, to, broken]) => ({ title, from, to, service: "Shop", roles: null, ...(broken ? { [broken[0]]: broken[1] } : {}) }));

  test("is taken as it is meant, or refused with a reason: 100,000 values", () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (body) => {
        const read = accepted(() => annotationOf(body));
        if (!read) return;
        taken += 1;
        expect(read.from).toBeLessThanOrEqual(read.to);
        expect(Number.isInteger(read.from) && Number.isInteger(read.to)).toBe(true);
        expect(`${read.title}${read.description ?? ""}${read.service}`.isWellFormed()).toBe(true);
        const stored: unknown = JSON.parse(JSON.stringify(read));
        expect(annotationOf(stored)).toEqual(stored);
      }),
      { numRuns: 100_000 },
    );
    expect(taken).toBeGreaterThan(5000);
  });
});

test("two widgets that lie on each other are found, wherever they stand in the list", () => {
  fc.assert(
    fc.property(fc.array(layout, { maxLength: 30 }), (layouts) => {
      const pair = firstOverlap(layouts);
      const all = layouts.flatMap((a, i) => layouts.slice(i + 1).map((b, k) => ({ a, b, i, k: i + 1 + k })));
      if (!pair) expect(all.some(({ a, b }) => overlap(a, b))).toBe(false);
      else expect(all.some(({ a, b, i, k }) => i === pair[0] && k === pair[1] && overlap(a, b))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("texts keep no half characters and no U+0000, which no database keeps", () => {
  const body = {
    title: "a\0b",
    urlPath: "p",
    widgets: [{ type: "markdown", markdown: "x\uD800y", layout: { x: 0, y: 0, width: 4, height: 2 } }],
  };
  const read = dashboardOf(body);
  const [first] = read.widgets as readonly Extract<Widget, { type: "markdown" }>[];
  expect([read.title, first?.markdown]).toEqual(["a\uFFFDb", "x\uFFFDy"]);
});
