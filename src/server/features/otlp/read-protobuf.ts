import { unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { ProtoReader } from "#features/receivers";
import { readKeyValue } from "./read-attributes.ts";
import { limits, temporalities, type Buckets, type OtlpMetric, type OtlpResource, type Point } from "./model.ts";

/**
 * Reads `opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest`, version 1 of the protocol.
 * @throws "bad-request" when it is malformed, "too-large" when it has more than the limits allow
 */
export function readProtobuf(body: Buffer): OtlpResource[] {
  const reader = new MetricsReader(body);
  return reader.read();
}

/** What the readers of single points fill. */
interface Draft {
  readonly attributes: Map<string, string>;
  startedAt: number;
  at: number;
  flags: number;
}

const isRecorded = (draft: Draft): boolean => draft.flags % 2 === 0;
const msOf = (nanos: number): UnixMs => unixMs(Math.floor(nanos / 1e6));
const startOf = (nanos: number): UnixMs | undefined => (nanos === 0 ? undefined : msOf(nanos));
const draftOf = (): Draft => ({ attributes: new Map(), startedAt: 0, at: 0, flags: 0 });

class MetricsReader {
  readonly #reader: ProtoReader;
  #points = 0;

  constructor(body: Buffer) {
    this.#reader = new ProtoReader(body);
  }

  read(): OtlpResource[] {
    const resources: OtlpResource[] = [];
    const reader = this.#reader;
    while (reader.next()) {
      if (reader.field === 1) resources.push(this.#resource());
      else reader.skip();
    }
    return resources;
  }

  #resource(): OtlpResource {
    const attributes = new Map<string, string>();
    const metrics: OtlpMetric[] = [];
    this.#message((field) => {
      if (field === 1) this.#message((inner) => (inner === 1 ? readKeyValue(this.#reader, attributes) : this.#reader.skip()));
      else if (field === 2) this.#message((inner) => (inner === 2 ? void metrics.push(this.#metric()) : this.#reader.skip()));
      else this.#reader.skip();
    });
    return { attributes, metrics };
  }

  #metric(): OtlpMetric {
    const metric = { name: "", kind: "gauge" as OtlpMetric["kind"], temporality: 0, isMonotonic: false }; // widened from its first value
    const points: Point[] = [];
    const read: Readonly<Record<number, () => void>> = {
      1: () => void (metric.name = this.#reader.text()),
      5: () => this.#data(metric, "gauge", points, () => this.#number()),
      7: () => this.#data(metric, "sum", points, () => this.#number()),
      9: () => this.#data(metric, "histogram", points, () => this.#histogram()),
      10: () => this.#data(metric, "histogram", points, () => this.#exponential()),
      11: () => this.#data(metric, "summary", points, () => this.#summary()),
    };
    this.#message((field) => (read[field] ? read[field]() : this.#reader.skip()));
    return { ...metric, temporality: temporalities[metric.temporality] ?? "unspecified", points };
  }

  /** Gauge, Sum, Histogram …: points, temporality and whether it only grows stand in the same fields. */
  #data(
    metric: { kind: OtlpMetric["kind"]; temporality: number; isMonotonic: boolean },
    kind: OtlpMetric["kind"],
    points: Point[],
    readPoint: () => Point | undefined,
  ): void {
    metric.kind = kind;
    this.#message((field) => {
      if (field === 1) {
        this.#points += 1;
        if (this.#points > limits.points) throw new HinobanError("too-large", `The request has more than ${limits.points} points.`);
        const point = readPoint();
        if (point) points.push(point);
      } else if (field === 2) metric.temporality = this.#reader.unsigned();
      else if (field === 3) metric.isMonotonic = this.#reader.boolean();
      else this.#reader.skip();
    });
  }

  #number(): Point | undefined {
    const draft = draftOf();
    let value: number | undefined;
    this.#message((field) => {
      if (field === 4) value = this.#reader.double();
      else if (field === 6) value = this.#reader.signedFixed64();
      else this.#common(field, draft, 7, 8);
    });
    return value === undefined || !isRecorded(draft) ? undefined : { kind: "number", ...timesOf(draft), value };
  }

  #histogram(): Point | undefined {
    const draft = draftOf();
    const numbers: Numbers = { count: 0, sum: undefined, min: undefined, max: undefined };
    const counts: number[] = [];
    const bounds: number[] = [];
    this.#message((field) => {
      if (field === 4) numbers.count = this.#reader.fixed64();
      else if (field === 5) numbers.sum = this.#reader.double();
      else if (field === 6) this.#reader.fixed64s(counts, limits.buckets);
      else if (field === 7) this.#reader.doubles(bounds, limits.buckets);
      else if (field === 11) numbers.min = this.#reader.double();
      else if (field === 12) numbers.max = this.#reader.double();
      else this.#common(field, draft, 9, 10);
    });
    return isRecorded(draft) ? { kind: "histogram", ...timesOf(draft), ...numbers, buckets: explicit(bounds, counts) } : undefined;
  }

  #exponential(): Point | undefined {
    const draft = draftOf();
    const numbers: Numbers = { count: 0, sum: undefined, min: undefined, max: undefined };
    const shape = { scale: 0, zero: 0, positive: new Map<number, number>(), negative: new Map<number, number>() };
    const read: Readonly<Record<number, () => void>> = {
      4: () => void (numbers.count = this.#reader.fixed64()),
      5: () => void (numbers.sum = this.#reader.double()),
      6: () => void (shape.scale = this.#reader.zigzag()),
      7: () => void (shape.zero = this.#reader.fixed64()),
      8: () => this.#buckets(shape.positive),
      9: () => this.#buckets(shape.negative),
      12: () => void (numbers.min = this.#reader.double()),
      13: () => void (numbers.max = this.#reader.double()),
    };
    this.#message((field) => (read[field] ? read[field]() : this.#common(field, draft, 1, 10)));
    return isRecorded(draft) ? { kind: "histogram", ...timesOf(draft), ...numbers, buckets: { kind: "exponential", ...shape } } : undefined;
  }

  #buckets(into: Map<number, number>): void {
    let offset = 0;
    const counts: number[] = [];
    this.#message((field) => {
      if (field === 1) offset = this.#reader.zigzag();
      else if (field === 2) this.#reader.unsigneds(counts, limits.buckets);
      else this.#reader.skip();
    });
    for (const [index, count] of counts.entries()) if (count > 0) into.set(offset + index, count);
  }

  #summary(): Point | undefined {
    const draft = draftOf();
    const quantiles: [number, number][] = [];
    let count = 0;
    let sum = 0;
    this.#message((field) => {
      if (field === 4) count = this.#reader.fixed64();
      else if (field === 5) sum = this.#reader.double();
      else if (field === 6) quantiles.push(this.#quantile());
      else this.#common(field, draft, 7, 8);
      if (quantiles.length > limits.buckets) throw new HinobanError("too-large", `A summary has more than ${limits.buckets} quantiles.`);
    });
    return isRecorded(draft) ? { kind: "summary", ...timesOf(draft), count, sum, quantiles } : undefined;
  }

  #quantile(): [number, number] {
    let quantile = 0;
    let value = 0;
    this.#message((field) => {
      if (field === 1) quantile = this.#reader.double();
      else if (field === 2) value = this.#reader.double();
      else this.#reader.skip();
    });
    return [quantile, value];
  }

  /** Start, time, attributes and flags; the last two have other numbers in each kind of point. */
  #common(field: number, draft: Draft, attributes: number, flags: number): void {
    if (field === 2) draft.startedAt = this.#reader.fixed64();
    else if (field === 3) draft.at = this.#reader.fixed64();
    else if (field === attributes) readKeyValue(this.#reader, draft.attributes);
    else if (field === flags) draft.flags = this.#reader.unsigned();
    else this.#reader.skip();
  }

  /** Enters the message here, hands each of its fields over and leaves it. */
  #message(onField: (field: number) => void): void {
    const reader = this.#reader;
    const outer = reader.enter();
    while (reader.next()) onField(reader.field);
    reader.leave(outer);
  }
}

interface Numbers {
  count: number;
  sum: number | undefined;
  min: number | undefined;
  max: number | undefined;
}

const timesOf = ({ attributes, startedAt, at }: Draft) => ({ attributes, startedAt: startOf(startedAt), at: msOf(at) });

/** @throws "bad-request" when the counts do not fit the bounds; none at all are allowed */
export function explicit(bounds: readonly number[], counts: readonly number[]): Buckets {
  if (counts.length > 0 && counts.length !== bounds.length + 1) {
    throw new HinobanError("bad-request", "A histogram must have one bucket count more than bounds, or none.");
  }
  return { kind: "explicit", bounds, counts };
}
