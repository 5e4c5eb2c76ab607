import { clipped, type Sound } from "./wav.ts";

/** Samples a second on the telephone. */
export const phoneRate = 8000;

/** Taps of the filter on each side of a sample, in samples of the slower rate: 24 give 60 dB beyond the edge. */
const reach = 24;
/** The edge of what passes, as a part of half the slower rate: 3.6 kHz of 4 on the telephone. */
const passes = 0.9;
/** Places between two samples for which the filter is worked out beforehand. */
const mostPhases = 1024;

/**
 * The same sound with 8,000 samples a second: each is a sum of its neighbours, weighted by a sinc under a Kaiser window, which lets nothing pass
 * that the slower rate cannot hold (it would come back as noise between the words).
 */
export function toPhoneRate({ rate, samples }: Sound): Int16Array {
  if (rate === phoneRate) return samples;
  const step = rate / phoneRate;
  const out = new Int16Array(Math.floor(samples.length / step));
  const cutoff = (Math.min(1, phoneRate / rate) * passes) / 2; // in parts of the source's rate
  const half = Math.ceil(reach * Math.max(1, step));
  const phases = Number.isInteger(step) ? 1 : mostPhases;
  const filters = Array.from({ length: phases + 1 }, (_, phase) => filterAt(phase / phases, half, cutoff));
  for (let index = 0; index < out.length; index += 1) {
    const place = index * step;
    const whole = Math.floor(place);
    const filter = filters[Math.round((place - whole) * phases)];
    if (!filter) continue;
    let sum = 0;
    for (let tap = 0; tap < filter.length; tap += 1) sum += (filter[tap] ?? 0) * (samples[whole + tap - half + 1] ?? 0);
    out[index] = clipped(sum);
  }
  return out;
}

/** Weights of the samples around a place between two of them; they add up to one. */
function filterAt(fraction: number, half: number, cutoff: number): Float64Array {
  const weights = new Float64Array(2 * half);
  let total = 0;
  for (let tap = 0; tap < weights.length; tap += 1) {
    const distance = tap - half + 1 - fraction;
    const weight = sinc(2 * cutoff * distance) * kaiser(distance / half);
    weights[tap] = weight;
    total += weight;
  }
  return weights.map((weight) => weight / total);
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const beta = 6; // some 60 dB below what passes
const kaiser = (x: number): number => (Math.abs(x) >= 1 ? 0 : bessel(beta * Math.sqrt(1 - x * x)) / bessel(beta));

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-10; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
