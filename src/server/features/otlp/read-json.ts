import { unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { textOf } from "./read-attributes.ts";
import {
  limits,
  temporalities,
  type Attributes,
  type Buckets,
  type OtlpMetric,
  type OtlpResource,
  type Point,
  type Temporality,
} from "./model.ts";
import { explicit } from "./read-protobuf.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the same request as JSON: field names in lowerCamelCase, 64-bit integers as texts or numbers, unknown fields ignored.
 * @throws "bad-request" naming the field, "too-large"
 */
export function readJson(body: Buffer): OtlpResource[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new HinobanError("bad-request", "The body is not JSON.", {}, { cause: error });
  }
  const budget = { points: 0 };
  return items(object(parsed, "body"), "resourceMetrics").map((one) => resourceOf(one, budget));
}

function resourceOf(json: Json, budget: { points: number }): OtlpResource {
  const attributes = attributesOf(member(json, "resource") ?? {}, "attributes");
  const metrics = items(json, "scopeMetrics").flatMap((scope) => items(scope, "metrics").map((metric) => metricOf(metric, budget)));
  return { attributes, metrics };
}

const kinds = [
  ["gauge", "gauge", (json: Json) => numberPoint(json)],
  ["sum", "sum", (json: Json) => numberPoint(json)],
  ["histogram", "histogram", (json: Json) => histogramPoint(json)],
  ["exponentialHistogram", "histogram", (json: Json) => exponentialPoint(json)],
  ["summary", "summary", (json: Json) => summaryPoint(json)],
] as const;

function metricOf(json: Json, budget: { points: number }): OtlpMetric {
  const name = text(json, "name");
  for (const [field, kind, read] of kinds) {
    const data = member(json, field);
    if (!data) continue;
    const listed = items(data, "dataPoints");
    budget.points += listed.length;
    if (budget.points > limits.points) throw new HinobanError("too-large", `The request has more than ${limits.points} points.`);
    const points = listed.filter((one) => number(one, "flags", 0) % 2 === 0).flatMap((one) => read(one) ?? []);
    return { name, kind, temporality: temporalityOf(data["aggregationTemporality"]), isMonotonic: data["isMonotonic"] === true, points };
  }
  return { name, kind: "gauge", temporality: "unspecified", isMonotonic: false, points: [] };
}

/** The number of the enumeration, or its name. */
function temporalityOf(value: unknown): Temporality {
  if (typeof value === "number") return temporalities[value] ?? "unspecified";
  return temporalities.find((one) => value === `AGGREGATION_TEMPORALITY_${one.toUpperCase()}`) ?? "unspecified";
}

function numberPoint(json: Json): Point | undefined {
  const value = json["asDouble"] ?? json["asInt"];
  if (value === undefined || value === null) return undefined;
  return { kind: "number", ...commonOf(json), value: numberOf(value, "asDouble") };
}

function histogramPoint(json: Json): Point {
  const buckets = explicit(numbers(json, "explicitBounds"), numbers(json, "bucketCounts"));
  return { kind: "histogram", ...commonOf(json), ...distributionOf(json), buckets };
}

function exponentialPoint(json: Json): Point {
  const buckets: Buckets = {
    kind: "exponential",
    scale: number(json, "scale", 0),
    zero: number(json, "zeroCount", 0),
    positive: bucketsOf(member(json, "positive")),
    negative: bucketsOf(member(json, "negative")),
  };
  return { kind: "histogram", ...commonOf(json), ...distributionOf(json), buckets };
}

function bucketsOf(json: Json | undefined): Map<number, number> {
  const buckets = new Map<number, number>();
  if (!json) return buckets;
  const offset = number(json, "offset", 0);
  for (const [index, count] of numbers(json, "bucketCounts").entries()) if (count > 0) buckets.set(offset + index, count);
  return buckets;
}

const distributionOf = (json: Json) => ({
  count: number(json, "count", 0),
  sum: optional(json, "sum"),
  min: optional(json, "min"),
  max: optional(json, "max"),
});

function summaryPoint(json: Json): Point {
  const quantiles = items(json, "quantileValues").map((one) => [number(one, "quantile", 0), number(one, "value", 0)] as const);
  return { kind: "summary", ...commonOf(json), count: number(json, "count", 0), sum: number(json, "sum", 0), quantiles };
}

function commonOf(json: Json) {
  const startedAt = number(json, "startTimeUnixNano", 0);
  return {
    attributes: attributesOf(json, "attributes"),
    startedAt: startedAt === 0 ? undefined : msOf(startedAt),
    at: msOf(number(json, "timeUnixNano", 0)),
  };
}

const msOf = (nanos: number): UnixMs => unixMs(Math.floor(nanos / 1e6));

function attributesOf(json: Json, field: string): Attributes {
  const listed = items(json, field);
  if (listed.length > limits.attributes) throw new HinobanError("too-large", `Something has more than ${limits.attributes} attributes.`);
  return new Map(listed.map((one) => [text(one, "key"), textOf(anyValue(member(one, "value"), 0))]));
}

type Nested = Parameters<typeof textOf>[0];

function anyValue(json: Json | undefined, depth: number): Nested {
  if (depth > limits.depth) throw new HinobanError("too-large", `An attribute is nested deeper than ${limits.depth} levels.`);
  if (!json) return null;
  const plain = json["stringValue"] ?? json["boolValue"] ?? json["doubleValue"] ?? json["intValue"];
  if (typeof plain === "string" || typeof plain === "boolean" || typeof plain === "number") return plain;
  const array = member(json, "arrayValue");
  if (array) return items(array, "values").map((one) => anyValue(one, depth + 1));
  const pairs = member(json, "kvlistValue");
  if (pairs) return Object.fromEntries(items(pairs, "values").map((one) => [text(one, "key"), anyValue(member(one, "value"), depth + 1)]));
  return null;
}

const wrong = (field: string, what: string): HinobanError => new HinobanError("bad-request", `${field}: must be ${what}.`, { field });

function object(value: unknown, field: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(field, "an object");
  return value as Json; // an object is what is left
}

/** An object in a field; undefined when it is absent. */
function member(json: Json, field: string): Json | undefined {
  const value = json[field];
  return value === undefined || value === null ? undefined : object(value, field);
}

function items(json: Json, field: string): Json[] {
  const value = json[field];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(field, "a list");
  return value.map((one) => object(one, field));
}

function text(json: Json, field: string): string {
  const value = json[field];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw wrong(field, "a text");
  return value;
}

function numberOf(value: unknown, field: string): number {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") throw wrong(field, "a number");
  if (value === "NaN") return Number.NaN;
  const read = Number(value.replace(/^(-?)inf$/iu, "$1Infinity"));
  if (Number.isNaN(read)) throw wrong(field, "a number");
  return read;
}

const number = (json: Json, field: string, absent: number): number => optional(json, field) ?? absent;

function optional(json: Json, field: string): number | undefined {
  const value = json[field];
  return value === undefined || value === null ? undefined : numberOf(value, field);
}

function numbers(json: Json, field: string): number[] {
  const value = json[field];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(field, "a list");
  if (value.length > limits.buckets) throw new HinobanError("too-large", `${field} has more than ${limits.buckets} entries.`);
  return value.map((one) => numberOf(one, field));
}
