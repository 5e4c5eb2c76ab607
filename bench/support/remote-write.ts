// Prometheus remote write, version 1: a protobuf WriteRequest in snappy's block format.
// https://prometheus.io/docs/concepts/remote_write_spec/ · https://github.com/google/snappy/blob/main/format_description.txt

/** Appends protobuf's wire types to a growing buffer. */
class ProtoWriter {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  varint(value: number): void {
    this.#room(10);
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 128;
    this.#bytes[this.#length++] = rest;
  }

  /** A field of wire type 2: its bytes, with their length before. */
  bytes(field: number, content: Uint8Array): void {
    this.varint((field << 3) | 2);
    this.varint(content.length);
    this.#room(content.length);
    this.#bytes.set(content, this.#length);
    this.#length += content.length;
  }

  /** A field of wire type 1. */
  double(field: number, value: number): void {
    this.varint((field << 3) | 1);
    this.#room(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** A field of wire type 0 that is not negative. */
  number(field: number, value: number): void {
    this.varint(field << 3);
    this.varint(value);
  }

  raw(content: Uint8Array): void {
    this.#room(content.length);
    this.#bytes.set(content, this.#length);
    this.#length += content.length;
  }
}

/** Builds one WriteRequest after the other: `series`, its `sample`s, the next series …, `finish`. */
export class WriteRequestBuilder {
  readonly #request = new ProtoWriter();
  readonly #series = new ProtoWriter();
  readonly #sample = new ProtoWriter();
  #hasSeries = false;

  /** Begins a series. @param labels the bytes that `labelBytes` made */
  series(labels: Uint8Array): void {
    this.#endSeries();
    this.#series.raw(labels);
    this.#hasSeries = true;
  }

  /** @param atMs unix time in milliseconds */
  sample(value: number, atMs: number): void {
    this.#sample.clear();
    this.#sample.double(1, value);
    this.#sample.number(2, atMs);
    this.#series.bytes(2, this.#sample.view());
  }

  #endSeries(): void {
    if (this.#hasSeries) this.#request.bytes(1, this.#series.view());
    this.#series.clear();
    this.#hasSeries = false;
  }

  /** The body of the request, in snappy's block format. */
  finish(): Buffer {
    this.#endSeries();
    const body = snappyLiterals(this.#request.view());
    this.#request.clear();
    return body;
  }
}

/** The labels of a series, sorted by name as the protocol demands. */
export function labelBytes(labels: Readonly<Record<string, string>>): Buffer {
  const all = new ProtoWriter();
  for (const name of Object.keys(labels).sort()) {
    const label = new ProtoWriter();
    label.bytes(1, Buffer.from(name));
    label.bytes(2, Buffer.from(labels[name] ?? ""));
    all.bytes(1, label.view());
  }
  return Buffer.from(all.view());
}

const mostLiteral = 65_536;

/** Valid snappy that compresses nothing: unpacking it is one copy, so it costs the receiver less than what a compressor makes. */
export function snappyLiterals(content: Uint8Array): Buffer {
  const out = new ProtoWriter();
  out.varint(content.length);
  for (let at = 0; at < content.length; at += mostLiteral) {
    const literal = content.subarray(at, at + mostLiteral);
    out.raw(Uint8Array.of((61 << 2) | 0, (literal.length - 1) & 255, (literal.length - 1) >> 8)); // 61: two bytes of length follow
    out.raw(literal);
  }
  return Buffer.from(out.view());
}
