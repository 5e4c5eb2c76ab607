import { f64At, u32At } from "../arrays.ts";
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

/** Where the changed bits of the last value lay: from bit 63 - lead down, `length` of them. */
interface Window {
  lead: number;
  length: number;
}

export function writeXor(values: Float64Array, n: number, out: ByteSink): void {
  out.f64(f64At(values, 0));
  out.reserve(n * 10 + 16);
  const bits = new BitSink(out);
  asDouble[0] = f64At(values, 0);
  let low = u32At(pair, 0);
  let high = u32At(pair, 1);
  const window: Window = { lead: -1, length: 0 };
  for (let i = 1; i < n; i++) {
    asDouble[0] = f64At(values, i);
    const xorLow = (u32At(pair, 0) ^ low) >>> 0;
    const xorHigh = (u32At(pair, 1) ^ high) >>> 0;
    low = u32At(pair, 0);
    high = u32At(pair, 1);
    if (xorLow === 0 && xorHigh === 0) bits.write(0, 1);
    else writeChange(bits, xorHigh, xorLow, window);
  }
  bits.end();
}

function writeChange(bits: BitSink, high: number, low: number, window: Window): void {
  const lead = Math.min(31, leadingZeros(high, low));
  const trail = trailingZeros(high, low);
  if (window.lead >= 0 && lead >= window.lead && trail >= 64 - window.lead - window.length) bits.write(2, 2);
  else {
    window.lead = lead;
    window.length = 64 - lead - trail;
    bits.write(3, 2);
    bits.write(lead, 5);
    bits.write(window.length - 1, 6);
  }
  writeMiddle(bits, high, low, 64 - window.lead - window.length, window.length);
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
