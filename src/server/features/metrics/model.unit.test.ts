import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cpuPercent,
  diskPercent,
  fillCaptures,
  graphOf,
  isDefinedName,
  isMetricName,
  lastSegment,
  matchWildcards,
  offeredNames,
  roleSourceOf,
  share,
  sourceOf,
  sumOf,
} from "./model.ts";

const segment = fc.stringMatching(/^[-a-zA-Z0-9_]{1,6}$/);
const name = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join("."));

describe("metric names", () => {
  test("are segments with single dots", () => {
    for (const good of ["loadavg5", "cpu.user.percentage", "custom.a-b.c_d.9", "a"]) expect(isMetricName(good), good).toBe(true);
    for (const bad of ["", ".", "a..b", ".a", "a.", "a b", "é", "a/b", "x".repeat(256)]) expect(isMetricName(bad), bad).toBe(false);
  });

  test("in definitions begin with custom and hold at most one #", () => {
    for (const good of ["custom.a", "custom.*", "custom.#.b.*", "custom.*.*.c"]) expect(isDefinedName(good), good).toBe(true);
    for (const bad of ["custom", "loadavg", "custom.#.#", "custom.a*", "custom..a", "custom.a."])
      expect(isDefinedName(bad), bad).toBe(false);
  });

  test("are their graph, a dot and their last segment", () => {
    fc.assert(
      fc.property(name, (one) => {
        expect(one.includes(".") ? `${graphOf(one)}.${lastSegment(one)}` : graphOf(one)).toBe(one);
      }),
    );
  });
});

describe("wildcards", () => {
  test("a name without any matches itself and nothing else", () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(matchWildcards(a, b) !== undefined).toBe(a === b);
      }),
    );
  });

  test("replacing any segments by wildcards still matches, and captures exactly these segments", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(segment, fc.constantFrom("", "*", "#")), { minLength: 1, maxLength: 6 }), (parts) => {
        const pattern = parts.map(([text, wild]) => wild || text).join(".");
        const match = matchWildcards(pattern, parts.map(([text]) => text).join("."));
        expect(match?.captures).toEqual(parts.filter(([, wild]) => wild !== "").map(([text]) => text));
        expect(match?.group).toBe(parts.findLast(([, wild]) => wild === "#")?.[0]);
      }),
    );
  });

  test("stand for one whole segment: never for none, part of one or several", () => {
    expect(matchWildcards("custom.*.x", "custom.x")).toBeUndefined();
    expect(matchWildcards("custom.*.x", "custom.a.b.x")).toBeUndefined();
    expect(matchWildcards("custom.a*.x", "custom.ab.x")).toBeUndefined();
  });

  test("a pattern and a name of different length never match", () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        fc.pre(a.split(".").length !== b.split(".").length);
        expect(matchWildcards(a.replaceAll(/[^.]+/gu, "*"), b)).toBeUndefined();
      }),
    );
  });

  test("fill in display names", () => {
    expect(fillCaptures("%1 of %2, %3 %", { captures: ["reads", "sda"] })).toBe("reads of sda, %3 %");
  });
});

describe("cpu%", () => {
  test("is the part of all cores that is not idle, however many there are", () => {
    expect(cpuPercent(180, [20])).toBeCloseTo(10, 9);
    expect(cpuPercent(90, [10])).toBeCloseTo(10, 9);
    expect(cpuPercent(0, [400])).toBe(100);
    expect(cpuPercent(800, [0, 0])).toBe(0);
  });

  test("is unknown without idle, and does not mind a missing kind", () => {
    expect(cpuPercent(Number.NaN, [10])).toBeNaN();
    expect(cpuPercent(0, [])).toBeNaN();
    expect(cpuPercent(50, [50, Number.NaN])).toBe(50);
  });

  test("stays within 0 and 100 and is the same for any number of equal cores", () => {
    const values = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(values, fc.array(values, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 128 }), (idle, busy, cores) => {
        const percent = cpuPercent(idle, busy);
        fc.pre(idle + busy.reduce((a, b) => a + b, 0) > 1e-3);
        expect(percent).toBeGreaterThanOrEqual(0);
        expect(percent).toBeLessThanOrEqual(100);
        expect(
          cpuPercent(
            idle * cores,
            busy.map((value) => value * cores),
          ),
        ).toBeCloseTo(percent, 6);
      }),
    );
  });
});

describe("other rates", () => {
  test("swap% says nothing on a machine without swap", () => {
    expect(share(0, 0)).toBeNaN();
    expect(share(1, 4)).toBe(25);
  });

  test("disk% is that of the fullest file system", () => {
    expect(diskPercent([10, 100, 90, 100, Number.NaN, 100])).toBe(90);
    expect(diskPercent([Number.NaN, 1])).toBeNaN();
    expect(diskPercent([])).toBeNaN();
  });

  test("a sum is unknown only when every part is", () => {
    expect(sumOf([1, Number.NaN, 2])).toBe(3);
    expect(sumOf([Number.NaN])).toBeNaN();
  });
});

describe("where a metric comes from", () => {
  const posted = new Set([
    "memory.mem_available",
    "memory.swap_total",
    "memory.swap_free",
    "cpu.idle.percentage",
    "cpu.user.percentage",
    "filesystem.vda.used",
    "filesystem.vda.size",
    "filesystem.vdb.used",
  ]);

  test("what was posted is taken as it is, even under a name that could be computed", () => {
    expect(sourceOf("memory.available", new Set(["memory.available", "memory.mem_available"]))).toEqual({
      kind: "stored",
      name: "memory.available",
    });
    expect(sourceOf("memory.swap_used", new Set(["memory.swap_used"]))).toEqual({ kind: "stored", name: "memory.swap_used" });
  });

  test("Linux agents' names stand behind those that people know", () => {
    expect(sourceOf("memory.available", posted)).toEqual({ kind: "stored", name: "memory.mem_available" });
    const swap = sourceOf("memory.swap_used", posted);
    expect(swap.kind === "computed" && swap.compute([50, 20])).toBe(30);
    expect(offeredNames(posted)).toEqual([...posted, "memory.available", "memory.swap_used"].toSorted());
  });

  test("cpu% and disk% take what the host has", () => {
    expect(sourceOf("cpu%", posted)).toMatchObject({ inputs: ["cpu.idle.percentage", "cpu.user.percentage"] });
    expect(sourceOf("disk%", posted)).toMatchObject({ inputs: ["filesystem.vda.used", "filesystem.vda.size"] });
  });

  test("a role's network and disk graphs add up whatever devices its hosts have", () => {
    const devices = new Set(["interface.eth0.rxBytes.delta", "interface.ens5.rxBytes.delta", "interface.eth0.txBytes.delta"]);
    const source = roleSourceOf("interface.rxBytes.delta", devices);
    expect(source).toMatchObject({ kind: "computed", inputs: ["interface.ens5.rxBytes.delta", "interface.eth0.rxBytes.delta"] });
  });
});
