import { uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { fuzz } from "#test/fuzz";
import { snappy, writeRequest, writeRequest2, type TestSeries } from "#test/protobuf-bodies";
import { defaultMapping } from "#wire/prometheus";
import { Plans } from "./plans.ts";
import { readWriteRequest } from "./read-write-1.ts";
import { readRequest2 } from "./read-write-2.ts";
import { inflateSnappy } from "./snappy.ts";
import { WriteSink } from "./write-sink.ts";

const most = 1_000_000;
const plansOf = (): Plans => new Plans({ revision: 0, settings: defaultMapping, rules: [] });
const sinkOf = (plans = plansOf()): WriteSink => new WriteSink(plans);
const isOurs = (error: unknown): boolean => error instanceof HinobanError && error.status >= 400 && error.status < 500;

const stale = new DataView(new ArrayBuffer(8));
stale.setBigUint64(0, 0x7ff0000000000002n);
const series: readonly TestSeries[] = [
  {
    labels: { __name__: "up", instance: "web1:9100", job: "node" },
    samples: [
      [1000, 1],
      [2000, 0],
    ],
  },
  {
    labels: { __name__: "http_requests_total", code: "200", instance: "web1:9100" },
    samples: [
      [1000, 5],
      [1000, stale.getFloat64(0)],
      [1500, Infinity],
    ],
    type: 1,
    createdAt: 500,
  },
  { labels: { __name__: "latency", instance: "web1:9100" }, samples: [], histograms: [[1000, 10, 2.5]], type: 3 },
  { labels: { instance: "web1:9100" }, samples: [[1000, 1]] },
];

const found = (sink: WriteSink): unknown[] =>
  sink.samples.plans.map((plan, index) => [
    plan.outputs[0]?.name,
    plan.outputs[0]?.isRate,
    sink.samples.at(index),
    sink.samples.value(index),
    sink.samples.startedAt(index),
  ]);

test("both versions of remote write say the same", () => {
  const [one, two] = [sinkOf(), sinkOf()];
  readWriteRequest(writeRequest(series, { latency: 3, http_requests: 1 }), one);
  const counts = readRequest2(writeRequest2(series), two);
  expect(found(one)).toEqual([
    ["custom.prometheus.up", false, 1000, 1, 0],
    ["custom.prometheus.up", false, 2000, 0, 0],
    ["custom.prometheus.http_requests_total.200", true, 1000, 5, 0],
    ["custom.prometheus.latency_count", true, 1000, 10, 0],
    ["custom.prometheus.latency_sum", true, 1000, 2.5, 0],
  ]);
  expect(found(two)).toEqual(
    found(one).map((sample, index) => (index === 2 ? ["custom.prometheus.http_requests_total.200", true, 1000, 5, 500] : sample)),
  );
  expect(counts).toEqual({ samples: 6, histograms: 1, exemplars: 0 });
  expect([one.empty, one.nameless, two.empty, two.nameless]).toEqual([2, 1, 2, 1]);
});

test("what a family is decides once it is described", () => {
  const sink = sinkOf();
  const body = writeRequest([{ labels: { __name__: "threads_count", instance: "a" }, samples: [[1, 1]] }]);
  readWriteRequest(body, sink);
  readWriteRequest(writeRequest([], { threads_count: 2 }), sink);
  readWriteRequest(body, sink);
  expect(sink.samples.plans.map((plan) => plan.outputs[0]?.isRate)).toEqual([true, false]);
});

test("a request that names what it does not bring is refused", () => {
  expect(() => readRequest2(Buffer.from([0x22, 0x01, 0x61]), sinkOf())).toThrow("first symbol must be the empty text");
  expect(() => readRequest2(Buffer.from([0x22, 0x00, 0x2a, 0x04, 0x0a, 0x02, 0x00, 0x07]), sinkOf())).toThrow("a symbol that is not there");
  expect(() => readRequest2(Buffer.from([0x22, 0x00, 0x2a, 0x03, 0x0a, 0x01, 0x00]), sinkOf())).toThrow("pairs");
});

test("what is compressed comes out as it went in", () => {
  for (const plain of ["", "a", "abc".repeat(1000), Array.from({ length: 5000 }, (_, i) => String(i * i)).join(), "é".repeat(70_000)]) {
    expect(inflateSnappy(snappy(Buffer.from(plain)), most).toString("utf8")).toBe(plain);
  }
});

test("every form of literal and copy is read", () => {
  // 70 bytes as a literal with a one-byte length, then copies with one-, two- and four-byte offsets, the second overlapping itself.
  const literal = Buffer.from(Array.from({ length: 70 }, (_, i) => 48 + (i % 70)));
  const body = Buffer.concat([
    Buffer.from([70 + 4 + 20 + 8]),
    Buffer.from([60 << 2, 69]),
    literal,
    Buffer.from([0b001_000_01 & 0x1d, 70]),
    Buffer.from([(19 << 2) | 2, 3, 0]),
    Buffer.from([(7 << 2) | 3, 94, 0, 0, 0]),
  ]);
  expect([...inflateSnappy(body, most)]).toEqual([...uncompress(body)]);
});

test.each([
  ["nothing", []],
  ["a length that does not end", [0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ["a length above 32 bits", [0xff, 0xff, 0xff, 0xff, 0x1f]],
  ["less than its length says", [5, 0x04, 1, 2]],
  ["more than its length says", [1, 0x04, 1, 2]],
  ["a literal that is cut off", [10, 0x24, 1]],
  ["a literal of four gigabytes", [20, 0xfc, 0xf6, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]],
  ["a copy from before the beginning", [8, 0x00, 1, 0x01, 5]],
  ["a copy with offset 0", [8, 0x00, 1, 0x01, 0]],
  ["a copy that is cut off", [8, 0x00, 1, 0x02, 1]],
])("refuses %s", (_what, bytes) => {
  expect(() => inflateSnappy(Buffer.from(bytes), most)).toThrow("Snappy");
});

test("a bomb is refused by the length in front of it, before anything is inflated", () => {
  const bomb = snappy(Buffer.alloc(50_000_000));
  const before = process.memoryUsage().arrayBuffers;
  expect(() => inflateSnappy(bomb, most)).toThrow("50000000 bytes");
  expect(() => inflateSnappy(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61]), most)).toThrow("4294967295 bytes");
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
});

test("200,000 broken compressed bodies are inflated or refused", () => {
  const seeds = [
    snappy(writeRequest(series)),
    snappy(Buffer.from("abcd".repeat(30))),
    Buffer.from([20, 0xfc, 0x0f, 0, 0, 0, ...Array.from({ length: 20 }, () => 7)]),
  ];
  const { taken, refused } = fuzz(seeds, (input) => inflateSnappy(input, most), isOurs);
  expect(taken).toBeGreaterThan(5000);
  expect(refused).toBeGreaterThan(50_000);
});

// Naming what was read costs more than reading it, and is not what is tested here.
const nobody = { of: () => undefined, describe: () => undefined } as unknown as Plans;

test.each([
  ["1.0", writeRequest(series, { up: 2 }), readWriteRequest],
  ["2.0", writeRequest2(series), readRequest2],
] as const)("200,000 broken requests of version %s are read or refused", (_version, seed, read) => {
  const { taken, refused } = fuzz([seed], (input) => read(input, sinkOf(nobody)), isOurs);
  expect(taken).toBeGreaterThan(5000);
  expect(refused).toBeGreaterThan(50_000);
});

test("whatever is read has a plan", () => {
  for (const [seed, read] of [
    [writeRequest(series, { up: 2 }), readWriteRequest],
    [writeRequest2(series), readRequest2],
  ] as const) {
    expect(fuzz([seed], (input) => read(input, sinkOf()), isOurs, { runs: 10_000, seed: 2 }).taken).toBeGreaterThan(200);
  }
});
