import { BitSink, type ByteSink, type ByteSource } from "./bytes.ts";

/**
 * Integers as differences to the smallest of their sub-block, in as many bits as the largest needs:
 * per sub-block u8 width | zigzag-varint (minimum - previous minimum) | values, padded to a byte.
 */

/** Bits that hold integers in [0, range]. */
export function bitsFor(range: number): number {
  if (range < 0x80000000) return 32 - Math.clz32(range);
  let bits = 31;
  for (let rest = Math.floor(range / 0x80000000); rest > 0; rest = Math.floor(rest / 2)) bits++;
  return bits;
}

const varintBytes = (zigzag: number): number => {
  const value = Math.abs(zigzag) * 2;
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 7;
};

/** Bytes that `packInts` will write, nearly. */
export function packedSize(ints: Float64Array, n: number, subBlock: number): number {
  let bytes = 0;
  let previous = 0;
  for (let from = 0; from < n; from += subBlock) {
    const to = Math.min(n, from + subBlock);
    let min = ints[from] ?? 0;
    let max = min;
    for (let i = from + 1; i < to; i++) {
      const v = ints[i] ?? 0;
      if (v < min) min = v;
      else if (v > max) max = v;
    }
    bytes += 1 + varintBytes(min - previous) + ((bitsFor(max - min) * (to - from) + 7) >> 3);
    previous = min;
  }
  return bytes;
}

export function packInts(ints: Float64Array, n: number, subBlock: number, out: ByteSink): void {
  let previous = 0;
  for (let from = 0; from < n; from += subBlock) {
    const to = Math.min(n, from + subBlock);
    let min = ints[from] ?? 0;
    let max = min;
    for (let i = from + 1; i < to; i++) {
      const v = ints[i] ?? 0;
      if (v < min) min = v;
      else if (v > max) max = v;
    }
    const width = bitsFor(max - min);
    out.u8(width);
    out.zigzag(min - previous);
    previous = min;
    if (width === 0) continue;
    out.reserve(((width * (to - from)) >> 3) + 16);
    const bits = new BitSink(out);
    for (let i = from; i < to; i++) bits.writeWide((ints[i] ?? 0) - min, width);
    bits.end();
  }
}

/** The inverse: fills out[at .. at+n). */
export function unpackInts(source: ByteSource, n: number, subBlock: number, out: Float64Array, at: number): void {
  let min = 0;
  for (let from = 0; from < n; from += subBlock) {
    const to = Math.min(n, from + subBlock);
    const width = source.u8();
    min += source.zigzag();
    if (width === 0) out.fill(min, at + from, at + to);
    else if (width <= 24) unpackNarrow(source, width, min, out, at + from, at + to);
    else unpackWide(source, width, min, out, at + from, at + to);
  }
}

function unpackNarrow(source: ByteSource, width: number, min: number, out: Float64Array, from: number, to: number): void {
  const { bytes } = source;
  const mask = (1 << width) - 1;
  let p = source.at;
  let acc = 0;
  let have = 0;
  for (let i = from; i < to; i++) {
    while (have < width) {
      acc = (acc << 8) | (bytes[p++] ?? 0);
      have += 8;
    }
    have -= width;
    out[i] = min + ((acc >>> have) & mask);
  }
  source.at = p;
}

/** More than 24 bits: the high part first, then the low 24 bits, as JavaScript's bit operations end at 32. */
function unpackWide(source: ByteSource, width: number, min: number, out: Float64Array, from: number, to: number): void {
  const { bytes } = source;
  let p = source.at;
  let acc = 0;
  let have = 0;
  const take = (bits: number): number => {
    while (have < bits) {
      acc = (acc << 8) | (bytes[p++] ?? 0);
      have += 8;
    }
    have -= bits;
    return (acc >>> have) & ((1 << bits) - 1);
  };
  for (let i = from; i < to; i++) {
    const high = width > 48 ? take(width - 48) * 0x1000000 + take(24) : take(width - 24);
    out[i] = min + high * 0x1000000 + take(24);
  }
  source.at = p;
}
