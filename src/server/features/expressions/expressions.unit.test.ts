import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { fuzz } from "#test/fuzz";
import { combine, percentile } from "./combine.ts";
import { leavesOf, numberOf, secondsOf } from "./model.ts";
import { parseExpression } from "./parse.ts";
import { fit, movingAverage, never, secondsUntil } from "./windows.ts";

const values = (...all: readonly (number | null)[]): Float64Array => Float64Array.from(all, (value) => value ?? Number.NaN);
const seen = (line: Float64Array): (number | null)[] => [...line].map((value) => (Number.isNaN(value) ? null : value));

describe("the text of an expression", () => {
  test.each([
    ["host(22CXRB3pZmu, memory.*)", { kind: "host", hostId: "22CXRB3pZmu", metric: "memory.*" }],
    ["service('Blog', \"access.4xx\")", { kind: "service", service: "Blog", metric: "access.4xx" }],
    ["role(Blog:db, loadavg5)", { kind: "role", service: "Blog", role: "db", metric: "loadavg5" }],
    ["roleSlots( Blog: db , memory.used )", { kind: "roleSlots", service: "Blog", role: "db", metric: "memory.used" }],
    ['roleSlots("Blog: db", loadavg5)', { kind: "roleSlots", service: "Blog", role: "db", metric: "loadavg5" }],
  ])("%s names a metric", (text, node) => {
    expect(parseExpression(text)).toEqual({ ...node, text });
  });

  test("functions stand in each other as deep as they like, with lengths, fractions and names", () => {
    const text = `alias(
      scale(timeLeftForecast(host(H, filesystem.vda.used), 3mo, 2000000000000), 1/86400),
      'days left, roughly')`;
    expect(parseExpression(text)).toMatchObject({
      kind: "alias",
      name: "days left, roughly",
      of: { kind: "scale", by: 1 / 86_400, of: { kind: "timeLeftForecast", seconds: 90 * 86_400, threshold: 2e12 } },
    });
  });

  test("a function of many metrics takes one or more", () => {
    expect(parseExpression("sum(host(a, b))")).toMatchObject({ of: [{ hostId: "a" }] });
    expect(leavesOf(parseExpression("group(host(a, b), avg(host(c, d), role(ef:gh, i)), stack(host(j, k)))"))).toHaveLength(4);
  });

  test.each([
    ["", "line 1, column 1: expected a function"],
    ["loadavg5", "line 1, column 1: expected a function"],
    ["avg(", "line 1, column 5: expected a function"],
    ["avg(host(a, b)", 'line 1, column 15: expected ")", not the end; usage: avg(metrics)'],
    ["avg(host(a, b)) x", 'line 1, column 17: nothing may follow the last bracket, but here stands "x"'],
    ["host(a)", 'line 1, column 7: expected ",", not ")"; usage: host(host id, metric)'],
    ["host(a, b, c)", 'line 1, column 10: expected ")", not ","'],
    ["host('a, b)", "line 1, column 6: the quotation mark ' is not closed"],
    ["scale(host(a, b), many)", 'line 1, column 19: expected a number such as 10, -0.5 or 1/60, not "many"'],
    ["timeShift(host(a, b),\n 3x)", "line 2, column 2: expected a length of time such as 30m"],
    ["percentile(host(a, b), 100)", "line 1, column 24: expected a number between 0 and 100"],
    ["role(Blog, x)", "line 1, column 6: expected a role as service:role"],
    ["median(host(a, b))", "line 1, column 1: expected a function (host, service, role"],
    ["scale(host(a, b), 1/0)", "line 1, column 19: expected a number"],
    [`${"avg(".repeat(60)}host(a, b)${")".repeat(60)}`, "functions stand more than 50 deep in each other"],
  ])("%j is refused with its place", (text, problem) => {
    expect(() => parseExpression(text)).toThrow(problem);
  });

  test("no text makes the reader fail in another way than by a refusal", () => {
    fuzz(
      ["avg(roleSlots(Blog: db, loadavg5))", "scale(timeShift(host('a', \"b\"), 1d), -1/3)", "alias(group(host(a,b),service(c,d)),'x')"],
      (text) => parseExpression(text.toString("utf8")),
      (error) => error instanceof HinobanError && error.code === "invalid-input",
    );
  });

  test("lengths and numbers", () => {
    expect(["1m", "2h", "7d", "2w", "3mo", "1y", "0d", "d", "1.5h", "11y"].map(secondsOf)).toEqual([
      60,
      7200,
      604_800,
      1_209_600,
      7_776_000,
      31_536_000,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(["1", "-2.5", "1/4", "1e3", ".5", "x", "1/0", "--1", "Infinity"].map(numberOf)).toEqual([
      1,
      -2.5,
      0.25,
      1000,
      0.5,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("computing", () => {
  test("a line without a value at a moment says nothing about that moment", () => {
    const lines = [values(1, null, 4, null), values(3, 5, null, null)];
    expect(seen(combine("avg", lines, 4))).toEqual([2, 5, 4, null]);
    expect(seen(combine("sum", lines, 4))).toEqual([4, 5, 4, null]);
    expect(seen(combine("product", lines, 4))).toEqual([3, 5, 4, null]);
    expect(seen(combine("max", lines, 4))).toEqual([3, 5, 4, null]);
    expect(seen(combine("min", lines, 4))).toEqual([1, 5, 4, null]);
  });

  test("a percentile lies between the values around it", () => {
    const lines = [1, 2, 3, 4].map((value) => values(value));
    expect(seen(percentile(50, lines, 1))).toEqual([2.5]);
    expect(percentile(95, lines, 1)[0]).toBeCloseTo(3.85, 10);
  });

  test("a moving average is the mean of what the window holds, gaps left out", () => {
    expect(seen(movingAverage(values(1, 2, 3, null, null, null, 9), 3))).toEqual([2, 2.5, 3, null, 9]);
  });

  test("a moving average equals the one computed anew at each place", () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: -1000, max: 1000 })), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 10 }),
        (all, window) => {
          const naive = all.slice(window - 1).map((_, i) => {
            const inside = all.slice(i, i + window).filter((value) => value !== null);
            return inside.length === 0 ? null : inside.reduce((sum, value) => sum + value, 0) / inside.length;
          });
          const fast = seen(movingAverage(values(...all), window));
          expect(fast.length).toBe(naive.length);
          fast.forEach((value, i) => (value === null ? expect(naive[i]).toBeNull() : expect(value).toBeCloseTo(naive[i] ?? Number.NaN, 6)));
        },
      ),
    );
  });

  test("a fitted line goes through points that lie on one", () => {
    expect(fit([0, 60, 120], [10, 40, 70])).toEqual({ at0: 10, slope: 0.5 });
    expect(fit([5], [1])).toBeUndefined();
  });

  test("a forecast is the time until the line arrives, nothing when it has, and a hundred years when it never will", () => {
    expect(secondsUntil({ at0: 50, slope: 1 }, 110)).toBe(60);
    expect(secondsUntil({ at0: 50, slope: -1 }, 20)).toBe(30);
    expect(secondsUntil({ at0: 120, slope: 1 }, 110)).toBe(0);
    expect(secondsUntil({ at0: 50, slope: -1 }, 110)).toBe(never);
    expect(secondsUntil({ at0: 50, slope: 0 }, 110)).toBe(never);
  });
});
