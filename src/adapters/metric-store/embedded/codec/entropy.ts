import { f64At, u32At } from "../arrays.ts";
import { BitSink, type ByteSink, type ByteSource } from "./bytes.ts";

/**
 * Non-negative integers below 2^31 by how often they occur. Numbers below 16 are symbols of their own; a larger one is a symbol for
 * its highest bit and the two below, followed by the rest of its bits. Symbols get canonical Huffman codes of at most 10 bits.
 * Layout: u8 number of symbols | their code lengths, a nibble each (0 = absent; 15 = a run of absent ones, length - 1 in the next nibble)
 * | codes and extra bits, most significant first, padded to a byte.
 */
const exact = 16;
const symbols = exact + 27 * 4;
const longestCode = 10;

const frequency = new Uint32Array(symbols);
const lengths = new Uint8Array(symbols);
const codes = new Uint16Array(symbols);
const table = new Uint16Array(1 << longestCode);

function symbolOf(z: number): number {
  if (z < exact) return z;
  const top = 31 - Math.clz32(z);
  return exact + ((top - 4) << 2) + ((z >>> (top - 2)) & 3);
}

/** Bits behind the code of a symbol. */
const extraBits = (symbol: number): number => (symbol < exact ? 0 : ((symbol - exact) >> 2) + 2);

/** Reads `ints` once and prepares codes. Returns the bytes that `writeEntropy` will need, or infinity when the integers do not fit. */
export function planEntropy(ints: Float64Array, n: number): number {
  frequency.fill(0);
  let extra = 0;
  for (let i = 0; i < n; i++) {
    const z = ints[i] ?? 0;
    if (z > 0x7fffffff) return Number.POSITIVE_INFINITY;
    const symbol = symbolOf(z);
    frequency[symbol] = (frequency[symbol] ?? 0) + 1;
    extra += extraBits(symbol);
  }
  findLengths();
  let bits = extra;
  let used = 0;
  for (let s = 0; s < symbols; s++) {
    bits += (frequency[s] ?? 0) * (lengths[s] ?? 0);
    if (lengths[s]) used = s + 1;
  }
  return 1 + (used >> 1) + (bits >> 3) + 1;
}

/** Code lengths for `frequency`: Huffman's, with the frequencies flattened until no code is longer than the limit. */
function findLengths(): void {
  const weights = Float64Array.from(frequency);
  for (;;) {
    if (huffmanLengths(weights) <= longestCode) return;
    for (let s = 0; s < symbols; s++) if (weights[s]) weights[s] = Math.ceil((weights[s] ?? 0) / 4);
  }
}

/** Sets `lengths` and returns the longest. */
function huffmanLengths(weights: Float64Array): number {
  lengths.fill(0);
  const present: number[] = [];
  for (let s = 0; s < symbols; s++) if (weights[s]) present.push(s);
  const [only] = present;
  if (only !== undefined && present.length === 1) {
    lengths[only] = 1;
    return 1;
  }
  present.sort((a, b) => f64At(weights, a) - f64At(weights, b));
  const depths = leafDepths(Float64Array.from(present, (s) => f64At(weights, s)));
  for (const [i, s] of present.entries()) lengths[s] = u32At(depths, i);
  return depths.reduce((max, depth) => Math.max(max, depth), 0);
}

/** Depth of each leaf in Huffman's tree over ascending weights. Inner nodes come into being in order of weight, behind the leaves. */
function leafDepths(leaves: Float64Array): Uint32Array {
  const count = leaves.length;
  const weight = new Float64Array(2 * count);
  weight.set(leaves);
  const parent = new Uint32Array(2 * count);
  let leaf = 0;
  let inner = count;
  let end = count;
  const take = (): number => (leaf < count && (inner >= end || f64At(weight, leaf) <= f64At(weight, inner)) ? leaf++ : inner++);
  for (; end < 2 * count - 1; end++) {
    const a = take();
    const b = take();
    parent[a] = end;
    parent[b] = end;
    weight[end] = f64At(weight, a) + f64At(weight, b);
  }
  const depth = new Uint32Array(2 * count);
  for (let node = end - 2; node >= 0; node--) depth[node] = u32At(depth, u32At(parent, node)) + 1;
  return depth.subarray(0, count);
}

function assignCodes(): void {
  let code = 0;
  for (let length = 1; length <= longestCode; length++) {
    for (let s = 0; s < symbols; s++) if (lengths[s] === length) codes[s] = code++;
    code <<= 1;
  }
}

/** Writes the integers that `planEntropy` was called with last. */
export function writeEntropy(ints: Float64Array, n: number, out: ByteSink): void {
  assignCodes();
  out.reserve(symbols + n * 6 + 16);
  writeLengths(out);
  const bits = new BitSink(out);
  for (let i = 0; i < n; i++) {
    const z = ints[i] ?? 0;
    const symbol = symbolOf(z);
    bits.write(codes[symbol] ?? 0, lengths[symbol] ?? 0);
    const extra = extraBits(symbol);
    if (extra > 24) {
      bits.write((z >>> 24) & ((1 << (extra - 24)) - 1), extra - 24);
      bits.write(z & 0xffffff, 24);
    } else if (extra > 0) bits.write(z, extra);
  }
  bits.end();
}

function writeLengths(out: ByteSink): void {
  let used = symbols;
  while (used > 0 && !lengths[used - 1]) used--;
  out.u8(used);
  const bits = new BitSink(out);
  for (let s = 0; s < used; s++) {
    let run = 0;
    while (run < 16 && s + run < used && !lengths[s + run]) run++;
    if (run > 1) {
      bits.write(15, 4);
      bits.write(run - 1, 4);
      s += run - 1;
    } else bits.write(lengths[s] ?? 0, 4);
  }
  bits.end();
}

function readLengths(source: ByteSource): void {
  const used = source.u8();
  lengths.fill(0);
  let byte = 0;
  let isHigh = true;
  const nibble = (): number => {
    if (isHigh) byte = source.u8();
    isHigh = !isHigh;
    return isHigh ? byte & 15 : byte >> 4;
  };
  for (let s = 0; s < used && s < symbols; s++) {
    const length = nibble();
    if (length === 15) s += nibble();
    else lengths[s] = length;
  }
}

function fillTable(): void {
  let at = 0;
  for (let length = 1; length <= longestCode; length++) {
    const span = 1 << (longestCode - length);
    for (let s = 0; s < symbols; s++) {
      if (lengths[s] !== length) continue;
      table.fill((s << 4) | length, at, at + span);
      at += span;
    }
  }
}

/** Reads `n` integers into out[at ..]. */
export function readEntropy(source: ByteSource, n: number, out: Float64Array, at: number): void {
  readLengths(source);
  fillTable();
  const { bytes } = source;
  const end = at + n;
  let p = source.at;
  let acc = 0;
  let have = 0;
  for (let i = at; i < end; i++) {
    if (have < longestCode) {
      acc = (acc << 16) | ((bytes[p] ?? 0) << 8) | (bytes[p + 1] ?? 0);
      p += 2;
      have += 16;
    }
    const entry = table[(acc >>> (have - longestCode)) & ((1 << longestCode) - 1)] ?? 0;
    have -= entry & 15;
    const symbol = entry >> 4;
    if (symbol < exact) {
      out[i] = symbol;
      continue;
    }
    let extra = ((symbol - exact) >> 2) + 2;
    let z = 4 | ((symbol - exact) & 3);
    while (extra > 0) {
      const width = extra > 12 ? extra - 12 : extra; // at most 17 and 12 bits, so that they fit beside what is left
      if (have < width) {
        acc = (acc << 16) | ((bytes[p] ?? 0) << 8) | (bytes[p + 1] ?? 0);
        p += 2;
        have += 16;
      }
      have -= width;
      z = (z << width) | ((acc >>> have) & ((1 << width) - 1));
      extra -= width;
    }
    out[i] = z;
  }
  source.at = p - (have >> 3);
}
