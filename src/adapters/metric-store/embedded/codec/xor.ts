import { BitSink, BitSource, type ByteSink, type ByteSource } from "./bytes.ts";

/**
 * Doubles by what changed since the one before, for values that are no decimal numbers:
 * the first whole; then 0 = same | 10 = the changed bits lie within the last window | 11, 5 bits leading zeros, 6 bits (length - 1).
 */
const pair = new Uint32Array(2);
const asDouble = new Float64Array(pair.buffer);

const leadingZeros = (high: number, low: number): number => (high === 0 ? 32 + Math.clz32(low) : Math.clz32(high));
const trailingOf = (word: number): number => 31 - Math.clz32(word & -word);
const trailingZeros = (high: number, low: number): number => (low === 0 ? 32 + trailingOf(high) : trailingOf(low));

export function writeXor(values: Float64Array, n: number, out: ByteSink): void {
  out.f64(values[0] ?? 0);
  out.reserve(n * 10 + 16);
  const bits = new BitSink(out);
  asDouble[0] = values[0] ?? 0;
  let low = pair[0] ?? 0;
  let high = pair[1] ?? 0;
  let lead = -1;
  let length = 0;
  for (let i = 1; i < n; i++) {
    asDouble[0] = values[i] ?? 0;
    const xorLow = ((pair[0] ?? 0) ^ low) >>> 0;
    const xorHigh = ((pair[1] ?? 0) ^ high) >>> 0;
    low = pair[0] ?? 0;
    high = pair[1] ?? 0;
    if (xorLow === 0 && xorHigh === 0) {
      bits.write(0, 1);
      continue;
    }
    const l = Math.min(31, leadingZeros(xorHigh, xorLow));
    const t = trailingZeros(xorHigh, xorLow);
    if (lead >= 0 && l >= lead && t >= 64 - lead - length) bits.write(2, 2);
    else {
      lead = l;
      length = 64 - l - t;
      bits.write(3, 2);
      bits.write(lead, 5);
      bits.write(length - 1, 6);
    }
    writeMiddle(bits, xorHigh, xorLow, 64 - lead - length, length);
  }
  bits.end();
}

/** `length` bits of the 64, the lowest of them bit `shift`, 16 at a time. */
function writeMiddle(bits: BitSink, high: number, low: number, shift: number, length: number): void {
  let left = length;
  while (left > 0) {
    const width = Math.min(16, left);
    left -= width;
    bits.write(slice(high, low, shift + left), width);
  }
}

/** The bits of the 64 from bit `at` up, the lower 32 of them. */
function slice(high: number, low: number, at: number): number {
  if (at === 0) return low;
  if (at >= 32) return high >>> (at - 32);
  return (low >>> at) | (high << (32 - at));
}

export function readXor(source: ByteSource, n: number, out: Float64Array, at: number): void {
  asDouble[0] = source.f64();
  let low = pair[0] ?? 0;
  let high = pair[1] ?? 0;
  out[at] = asDouble[0];
  const bits = new BitSource(source);
  let lead = 0;
  let length = 0;
  for (let i = 1; i < n; i++) {
    if (bits.read(1) === 1) {
      if (bits.read(1) === 1) {
        lead = bits.read(5);
        length = bits.read(6) + 1;
      }
      let left = length;
      while (left > 0) {
        const width = Math.min(16, left);
        left -= width;
        const part = bits.read(width);
        const place = 64 - lead - length + left;
        if (place >= 32) high ^= part << (place - 32);
        else {
          low ^= part << place;
          if (place > 16) high ^= part >>> (32 - place);
        }
      }
    }
    pair[0] = low;
    pair[1] = high;
    out[at + i] = asDouble[0];
  }
}
