import type { ExpositionType } from "#base/exposition-format";
import { HinobanError } from "#base/errors";
import { ProtoReader } from "#features/receivers";
import type { WriteSink } from "./write-sink.ts";

const mostLabels = 128;

/** MetricMetadata.MetricType of remote write, the same numbers in both versions. */
export const writeTypes: readonly ExpositionType[] = [
  "unknown",
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
];

/** Reads `prometheus.WriteRequest` of remote write 1.0. @throws "bad-request" when it is malformed */
export function readWriteRequest(body: Buffer, sink: WriteSink): void {
  const reader = new ProtoReader(body);
  const reading = new TimeSeriesReader(body, reader, sink);
  while (reader.next()) {
    if (reader.field === 1) reading.read();
    else if (reader.field === 3) readMetadata(reader, sink);
    else reader.skip();
  }
}

function readMetadata(reader: ProtoReader, sink: WriteSink): void {
  let type: ExpositionType = "unknown";
  let family = "";
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) type = writeTypes[reader.unsigned()] ?? "unknown";
    else if (reader.field === 2) family = reader.text();
    else reader.skip();
  }
  reader.leave(outer);
  sink.describe(family, type);
}

/**
 * Reads time series one after the other. The labels of a series are the same bytes in every request: they are looked up as they are,
 * and only taken apart when they are new.
 */
class TimeSeriesReader {
  readonly #body: Buffer;
  readonly #reader: ProtoReader;
  readonly #sink: WriteSink;
  readonly #labels: number[] = [];
  readonly #samples: number[] = [];
  readonly #histograms: number[] = [];

  constructor(body: Buffer, reader: ProtoReader, sink: WriteSink) {
    this.#body = body;
    this.#reader = reader;
    this.#sink = sink;
  }

  read(): void {
    const reader = this.#reader;
    this.#labels.length = 0;
    this.#samples.length = 0;
    this.#histograms.length = 0;
    const outer = reader.enter();
    while (reader.next()) {
      if (reader.field === 1) {
        const end = reader.passOver();
        this.#labels.push(reader.start, end);
      } else if (reader.field === 2) readSample(reader, this.#samples);
      else if (reader.field === 4) readHistogram(reader, this.#histograms);
      else reader.skip();
    }
    reader.leave(outer);
    if (this.#labels.length > mostLabels * 2) throw new HinobanError("bad-request", `A series has more than ${mostLabels} labels.`);
    this.#hand();
  }

  #hand(): void {
    const key = this.#key();
    const samples = this.#samples;
    if (samples.length > 0) {
      const add = this.#sink.series(key, () => this.#readLabels());
      for (let i = 0; i < samples.length; i += 2) add(samples[i + 1] ?? 0, samples[i] ?? 0, 0);
    }
    if (this.#histograms.length > 0) this.#sink.histogram(key, () => this.#readLabels(), this.#histograms, 0);
  }

  /** The labels' bytes as text. They lie together in what every client sends. */
  #key(): string {
    const labels = this.#labels;
    const start = labels[0] ?? 0;
    const end = labels.at(-1) ?? 0;
    let key = this.#body.toString("latin1", start, end);
    for (let i = 2; i < labels.length; i += 2) {
      // A tag and a length stand between two labels; more means that something else does, and then where it does belongs to the key.
      if ((labels[i] ?? 0) - (labels[i - 1] ?? 0) > 6) key += `|${labels[i - 1]}`;
    }
    return key;
  }

  #readLabels(): Map<string, string> {
    const labels = new Map<string, string>();
    for (let i = 0; i < this.#labels.length; i += 2) {
      const reader = new ProtoReader(this.#body.subarray(this.#labels[i], this.#labels[i + 1]));
      let name = "";
      let value = "";
      while (reader.next()) {
        if (reader.field === 1) name = reader.text();
        else if (reader.field === 2) value = reader.text();
        else reader.skip();
      }
      labels.set(name, value);
    }
    return labels;
  }
}

/** Adds value and time in milliseconds. */
function readSample(reader: ProtoReader, into: number[]): void {
  let value = 0;
  let at = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) value = reader.double();
    else if (reader.field === 2) at = reader.signed();
    else reader.skip();
  }
  reader.leave(outer);
  into.push(value, at);
}

/** Adds count, sum and time of a native histogram; the same fields in both versions. */
export function readHistogram(reader: ProtoReader, into: number[]): void {
  let count = 0;
  let sum = 0;
  let at = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) count = reader.unsigned();
    else if (reader.field === 2) count = reader.double();
    else if (reader.field === 3) sum = reader.double();
    else if (reader.field === 15) at = reader.signed();
    else reader.skip();
  }
  reader.leave(outer);
  into.push(count, sum, at);
}
