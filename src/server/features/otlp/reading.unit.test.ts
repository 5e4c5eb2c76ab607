import { expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { fuzz } from "#test/fuzz";
import { otlpJson, otlpProtobuf, type TestResource } from "#test/protobuf-bodies";
import { readJson } from "./read-json.ts";
import { readProtobuf } from "./read-protobuf.ts";

const isOurs = (error: unknown): boolean => error instanceof HinobanError && error.status >= 400 && error.status < 500;

const resources: readonly TestResource[] = [
  {
    attributes: { "host.name": "web1", "host.ip": ["192.0.2.1", "2001:db8::1"], "process.pid": 42, ratio: 0.5, ok: true },
    metrics: [
      { name: "queue", kind: "gauge", points: [{ attributes: { q: "mail" }, at: 1_700_000_000_000, asDouble: 1.5 }] },
      { name: "gone", kind: "gauge", points: [{ at: 1_700_000_000_000, asDouble: 1, flags: 1 }] },
      {
        name: "requests",
        kind: "sum",
        temporality: 2,
        isMonotonic: true,
        points: [{ startedAt: 1_600_000_000_000, at: 1_700_000_000_000, asInt: -7 }],
      },
      {
        name: "latency",
        kind: "histogram",
        temporality: 1,
        points: [{ at: 1_700_000_000_000, count: 3, sum: 6, min: 1, max: 3, bounds: [1, 2], counts: [1, 1, 1] }],
      },
      {
        name: "size",
        kind: "exponentialHistogram",
        temporality: 2,
        points: [{ at: 1_700_000_000_000, count: 4, sum: 9, scale: -1, zero: 1, offset: -2, counts: [1, 0, 2] }],
      },
      {
        name: "gc",
        kind: "summary",
        points: [
          {
            at: 1_700_000_000_000,
            count: 2,
            sum: 3,
            quantiles: [
              [0.5, 1],
              [1, 2],
            ],
          },
        ],
      },
    ],
  },
  { attributes: { "service.name": "shop" }, metrics: [] },
];

const expected = {
  attributes: new Map([
    ["host.name", "web1"],
    ["host.ip", '["192.0.2.1","2001:db8::1"]'],
    ["process.pid", "42"],
    ["ratio", "0.5"],
    ["ok", "true"],
  ]),
  metrics: [
    {
      name: "queue",
      kind: "gauge",
      points: [{ kind: "number", attributes: new Map([["q", "mail"]]), startedAt: undefined, at: 1_700_000_000_000, value: 1.5 }],
    },
    { name: "gone", kind: "gauge", points: [] },
    {
      name: "requests",
      kind: "sum",
      temporality: "cumulative",
      isMonotonic: true,
      points: [{ kind: "number", startedAt: 1_600_000_000_000, at: 1_700_000_000_000, value: -7 }],
    },
    {
      name: "latency",
      kind: "histogram",
      temporality: "delta",
      points: [{ kind: "histogram", count: 3, sum: 6, min: 1, max: 3, buckets: { kind: "explicit", bounds: [1, 2], counts: [1, 1, 1] } }],
    },
    {
      name: "size",
      kind: "histogram",
      temporality: "cumulative",
      points: [
        {
          kind: "histogram",
          count: 4,
          sum: 9,
          min: undefined,
          buckets: {
            kind: "exponential",
            scale: -1,
            zero: 1,
            positive: new Map([
              [-2, 1],
              [0, 2],
            ]),
          },
        },
      ],
    },
    {
      name: "gc",
      kind: "summary",
      points: [
        {
          kind: "summary",
          count: 2,
          sum: 3,
          quantiles: [
            [0.5, 1],
            [1, 2],
          ],
        },
      ],
    },
  ],
};

test("protobuf and JSON say the same", () => {
  const proto = readProtobuf(otlpProtobuf(resources));
  expect(proto).toMatchObject([expected, { attributes: new Map([["service.name", "shop"]]), metrics: [] }]);
  expect(readJson(Buffer.from(otlpJson(resources)))).toEqual(proto);
});

test("JSON may spell enumerations and numbers as texts, and carries what nobody knows", () => {
  const json = {
    resourceMetrics: [
      {
        unknown: [{ deep: 1 }],
        scopeMetrics: [
          {
            metrics: [
              {
                name: "a",
                sum: {
                  aggregationTemporality: "AGGREGATION_TEMPORALITY_DELTA",
                  dataPoints: [
                    { timeUnixNano: 1e9, asDouble: "NaN" },
                    { timeUnixNano: "1", asDouble: "-Infinity" },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  };
  const [resource] = readJson(Buffer.from(JSON.stringify(json)));
  expect(resource?.metrics[0]).toMatchObject({ temporality: "delta", points: [{ value: Number.NaN, at: 1000 }, { value: -Infinity }] });
});

test.each([
  ["no JSON", "{", "not JSON"],
  ["a list", "[]", "body: must be an object"],
  ["a text for a list", '{"resourceMetrics":"x"}', "resourceMetrics: must be a list"],
  ["null in a list", '{"resourceMetrics":[null]}', "resourceMetrics: must be an object"],
  ["a name that is a number", '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":1}]}]}]}', "name: must be a text"],
  [
    "a time that is no number",
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asInt":"1","timeUnixNano":"soon"}]}}]}]}]}',
    "timeUnixNano: must be a number",
  ],
  [
    "counts that do not fit the bounds",
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"bucketCounts":["1"],"explicitBounds":[1]}]}}]}]}]}',
    "one bucket count more than bounds",
  ],
  [
    "an attribute without an end",
    `{"resourceMetrics":[{"resource":{"attributes":[{"key":"a","value":${'{"arrayValue":{"values":['.repeat(20)}${"]}}".repeat(20)}}]}}]}`,
    "nested deeper",
  ],
])("refuses %s", (_what, json, problem) => {
  expect(() => readJson(Buffer.from(json))).toThrow(problem);
});

/** Small requests: a broken byte then hits something that matters more often. */
const small = (resources[0]?.metrics ?? []).map((metric): readonly TestResource[] => [
  { attributes: { "host.name": "a" }, metrics: [metric] },
]);

test.each([
  ["protobuf", small.map(otlpProtobuf), readProtobuf],
  ["JSON", small.map((one) => Buffer.from(otlpJson(one))), readJson],
] as const)("200,000 broken bodies in %s are read or refused", (_encoding, seeds, read) => {
  const { taken, refused } = fuzz(seeds, read, isOurs);
  expect(taken).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(50_000);
});
