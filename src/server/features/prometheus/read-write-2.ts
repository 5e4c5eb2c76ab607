import { HinobanError } from "#base/errors";
import { ProtoReader } from "#features/receivers";
import { readHistogram, writeTypes } from "./read-write-1.ts";
import type { WriteSink } from "./write-sink.ts";

const mostSymbols = 1_000_000;
const mostRefs = 256;

/** How many of each a sender put into a request: what 2.0 wants to be told back. */
export interface SentCounts {
  samples: number;
  histograms: number;
  exemplars: number;
}

/**
 * Reads `io.prometheus.write.v2.Request` of remote write 2.0: texts stand in one list, series name them by their place.
 * @throws "bad-request" when it is malformed
 */
export function readRequest2(body: Buffer, sink: WriteSink): SentCounts {
  const symbols = readSymbols(body);
  const counts: SentCounts = { samples: 0, histograms: 0, exemplars: 0 };
  const reader = new ProtoReader(body);
  while (reader.next()) {
    if (reader.field === 5) readTimeSeries(reader, symbols, sink, counts);
    else reader.skip();
  }
  return counts;
}

function readSymbols(body: Buffer): string[] {
  const symbols: string[] = [];
  const reader = new ProtoReader(body);
  while (reader.next()) {
    if (reader.field !== 4) reader.skip();
    else {
      symbols.push(reader.text());
      if (symbols.length > mostSymbols) throw new HinobanError("too-large", `The request has more than ${mostSymbols} symbols.`);
    }
  }
  if (symbols.length > 0 && symbols[0] !== "") throw new HinobanError("bad-request", "The first symbol must be the empty text.");
  return symbols;
}

function readTimeSeries(reader: ProtoReader, symbols: readonly string[], sink: WriteSink, counts: SentCounts): void {
  const refs: number[] = [];
  const samples: number[] = [];
  const histograms: number[] = [];
  let type = 0;
  let createdAt = 0;
  const outer = reader.enter();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.unsigneds(refs, mostRefs);
        break;
      case 2:
        readSample(reader, samples);
        break;
      case 3:
        readHistogram(reader, histograms);
        break;
      case 4:
        counts.exemplars += 1;
        reader.skip();
        break;
      case 5:
        type = readType(reader);
        break;
      case 6:
        createdAt = reader.signed();
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  counts.samples += samples.length / 3;
  counts.histograms += histograms.length / 3;
  hand({ refs, samples, histograms, type, createdAt }, symbols, sink);
}

interface Read {
  readonly refs: readonly number[];
  readonly samples: readonly number[];
  readonly histograms: readonly number[];
  readonly type: number;
  readonly createdAt: number;
}

function hand({ refs, samples, histograms, type, createdAt }: Read, symbols: readonly string[], sink: WriteSink): void {
  const labels = labelsOf(refs, symbols);
  const key = `2:${type}:${JSON.stringify([...labels])}`;
  if (samples.length > 0) {
    const add = sink.series(key, () => labels, writeTypes[type] ?? "unknown");
    for (let i = 0; i < samples.length; i += 3) add(samples[i + 1] ?? 0, samples[i] ?? 0, samples[i + 2] || createdAt);
  }
  if (histograms.length > 0) sink.histogram(key, () => labels, histograms, createdAt);
}

function labelsOf(refs: readonly number[], symbols: readonly string[]): Map<string, string> {
  if (refs.length % 2 === 1) throw new HinobanError("bad-request", "labels_refs must hold pairs of name and value.");
  const labels = new Map<string, string>();
  for (let i = 0; i < refs.length; i += 2) {
    const name = symbols[refs[i] ?? -1];
    const value = symbols[refs[i + 1] ?? -1];
    if (name === undefined || value === undefined) throw new HinobanError("bad-request", "labels_refs names a symbol that is not there.");
    labels.set(name, value);
  }
  return labels;
}

/** Adds value, time and when the counter began, the times in milliseconds and 0 when absent. */
function readSample(reader: ProtoReader, into: number[]): void {
  let value = 0;
  let at = 0;
  let startedAt = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) value = reader.double();
    else if (reader.field === 2) at = reader.signed();
    else if (reader.field === 3) startedAt = reader.signed();
    else reader.skip();
  }
  reader.leave(outer);
  into.push(value, at, startedAt);
}

function readType(reader: ProtoReader): number {
  let type = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) type = reader.unsigned();
    else reader.skip();
  }
  reader.leave(outer);
  return type;
}
