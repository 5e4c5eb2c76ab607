import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePerfdata, perfMetricName } from "./perfdata.ts";

const found = (text: string): unknown => Object.fromEntries(parsePerfdata(text).map(({ label, value }) => [label, value]));

describe("performance data", () => {
  test("of real checks is understood, without units and limits", () => {
    expect(found("LOAD OK - total load average: 0.10, 0.20, 0.30|load1=0.100;5.000;10.000;0; load5=0.200;;;0;")).toEqual({
      load1: 0.1,
      load5: 0.2,
    });
    expect(found("DISK OK - free space: / 10 MB (50% inode=80%);| /=9MB;10;20;0;30 '/srv/my data'=1MB;;;0;2")).toEqual({
      "/": 9,
      "/srv/my data": 1,
    });
    expect(found("PING OK|rta=0.045000ms;100.000000;500.000000;0.000000 pl=0%;20;60;0")).toEqual({ rta: 0.045, pl: 0 });
    expect(found("OK | 'it''s'=1c time=-2.5e-3s;;; missing=U\nlong text\nmore|b=2\nc=3")).toEqual({ "it's": 1, time: -0.0025, b: 2, c: 3 });
    expect(found("no bar a=1\nno bar either b=2")).toEqual({});
  });

  test("gets a metric's name from the check's and its own", () => {
    expect(perfMetricName("disk root", "/")).toBe("custom.check.disk_root.root");
    expect(perfMetricName("disk", "/srv/my data")).toBe("custom.check.disk.srv_my_data");
    expect(perfMetricName("load", "load.1")).toBe("custom.check.load.load_1");
    expect(perfMetricName("x", "あ")).toBeUndefined();
  });

  test(
    "whatever it is gives finite numbers and good names, in 200,000 inputs, and a bad one takes no long time",
    { timeout: 120_000 },
    () => {
      const piece = fc.oneof(
        fc.constantFrom("|", "'", "''", "=", "1", ";", "\n", " ", "a", "1e999", "U", "/", "%"),
        fc.string({ maxLength: 3 }),
      );
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
          for (const { label, value } of parsePerfdata(pieces.join(""))) {
            const name = perfMetricName("c", label);
            if (!Number.isFinite(value) || (name !== undefined && !/^custom\.check\.c\.[-\w]+$/u.test(name))) throw new Error(label);
          }
        }),
        { numRuns: 200_000 },
      );
      const began = performance.now();
      parsePerfdata(`|${"'".repeat(64 * 1024)}`);
      parsePerfdata(`|${"a".repeat(64 * 1024)}`);
      parsePerfdata(`|${"a=1".repeat(64 * 1024)}`);
      expect(performance.now() - began).toBeLessThan(2000);
    },
  );
});
