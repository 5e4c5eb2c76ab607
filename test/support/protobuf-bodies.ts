import { PbfWriter } from "pbf";
import { compress } from "snappyjs";

/** A series as a test writes it: labels with `__name__`, samples as [milliseconds, value]. */
export interface TestSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [number, number])[];
  /** Native histograms: [milliseconds, count, sum]. */
  readonly histograms?: readonly (readonly [number, number, number])[];
  /** MetricType of 2.0. */
  readonly type?: number;
  readonly createdAt?: number;
}

type Write = (writer: PbfWriter) => void;

/** Field with an embedded message. */
const message = (writer: PbfWriter, field: number, write: Write): void => writer.writeMessage(field, (_, inner) => write(inner), undefined);

const text = (writer: PbfWriter, field: number, value: string): void => {
  writer.writeTag(field, 2);
  writer.writeString(value);
};
const varint = (writer: PbfWriter, field: number, value: number): void => {
  writer.writeTag(field, 0);
  writer.writeVarint(value);
};
const zigzag = (writer: PbfWriter, field: number, value: number): void => {
  writer.writeTag(field, 0);
  writer.writeSVarint(value);
};
const double = (writer: PbfWriter, field: number, value: number): void => {
  writer.writeTag(field, 1);
  writer.writeDouble(value);
};
const fixed64 = (writer: PbfWriter, field: number, value: number): void => {
  writer.writeTag(field, 1);
  writer.writeFixed64(value);
};

const written = (write: Write): Buffer => {
  const writer = new PbfWriter();
  write(writer);
  return Buffer.from(writer.finish());
};

export const snappy = (plain: Buffer): Buffer => Buffer.from(compress(plain));

const sample = (writer: PbfWriter, field: number, [at, value]: readonly [number, number]): void =>
  message(writer, field, (inner) => {
    double(inner, 1, value);
    varint(inner, 2, at);
  });

const histogram = (writer: PbfWriter, field: number, [at, count, sum]: readonly [number, number, number]): void =>
  message(writer, field, (inner) => {
    varint(inner, 1, count);
    double(inner, 3, sum);
    zigzag(inner, 4, 3);
    varint(inner, 15, at);
  });

/** prometheus.WriteRequest. @param types MetricType by family, as metadata */
export const writeRequest = (series: readonly TestSeries[], types: Readonly<Record<string, number>> = {}): Buffer =>
  written((writer) => {
    for (const one of series) {
      message(writer, 1, (inner) => {
        for (const [name, value] of Object.entries(one.labels)) {
          message(inner, 1, (label) => {
            text(label, 1, name);
            text(label, 2, value);
          });
        }
        for (const point of one.samples) sample(inner, 2, point);
        for (const point of one.histograms ?? []) histogram(inner, 4, point);
      });
    }
    for (const [family, type] of Object.entries(types)) {
      message(writer, 3, (inner) => {
        varint(inner, 1, type);
        text(inner, 2, family);
      });
    }
  });

/** io.prometheus.write.v2.Request. */
export const writeRequest2 = (series: readonly TestSeries[]): Buffer => {
  const symbols = ["", ...new Set(series.flatMap((one) => Object.entries(one.labels).flat()))];
  return written((writer) => {
    for (const symbol of symbols) text(writer, 4, symbol);
    for (const one of series) {
      message(writer, 5, (inner) => {
        inner.writePackedVarint(
          1,
          Object.entries(one.labels).flatMap((pair) => pair.map((word) => symbols.indexOf(word))),
        );
        for (const point of one.samples) sample(inner, 2, point);
        for (const point of one.histograms ?? []) histogram(inner, 3, point);
        message(inner, 5, (metadata) => varint(metadata, 1, one.type ?? 0));
        if (one.createdAt !== undefined) varint(inner, 6, one.createdAt);
      });
    }
  });
};

export type TestAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A point in the shape of OTLP's JSON, times in milliseconds. */
export interface TestPoint {
  readonly attributes?: TestAttributes;
  readonly startedAt?: number;
  readonly at: number;
  readonly flags?: number;
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly bounds?: readonly number[];
  readonly counts?: readonly number[];
  readonly scale?: number;
  readonly zero?: number;
  readonly offset?: number;
  readonly quantiles?: readonly (readonly [number, number])[];
}

export interface TestMetric {
  readonly name: string;
  readonly kind: "gauge" | "sum" | "histogram" | "exponentialHistogram" | "summary";
  readonly temporality?: 1 | 2;
  readonly isMonotonic?: boolean;
  readonly points: readonly TestPoint[];
}

export interface TestResource {
  readonly attributes: TestAttributes;
  readonly metrics: readonly TestMetric[];
}

const nanos = (ms: number): number => ms * 1e6;

const valueJson = (value: TestAttributes[string]): object => {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map(valueJson) } };
};
const attributesJson = (attributes: TestAttributes = {}): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: valueJson(value) }));

const textOf = (value: number | undefined, suffix = ""): string | undefined => (value === undefined ? undefined : `${value}${suffix}`);

/** What is undefined is left out of JSON. */
const pointJson = ({
  attributes,
  startedAt,
  at,
  asInt,
  count,
  bounds,
  counts,
  scale,
  zero,
  offset,
  quantiles,
  ...plain
}: TestPoint): object => ({
  ...plain,
  attributes: attributesJson(attributes),
  startTimeUnixNano: textOf(startedAt, "000000"),
  timeUnixNano: textOf(at, "000000"),
  asInt: textOf(asInt),
  count: textOf(count),
  explicitBounds: bounds,
  ...(scale === undefined
    ? { bucketCounts: counts?.map(String) }
    : { scale, zeroCount: zero ?? 0, positive: { offset: offset ?? 0, bucketCounts: counts } }),
  quantileValues: quantiles?.map(([quantile, value]) => ({ quantile, value })),
});

/** The request as JSON. */
export const otlpJson = (resources: readonly TestResource[]): string =>
  JSON.stringify({
    resourceMetrics: resources.map(({ attributes, metrics }) => ({
      resource: { attributes: attributesJson(attributes) },
      scopeMetrics: [
        {
          scope: { name: "test" },
          metrics: metrics.map(({ name, kind, temporality, isMonotonic, points }) => ({
            name,
            [kind]: { dataPoints: points.map(pointJson), aggregationTemporality: temporality, isMonotonic },
          })),
        },
      ],
    })),
  });

const kindFields = { gauge: 5, sum: 7, histogram: 9, exponentialHistogram: 10, summary: 11 } as const;

const valueProto = (writer: PbfWriter, field: number, value: TestAttributes[string]): void =>
  message(writer, field, (inner) => {
    if (typeof value === "string") text(inner, 1, value);
    else if (typeof value === "boolean") varint(inner, 2, value ? 1 : 0);
    else if (typeof value === "number" && Number.isInteger(value)) varint(inner, 3, value);
    else if (typeof value === "number") double(inner, 4, value);
    else message(inner, 5, (list) => value.forEach((one) => valueProto(list, 1, one)));
  });

const attributesProto = (writer: PbfWriter, field: number, attributes: TestAttributes = {}): void => {
  for (const [key, value] of Object.entries(attributes)) {
    message(writer, field, (inner) => {
      text(inner, 1, key);
      valueProto(inner, 2, value);
    });
  }
};

const times = (writer: PbfWriter, point: TestPoint): void => {
  if (point.startedAt !== undefined) fixed64(writer, 2, nanos(point.startedAt));
  fixed64(writer, 3, nanos(point.at));
};

const numberProto = (writer: PbfWriter, point: TestPoint): void => {
  attributesProto(writer, 7, point.attributes);
  times(writer, point);
  if (point.asDouble !== undefined) double(writer, 4, point.asDouble);
  if (point.asInt !== undefined) {
    writer.writeTag(6, 1);
    writer.writeSFixed64(point.asInt);
  }
  if (point.flags !== undefined) varint(writer, 8, point.flags);
};

const histogramProto = (writer: PbfWriter, point: TestPoint): void => {
  attributesProto(writer, 9, point.attributes);
  times(writer, point);
  fixed64(writer, 4, point.count ?? 0);
  if (point.sum !== undefined) double(writer, 5, point.sum);
  writer.writePackedFixed64(6, [...(point.counts ?? [])]);
  writer.writePackedDouble(7, [...(point.bounds ?? [])]);
  if (point.min !== undefined) double(writer, 11, point.min);
  if (point.max !== undefined) double(writer, 12, point.max);
};

const exponentialProto = (writer: PbfWriter, point: TestPoint): void => {
  attributesProto(writer, 1, point.attributes);
  times(writer, point);
  fixed64(writer, 4, point.count ?? 0);
  if (point.sum !== undefined) double(writer, 5, point.sum);
  zigzag(writer, 6, point.scale ?? 0);
  fixed64(writer, 7, point.zero ?? 0);
  message(writer, 8, (inner) => {
    zigzag(inner, 1, point.offset ?? 0);
    inner.writePackedVarint(2, [...(point.counts ?? [])]);
  });
};

const summaryProto = (writer: PbfWriter, point: TestPoint): void => {
  attributesProto(writer, 7, point.attributes);
  times(writer, point);
  fixed64(writer, 4, point.count ?? 0);
  double(writer, 5, point.sum ?? 0);
  for (const [quantile, value] of point.quantiles ?? []) {
    message(writer, 6, (inner) => {
      double(inner, 1, quantile);
      double(inner, 2, value);
    });
  }
};

const pointProto = {
  gauge: numberProto,
  sum: numberProto,
  histogram: histogramProto,
  exponentialHistogram: exponentialProto,
  summary: summaryProto,
} as const;

/** The request as protobuf. */
export const otlpProtobuf = (resources: readonly TestResource[]): Buffer =>
  written((writer) => {
    for (const { attributes, metrics } of resources) {
      message(writer, 1, (resource) => {
        message(resource, 1, (inner) => attributesProto(inner, 1, attributes));
        message(resource, 2, (scope) => {
          for (const { name, kind, temporality, isMonotonic, points } of metrics) {
            message(scope, 2, (metric) => {
              text(metric, 1, name);
              message(metric, kindFields[kind], (data) => {
                for (const point of points) message(data, 1, (inner) => pointProto[kind](inner, point));
                if (temporality !== undefined) varint(data, 2, temporality);
                if (isMonotonic === true) varint(data, 3, 1);
              });
            });
          }
        });
      });
    }
  });
