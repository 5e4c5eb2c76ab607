import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unixSeconds } from "#base/duration";
import { mostValues, parseMetricOutput } from "./metric-output.ts";

const now = unixSeconds(1_800_000_000);
const rules = { include: undefined, exclude: undefined, usesOwnTime: false };

describe("what a metric plugin prints", () => {
  test("becomes custom metrics at the minute's time, whatever stands between the fields", () => {
    const text = "a.b\t1.5\t1799999990\nc.d 2 1\r\n\n# comment\nno-time\t3\ne.f\t-4e2\t1 more\n";
    expect(parseMetricOutput(text, now, rules)).toEqual({
      values: [
        { name: "custom.a.b", value: 1.5, time: now },
        { name: "custom.c.d", value: 2, time: now },
        { name: "custom.e.f", value: -400, time: now },
      ],
      dropped: 0,
    });
  });

  test("loses NaN, infinities, words, bad names and what is beyond the limit", () => {
    const bad = [
      "a NaN 1",
      "b Inf 1",
      "c +Inf 1",
      "d 1e999 1",
      "e 0x10 1",
      "f 1_000 1",
      "g..h 1 1",
      "i/j 1 1",
      `${"k".repeat(250)} 1 1`,
      "l true 1",
    ];
    expect(parseMetricOutput(bad.join("\n"), now, rules)).toEqual({ values: [], dropped: bad.length });
    const many = Array.from({ length: mostValues + 5 }, (_, at) => `m${at} 1 1`).join("\n");
    expect(parseMetricOutput(many, now, rules)).toMatchObject({ dropped: 5, values: { length: mostValues } });
  });

  test("keeps its own times within a quarter of an hour when it is told to", () => {
    const text = [`a 1 ${now - 900}`, `a 2 ${now + 900}`, `a 3 ${now - 901}`, "a 4 0", "a 5 x"].join("\n");
    const { values, dropped } = parseMetricOutput(text, now, { ...rules, usesOwnTime: true });
    expect(values.map(({ value, time }) => [value, time - now])).toEqual([
      [1, -900],
      [2, 900],
    ]);
    expect(dropped).toBe(3);
  });

  test("is chosen by patterns on the name without its prefix", () => {
    const text = "disk.a 1 1\ndisk.b 1 1\nnet.a 1 1";
    const names = (include?: RegExp, exclude?: RegExp): readonly string[] =>
      parseMetricOutput(text, now, { include, exclude, usesOwnTime: false }).values.map(({ name }) => name);
    expect(names(/^disk/u)).toEqual(["custom.disk.a", "custom.disk.b"]);
    expect(names(undefined, /\.a$/u)).toEqual(["custom.disk.b"]);
    expect(names(/^disk/u, /b/u)).toEqual(["custom.disk.a"]);
  });

  test("whatever it is gives nothing but values that the server takes, in 200,000 inputs", { timeout: 120_000 }, () => {
    const word = fc.oneof(
      fc.constantFrom("a.b", "a..b", "NaN", "1e308", "1e309", "-0", "0x1", "1800000000", "", "\t", "\u2028", "\0", "é", "1.", ".5", "."),
      fc.string({ maxLength: 6 }),
      fc.string({ unit: "binary", maxLength: 4 }),
    );
    const line = fc.array(word, { maxLength: 5 }).map((words) => words.join("\t"));
    let lines = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.boolean(), (many, usesOwnTime) => {
        lines += 1;
        const { values, dropped } = parseMetricOutput(many.join("\n"), now, { ...rules, usesOwnTime });
        if (values.length + dropped > many.join("\n").split("\n").length) throw new Error("more values than lines");
        for (const { name, value, time } of values) {
          if (!/^custom(?:\.[-\w]+)+$/u.test(name) || !Number.isFinite(value) || Math.abs(time - now) > 900) throw new Error(name);
        }
      }),
      { numRuns: 200_000 },
    );
    expect(lines).toBeGreaterThanOrEqual(200_000);
  });
});
