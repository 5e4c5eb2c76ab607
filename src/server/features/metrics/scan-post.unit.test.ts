import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { FakeMetricStore } from "#ports/metric-store/fake";
import { FakeClock } from "#test/fake-clock";
import { mostPointsPerPost, PostScanner, type ScannedPost } from "./scan-post.ts";

const hosts = new Map([
  ["h1", "source-1"],
  ["h2", "source-2"],
  ["3Yr", "source-3"],
]);
const resolve = (hostId: string): string | undefined => hosts.get(hostId);

interface Bench {
  readonly scanner: PostScanner;
  /** Series in order of their making. */
  readonly made: string[];
}

function bench(): Bench {
  const store = new FakeMetricStore(new FakeClock(unixMs(0)));
  const made: string[] = [];
  const seriesOf = (source: string, name: string): ReturnType<FakeMetricStore["seriesOf"]> => {
    const ref = store.seriesOf(source, name);
    if (Number(ref) === made.length) made.push(`${source} ${name}`);
    return ref;
  };
  return { scanner: new PostScanner({ seriesOf }), made };
}

/** What came of a post, in plain values. */
function outcome(made: readonly string[], scan: () => ScannedPost): unknown {
  try {
    const { columns, sources, skipped, problems } = scan();
    const points = Array.from({ length: columns.count }, (_, i) => [made[columns.series[i] ?? -1], columns.times[i], columns.values[i]]);
    expect(columns.values.subarray(0, columns.count).every((v) => !Object.is(v, -0))).toBe(true);
    return { points, sources: [...sources].sort(), skipped, problems };
  } catch (error) {
    if (error instanceof HinobanError) return error.code;
    throw error;
  }
}

const body = (text: string): Buffer => Buffer.from(text, "utf8");

function both({ scanner, made }: Bench, text: string): unknown {
  const fast = outcome(made, () => scanner.scan(body(text), resolve));
  const slow = outcome(made, () => scanner.parse(body(text), resolve));
  expect(fast).toEqual(slow);
  return fast;
}

const point = (host: string, name: string, time: number, value: number | string): string =>
  `{"hostId":"${host}","name":"${name}","time":${time},"value":${value}}`;

describe("posts of metrics", () => {
  test("an agent's post becomes columns, also the second time when its names are known", () => {
    const b = bench();
    const post = (shift: number): string =>
      `[${[point("h1", "loadavg5", 1000 + shift, "0.07"), point("h1", "cpu.user.percentage", 1000 + shift, "12.5e-1"), point("h2", "loadavg5", 1060, "3")].join(",")}]\n`;
    for (const shift of [0, 60, 120]) {
      expect(both(b, post(shift))).toEqual({
        points: [
          ["source-1 loadavg5", 1000 + shift, 0.07],
          ["source-1 cpu.user.percentage", 1000 + shift, 1.25],
          ["source-2 loadavg5", 1060, 3],
        ],
        sources: ["source-1", "source-2"],
        skipped: 0,
        problems: [],
      });
    }
  });

  test("names in another order each time are found all the same", () => {
    const b = bench();
    const names = Array.from({ length: 35 }, (_, i) => `custom.plugin.metric_${i * 7919}`);
    for (let round = 0; round < 20; round++) {
      const shuffled = names.toSorted(
        (x, y) =>
          ((x.length * 31 + round * 17 + x.charCodeAt(x.length - 1)) % 13) -
          ((y.length * 31 + round * 17 + y.charCodeAt(y.length - 1)) % 13),
      );
      const result = both(b, `[${shuffled.map((name, i) => point("h1", name, 60 * round, i)).join(",")}]`);
      expect(result).toMatchObject({ points: shuffled.map((name, i) => [`source-1 ${name}`, 60 * round, i]), problems: [] });
    }
  });

  test("points of unknown hosts are skipped and counted, the others stay", () => {
    const b = bench();
    expect(both(b, `[${point("nobody", "m", 1, 1)},${point("h1", "m", 1, 2)},${point("nobody", "m", 2, 1)}]`)).toEqual({
      points: [["source-1 m", 1, 2]],
      sources: ["source-1"],
      skipped: 2,
      problems: [],
    });
  });

  test("one bad point is named with its place and field and loses none of the others", () => {
    const b = bench();
    const bad: [string, string][] = [
      [point("h1", "a..b", 1, 1), "name"],
      [point("h1", "", 1, 1), "name"],
      [point("h1", "日本", 1, 1), "name"],
      [point("h1", "x".repeat(256), 1, 1), "name"],
      [point("h1", "m", 1.5, 1), "time"],
      [point("h1", "m", -1, 1), "time"],
      [point("h1", "m", 2 ** 32, 1), "time"],
      [point("h1", "m", 1, '"1"'), "value"],
      [point("h1", "m", 1, "1e999"), "value"],
      [point("h1", "m", 1, "null"), "value"],
      [`{"hostId":7,"name":"m","time":1,"value":1}`, "hostId"],
      [`{"name":"m","time":1,"value":1}`, "hostId"],
    ];
    for (const [text, field] of bad) {
      expect(both(b, `[${point("h1", "good", 1, 1)},${text},${point("h2", "good", 1, 1)}]`)).toMatchObject({
        points: [
          ["source-1 good", 1, 1],
          ["source-2 good", 1, 1],
        ],
        problems: [{ index: 1, field }],
      });
    }
  });

  test("a document of another shape is refused as a whole, and makes no series", () => {
    const b = bench();
    const good = point("h1", "never-made", 1, 1);
    expect(both(b, `{"a":1}`)).toBe("invalid-input");
    expect(both(b, `[${good},[]]`)).toBe("invalid-input");
    expect(both(b, `[${good},null]`)).toBe("invalid-input");
    expect(both(b, `[${good},`)).toBe("bad-request");
    expect(both(b, `[${good}]x`)).toBe("bad-request");
    expect(both(b, "")).toBe("bad-request");
    expect(both(b, `[${good}${`,${good}`.repeat(mostPointsPerPost)}]`)).toBe("too-large");
    expect(b.made).toEqual([]);
    expect(both(b, "[]")).toEqual({ points: [], sources: [], skipped: 0, problems: [] });
  });

  test("what only looks like a number is refused by both ways", () => {
    const b = bench();
    for (const number of ["", "-", "007", "1.", ".5", "+1", "0x10", "1e", "1e+", "--1", "1_000", "Infinity", "NaN"]) {
      expect(both(b, `[${point("h1", "m", 1, number)}]`)).toBe("bad-request");
      expect(both(b, `[{"hostId":"h1","name":"m","time":${number},"value":1}]`)).toBe("bad-request");
    }
  });

  test("every number that JSON can write is read to the last bit", () => {
    const b = bench();
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.integer(),
          fc.integer().map((n) => n / 100),
          fc.integer().map((n) => n / 60),
        ),
        (value) => {
          expect(both(b, `[${point("h1", "m", 1, JSON.stringify(value))}]`)).toMatchObject({ points: [["source-1 m", 1, value + 0]] });
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("decimals of any length are read to the last bit, also those that lie between two doubles", () => {
    const b = bench();
    const digits = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 24 }).map((list) => list.join("").replace(/^0+(?=.)/u, ""));
    const decimal = fc.tuple(digits, fc.nat({ max: 25 }), fc.boolean()).map(([text, shift, isNegative]) => {
      const padded = text.padStart(shift + 1, "0");
      const whole = shift === 0 ? padded : `${padded.slice(0, -shift)}.${padded.slice(-shift)}`;
      return `${isNegative ? "-" : ""}${whole}`;
    });
    // 2^53 + 1 and its like are exactly between two doubles; so are halves of the last place written out.
    const between = fc.integer({ min: 0, max: 1e6 }).map((n) => String(2n ** 53n + 2n * BigInt(n) + 1n));
    const half = fc
      .tuple(fc.integer({ min: 2 ** 51, max: 2 ** 52 }), fc.constantFrom("25", "75", "250", "2500000", "2499999", "7500001"))
      .map(([n, tail]) => `${n}.${tail}`);
    fc.assert(
      fc.property(fc.oneof(decimal, between, half), (text) => {
        expect(both(b, `[${point("h1", "m", 1, text)}]`)).toMatchObject({ points: [["source-1 m", 1, Number(text) + 0]] });
      }),
      { numRuns: 5000 },
    );
  });

  test("the two ways agree on whatever a post is mangled into", () => {
    const b = bench();
    const element = fc
      .tuple(
        fc.constantFrom("h1", "h2", "3Yr", "nobody", "", "a\\u0041", "h1 ", "é"),
        fc.constantFrom("loadavg5", "a", "a.b", "a..b", "custom.x.y-z_1", "", "#", "n".repeat(255), "n".repeat(256)),
        fc.constantFrom("0", "1", "1000", "1767600000", "4294967295", "4294967296", "01", "1.0", "1e3", "-0", "-1", "null"),
        fc.constantFrom(
          "0",
          "-0",
          "0.1",
          "123456789012345",
          "1234567890123456789",
          "0.1234567890123456",
          "1e-7",
          "1E5",
          "-12.50",
          "1e400",
          "00",
          '"1"',
          "true",
          "0.000000000000000000000001",
        ),
      )
      .map(([host, name, time, value]) => `{"hostId":"${host}","name":"${name}","time":${time},"value":${value}}`);
    const other = fc.constantFrom(
      "null",
      "1",
      "[]",
      "{}",
      `{"name":"a","hostId":"h1","value":1,"time":2}`,
      `{"hostId":"h1","name":"a","time":1,"value":1,"more":{}}`,
      ` {"hostId" : "h1","name":"a","time":1,"value":1}`,
      `{"hostId":"h1","hostId":"h2","name":"a","time":1,"value":1}`,
    );
    const text = fc
      .tuple(
        fc.array(fc.oneof({ weight: 6, arbitrary: element }, { weight: 1, arbitrary: other }), { maxLength: 6 }),
        fc.constantFrom("", "\n", " ", "]", ",", "\0"),
      )
      .map(([elements, tail]) => `[${elements.join(",")}]${tail}`);
    const mangled = fc
      .tuple(
        text,
        fc.array(fc.tuple(fc.nat(), fc.constantFrom("", '"', "\\", ",", "0", ".", "-", "e", "{", "}", "]", " ", "\u0001", "あ")), {
          maxLength: 2,
        }),
      )
      .map(([whole, edits]) =>
        edits.reduce((t, [at, piece]) => t.slice(0, at % (t.length + 1)) + piece + t.slice((at % (t.length + 1)) + (at % 2)), whole),
      );
    fc.assert(
      fc.property(fc.oneof(text, mangled), (t) => {
        both(b, t);
      }),
      { numRuns: 3000 },
    );
  });

  test("more names than the scanner remembers are read all the same", () => {
    const b = bench();
    for (let round = 0; round < 3; round++) {
      const points = Array.from({ length: 5000 }, (_, i) => point("h1", `custom.n.${i}`, 60, i));
      expect(both(b, `[${points.join(",")}]`)).toMatchObject({ skipped: 0, problems: [] });
    }
    expect(b.made.length).toBe(5000);
  });
});
