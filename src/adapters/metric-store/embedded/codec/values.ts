import { HinobanError } from "#base/errors";
import { f64At } from "../arrays.ts";
import { ByteSink, type ByteSource } from "./bytes.ts";
import { planEntropy, readEntropy, writeEntropy } from "./entropy.ts";
import { packedSize, packInts, unpackInts } from "./packed.ts";
import { readXor, writeXor } from "./xor.ts";

/**
 * A column of doubles, exact to the bit (a negative zero excepted, which nobody stores).
 * Most metrics are decimal numbers in disguise: times 1, 10 … 10000 they are integers. Rates that an agent divided by 60 are
 * integers times 1/60, which is why 60 is among the scales. What fits no scale is kept by xor.
 *
 * u8 mode | scale << 4
 * constant: f64; scaledConstant: zigzag-varint integer
 * integers: varint n0 … zigzag-varint base | varint divisor | then by mode, of k = (integer - base) / divisor:
 *   packed, packedDelta: u8 log2 of the sub-block | sub-blocks
 *   runs: varint number of runs | their k, packed | their lengths - 1, packed
 *   entropy: zigzag-varint minimum | codes of k - minimum;  entropyDelta: codes of the zigzagged differences
 * xor: f64 and bits
 */
const mode = { constant: 0, packed: 1, packedDelta: 2, runs: 3, entropy: 4, entropyDelta: 5, xor: 6, scaledConstant: 7 } as const;

const scales = [1, 10, 100, 1000, 10_000, 60] as const;
/** Four doublings (difference, its difference, their spread, the sign) must stay within the integers that doubles hold exactly. */
const largestInteger = 2 ** 49;
const subBlockBits = [5, 6, 7] as const;
const usualSubBlockBits = 6;
/** Entropy codes are read at half the speed: they must save a fifth to be worth it. */
const entropyGain = 0.8;

/** Columns are at most this long. */
export const longestColumn = 8192;

const integers = new Float64Array(longestColumn);
const deltas = new Float64Array(longestColumn);
const runValues = new Float64Array(longestColumn);
const runLengths = new Float64Array(longestColumn);

/** Writes `values[0..n)`. `isThorough` tries more codes, for data that will stay long. */
export function writeValues(values: Float64Array, n: number, isThorough: boolean, out: ByteSink): void {
  if (n > longestColumn || n < 1) throw new HinobanError("internal", `A column of ${n} values cannot be written.`);
  if (isConstant(values, n)) {
    writeConstant(values[0] ?? 0, out);
    return;
  }
  const scale = findScale(values, n);
  if (scale < 0) {
    out.u8(mode.xor);
    writeXor(values, n, out);
  } else writeIntegers(n, scale, isThorough, out);
}

function writeConstant(value: number, out: ByteSink): void {
  const scale = scales.findIndex((s) => isScaled(value, s));
  if (scale < 0) {
    out.u8(mode.constant);
    out.f64(value);
  } else {
    out.u8(mode.scaledConstant | (scale << 4));
    out.zigzag(Math.round(value * (scales[scale] ?? 1)));
  }
}

function isConstant(values: Float64Array, n: number): boolean {
  const first = values[0];
  for (let i = 1; i < n; i++) if (values[i] !== first) return false;
  return true;
}

function isScaled(value: number, scale: number): boolean {
  const r = Math.round(value * scale);
  return r / scale === value && r <= largestInteger && r >= -largestInteger;
}

/** The place in `scales` under which every value is an exact integer, which are in `integers` then; -1 = none. */
function findScale(values: Float64Array, n: number): number {
  const probes = [f64At(values, 0), f64At(values, n >> 1), f64At(values, n - 1)];
  return scales.findIndex((scale) => probes.every((value) => isScaled(value, scale)) && scaleAll(values, n, scale));
}

function scaleAll(values: Float64Array, n: number, scale: number): boolean {
  for (let i = 0; i < n; i++) {
    const value = f64At(values, i);
    const r = Math.round(value * scale);
    if (r / scale !== value || r > largestInteger || r < -largestInteger) return false;
    integers[i] = r;
  }
  return true;
}

function greatestDivisor(base: number, n: number): number {
  let divisor = 0;
  for (let i = 1; i < n && divisor !== 1; i++) {
    let a = Math.abs((integers[i] ?? 0) - base);
    let b = divisor;
    while (b > 0) [a, b] = [b, a % b];
    divisor = a;
  }
  return divisor;
}

interface Choice {
  readonly mode: number;
  readonly bits: number;
  readonly size: number;
}

function writeIntegers(n: number, scale: number, isThorough: boolean, out: ByteSink): void {
  const base = integers[0] ?? 0;
  const divisor = greatestDivisor(base, n);
  let runs = 1;
  for (let i = 0; i < n; i++) integers[i] = ((integers[i] ?? 0) - base) / divisor;
  for (let i = 1; i < n; i++) {
    const delta = (integers[i] ?? 0) - (integers[i - 1] ?? 0);
    deltas[i - 1] = delta;
    if (delta !== 0) runs++;
  }
  const choice = choose(n, runs, isThorough);
  out.u8(choice.mode | (scale << 4));
  out.zigzag(base);
  out.varint(divisor);
  writeChosen(choice, n, out);
}

/** The cheapest way to write `integers` and `deltas`. */
function choose(n: number, runs: number, isThorough: boolean): Choice {
  let best: Choice = { mode: mode.packed, bits: usualSubBlockBits, size: Number.POSITIVE_INFINITY };
  const consider = (candidate: Choice): void => {
    if (candidate.size < best.size) best = candidate;
  };
  for (const bits of isThorough ? subBlockBits : [usualSubBlockBits]) {
    consider({ mode: mode.packed, bits, size: packedSize(integers, n, 1 << bits) });
    consider({ mode: mode.packedDelta, bits, size: packedSize(deltas, n - 1, 1 << bits) });
  }
  if (runs * 4 < n) {
    findRuns(n);
    const size = 2 + packedSize(runValues, runs, 1 << usualSubBlockBits) + packedSize(runLengths, runs, 1 << usualSubBlockBits);
    consider({ mode: mode.runs, bits: runs, size });
  }
  if (isThorough) {
    const plain = planEntropy(shifted(n), n);
    const delta = planEntropy(folded(n), n - 1);
    const size = Math.min(plain, delta);
    consider({ mode: plain < delta ? mode.entropy : mode.entropyDelta, bits: 0, size: size / entropyGain });
  }
  return best;
}

function findRuns(n: number): void {
  let run = 0;
  runValues[0] = integers[0] ?? 0;
  runLengths[0] = 0;
  for (let i = 1; i < n; i++) {
    if (deltas[i - 1] === 0) runLengths[run] = (runLengths[run] ?? 0) + 1;
    else {
      runValues[++run] = integers[i] ?? 0;
      runLengths[run] = 0;
    }
  }
}

/** `integers` above their minimum, in the scratch of the runs. */
function shifted(n: number): Float64Array {
  const min = minimum(n);
  for (let i = 0; i < n; i++) runValues[i] = (integers[i] ?? 0) - min;
  return runValues;
}

function minimum(n: number): number {
  let min = integers[0] ?? 0;
  for (let i = 1; i < n; i++) if ((integers[i] ?? 0) < min) min = integers[i] ?? 0;
  return min;
}

/** `deltas` without sign. */
function folded(n: number): Float64Array {
  for (let i = 0; i < n - 1; i++) {
    const delta = deltas[i] ?? 0;
    runLengths[i] = delta < 0 ? -2 * delta - 1 : 2 * delta;
  }
  return runLengths;
}

function writeChosen(choice: Choice, n: number, out: ByteSink): void {
  switch (choice.mode) {
    case mode.packed:
      out.u8(choice.bits);
      packInts(integers, n, 1 << choice.bits, out);
      return;
    case mode.packedDelta:
      out.u8(choice.bits);
      packInts(deltas, n - 1, 1 << choice.bits, out);
      return;
    case mode.runs:
      findRuns(n);
      out.varint(choice.bits);
      packInts(runValues, choice.bits, 1 << usualSubBlockBits, out);
      packInts(runLengths, choice.bits, 1 << usualSubBlockBits, out);
      return;
    case mode.entropy: {
      out.zigzag(minimum(n));
      const plain = shifted(n);
      planEntropy(plain, n);
      writeEntropy(plain, n, out);
      return;
    }
    default: {
      const plain = folded(n);
      planEntropy(plain, n - 1);
      writeEntropy(plain, n - 1, out);
    }
  }
}

/** Reads `n` values into out[at ..]. @throws HinobanError "storage-damaged" for a mode that this version does not know. */
export function readValues(source: ByteSource, n: number, out: Float64Array, at: number): void {
  const head = source.u8();
  const kind = head & 15;
  if (kind === mode.constant) {
    out.fill(source.f64(), at, at + n);
    return;
  }
  if (kind === mode.xor) {
    readXor(source, n, out, at);
    return;
  }
  const scale = scales[head >> 4];
  if (scale === undefined || kind > mode.scaledConstant) throw new HinobanError("storage-damaged", `Unknown column mode ${head}.`);
  const base = source.zigzag();
  if (kind === mode.scaledConstant) {
    out.fill(base / scale, at, at + n);
    return;
  }
  const divisor = source.varint();
  switch (kind) {
    case mode.packedDelta:
      unpackInts(source, n - 1, 1 << source.u8(), out, at + 1);
      sumUp(n, out, at, { base, divisor, scale });
      return;
    case mode.entropyDelta:
      readEntropy(source, n - 1, out, at + 1);
      unfold(n, out, at);
      sumUp(n, out, at, { base, divisor, scale });
      return;
    case mode.packed:
      unpackInts(source, n, 1 << source.u8(), out, at);
      rescale(n, out, at, { base, divisor, scale });
      return;
    case mode.runs:
      readRuns(source, n, out, at);
      rescale(n, out, at, { base, divisor, scale });
      return;
    default: {
      const min = source.zigzag();
      readEntropy(source, n, out, at);
      rescale(n, out, at, { base: base + min * divisor, divisor, scale });
    }
  }
}

interface Scaling {
  readonly base: number;
  readonly divisor: number;
  readonly scale: number;
}

function rescale(n: number, out: Float64Array, at: number, { base, divisor, scale }: Scaling): void {
  const end = at + n;
  if (scale === 1) for (let i = at; i < end; i++) out[i] = (out[i] ?? 0) * divisor + base;
  else for (let i = at; i < end; i++) out[i] = ((out[i] ?? 0) * divisor + base) / scale;
}

/** Unsigned numbers below 2^31 to the differences that they stand for, behind the first. */
function unfold(n: number, out: Float64Array, at: number): void {
  const end = at + n;
  for (let i = at + 1; i < end; i++) {
    const z = (out[i] ?? 0) | 0;
    out[i] = (z >>> 1) ^ -(z & 1);
  }
}

/** Differences to values. */
function sumUp(n: number, out: Float64Array, at: number, { base, divisor, scale }: Scaling): void {
  const end = at + n;
  let k = 0;
  out[at] = base / scale;
  if (scale === 1) {
    for (let i = at + 1; i < end; i++) {
      k += out[i] ?? 0;
      out[i] = k * divisor + base;
    }
    return;
  }
  for (let i = at + 1; i < end; i++) {
    k += out[i] ?? 0;
    out[i] = (k * divisor + base) / scale;
  }
}

function readRuns(source: ByteSource, n: number, out: Float64Array, at: number): void {
  const runs = Math.min(source.varint(), longestColumn);
  unpackInts(source, runs, 1 << usualSubBlockBits, runValues, 0);
  unpackInts(source, runs, 1 << usualSubBlockBits, runLengths, 0);
  let i = at;
  for (let run = 0; run < runs; run++) {
    const end = Math.min(at + n, i + (runLengths[run] ?? 0) + 1);
    out.fill(runValues[run] ?? 0, i, end);
    i = end;
  }
}
