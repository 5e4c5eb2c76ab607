import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteSink, ByteSource } from "./codec/bytes.ts";
import { readSeconds, readTimes, writeSeconds, writeTimes } from "./codec/times.ts";
import { readValues, writeValues } from "./codec/values.ts";

function roundTrip(values: readonly number[], isThorough: boolean): Float64Array {
  const sink = new ByteSink();
  writeValues(Float64Array.from(values), values.length, isThorough, sink);
  const marker = 0xa5;
  sink.u8(marker);
  const source = new ByteSource(sink.view());
  const back = new Float64Array(values.length + 2);
  readValues(source, values.length, back, 1);
  expect(source.u8(), "the column ends where its reader says").toBe(marker);
  return back.subarray(1, values.length + 1);
}

const bitsOf = (values: Float64Array | readonly number[]): string[] =>
  Array.from(new BigUint64Array(Float64Array.from(values).buffer), String);

const plain = (n: number): number => (n === 0 ? 0 : n);
const decimal = (scale: number, limit: number): fc.Arbitrary<number> =>
  fc.integer({ min: -limit, max: limit }).map((n) => plain(n / scale));
const column = (value: fc.Arbitrary<number>): fc.Arbitrary<number[]> => fc.array(value, { minLength: 1, maxLength: 400 });
const columns: Record<string, fc.Arbitrary<number[]>> = {
  "any doubles": column(fc.double({ noNaN: true, noDefaultInfinity: true }).map(plain)),
  "small integers": column(fc.integer({ min: 0, max: 9 })),
  "large integers": column(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }).map(plain)),
  "integers around 2^31": column(fc.integer({ min: 2 ** 31 - 5, max: 2 ** 31 + 2 ** 24 })),
  "two decimals": column(decimal(100, 10_000)),
  "four decimals": column(decimal(10_000, 1e9)),
  "counters per minute": column(decimal(60, 1e9)),
  pages: column(fc.integer({ min: 0, max: 1e6 }).map((n) => n * 4096)),
  "long runs": fc
    .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 12 })
    .map((runs) => runs.flatMap(([value, length]) => Array.from({ length }, () => value))),
  "walks with rare jumps": column(
    fc.oneof({ weight: 20, arbitrary: fc.integer({ min: -2, max: 2 }) }, { weight: 1, arbitrary: fc.integer({ min: -1e9, max: 1e9 }) }),
  ).map((steps) => {
    let at = 0;
    return steps.map((step) => plain((at += step)));
  }),
};

describe("columns of values", () => {
  for (const [name, arbitrary] of Object.entries(columns)) {
    test(`${name} come back with every bit`, () => {
      fc.assert(
        fc.property(arbitrary, fc.boolean(), (values, isThorough) => {
          expect(bitsOf(roundTrip(values, isThorough))).toEqual(bitsOf(values));
        }),
        { numRuns: 300 },
      );
    });
  }

  test("edges of the number range come back", () => {
    for (const values of [
      [Number.MAX_VALUE, -Number.MAX_VALUE],
      [Number.MIN_VALUE, 0],
      [2 ** 53, 1],
      [2 ** 49, -(2 ** 49), 2 ** 49],
      [2 ** 49 + 1, -(2 ** 49), 0],
      [0.1 + 0.2, 0.3],
      [1e300, 1e-300, 1],
    ]) {
      for (const isThorough of [false, true]) expect(bitsOf(roundTrip(values, isThorough))).toEqual(bitsOf(values));
    }
  });

  test("a rate divided by 60 takes less than half the bytes of its double", () => {
    const sink = new ByteSink();
    const values = Float64Array.from({ length: 1440 }, (_, i) => (((i * 7919) % 60_000) + 100_000) / 60);
    writeValues(values, values.length, true, sink);
    expect(sink.length).toBeLessThan(1440 * 2.2);
  });
});

describe("columns of times", () => {
  const times = fc
    .tuple(fc.integer({ min: 0, max: 1000 }), fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 90 })), { maxLength: 200 }))
    .map(([first, gaps]) => gaps.reduce((list, gap) => [...list, (list.at(-1) ?? 0) + gap], [first]));

  test("ascending minutes come back", () => {
    fc.assert(
      fc.property(times, (list) => {
        const sink = new ByteSink();
        writeTimes(Uint32Array.from(list), list.length, sink);
        sink.u8(7);
        const source = new ByteSource(sink.view());
        const out = new Uint32Array(list.length);
        expect(readTimes(source, list[0] ?? 0, out)).toBe(list.length);
        expect([...out]).toEqual(list);
        expect(source.u8()).toBe(7);
      }),
    );
  });

  test("a point every five minutes takes four bytes for all its times", () => {
    const sink = new ByteSink();
    writeTimes(
      Uint32Array.from({ length: 288 }, (_, i) => i * 5),
      288,
      sink,
    );
    expect(sink.length).toBe(4);
  });

  test("seconds within the minute come back, and cost a byte when all are zero", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 59 }), { minLength: 1 }), (list) => {
        const sink = new ByteSink();
        writeSeconds(Uint8Array.from(list), list.length, sink);
        const out = new Uint8Array(list.length);
        readSeconds(new ByteSource(sink.view()), list.length, out);
        expect([...out]).toEqual(list);
      }),
    );
    const zero = new ByteSink();
    writeSeconds(new Uint8Array(1440), 1440, zero);
    expect(zero.length).toBe(1);
  });
});
