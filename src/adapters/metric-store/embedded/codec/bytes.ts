/** Bytes under construction, little endian. `bytes` is replaced when it grows. */
export class ByteSink {
  bytes: Buffer;
  length = 0;

  constructor(capacity = 4096) {
    this.bytes = Buffer.alloc(capacity);
  }

  /** Makes room for `more` bytes behind the end. */
  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.length + more, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.length = this.bytes.writeUInt16LE(value, this.length);
  }

  u32(value: number): void {
    this.reserve(4);
    this.length = this.bytes.writeUInt32LE(value, this.length);
  }

  f64(value: number): void {
    this.reserve(8);
    this.length = this.bytes.writeDoubleLE(value, this.length);
  }

  /** LEB128 of an integer in [0, 2^53). */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.length++] = rest;
  }

  /** A signed integer with |value| < 2^52, small magnitudes short. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** Text with a u16 length in front. */
  text(value: string): void {
    const encoded = Buffer.from(value, "utf8");
    this.u16(encoded.length);
    this.append(encoded);
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The bytes so far; valid until the next write. */
  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}

/** A place in bytes that are being read. Reading behind the end gives zeros: chunks are checked by crc before. */
export class ByteSource {
  bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  u8(): number {
    return this.bytes[this.at++] ?? 0;
  }

  u16(): number {
    return this.u8() + this.u8() * 0x100;
  }

  u32(): number {
    return this.u16() + this.u16() * 0x10000;
  }

  f64(): number {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, 8);
    this.at += 8;
    return view.getFloat64(0, true);
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.u8();
      if (byte < 0x80) return value + byte * factor;
      value += (byte - 0x80) * factor;
      factor *= 0x80;
    }
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text(): string {
    const length = this.u16();
    const start = this.at;
    this.at += length;
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).toString("utf8");
  }
}

/** Writes bits, most significant first, padded to a byte by `end`. */
export class BitSink {
  readonly #out: ByteSink;
  #acc = 0;
  #have = 0;

  constructor(out: ByteSink) {
    this.#out = out;
  }

  /** The low `width` bits of `value`; width at most 24. */
  write(value: number, width: number): void {
    let acc = (this.#acc << width) | (value & (width === 0 ? 0 : 0xffffffff >>> (32 - width)));
    let have = this.#have + width;
    while (have >= 8) {
      have -= 8;
      this.#out.bytes[this.#out.length++] = acc >>> have;
      acc &= (1 << have) - 1;
    }
    this.#acc = acc;
    this.#have = have;
  }

  /** Up to 53 bits of a non-negative integer. */
  writeWide(value: number, width: number): void {
    if (width <= 24) {
      this.write(value, width);
      return;
    }
    const high = Math.floor(value / 0x1000000);
    if (width > 48) {
      this.write(Math.floor(high / 0x1000000), width - 48);
      this.write(high % 0x1000000, 24);
    } else this.write(high, width - 24);
    this.write(value % 0x1000000, 24);
  }

  end(): void {
    if (this.#have > 0) this.write(0, 8 - this.#have);
  }
}

/** Reads what BitSink wrote. */
export class BitSource {
  readonly #in: ByteSource;
  #acc = 0;
  #have = 0;

  constructor(source: ByteSource) {
    this.#in = source;
  }

  read(width: number): number {
    if (width === 0) return 0;
    let have = this.#have;
    let acc = this.#acc;
    while (have < width) {
      acc = ((acc << 8) | this.#in.u8()) >>> 0;
      have += 8;
    }
    have -= width;
    this.#have = have;
    const value = acc >>> have;
    this.#acc = acc & ((1 << have) - 1);
    return value;
  }

  readWide(width: number): number {
    if (width <= 24) return this.read(width);
    const high = width > 48 ? this.read(width - 48) * 0x1000000 + this.read(24) : this.read(width - 24);
    return high * 0x1000000 + this.read(24);
  }
}
