import { phoneRate } from "./resample.ts";
import { clipped } from "./wav.ts";

/** Samples of so many seconds on the telephone. */
export const samplesIn = (seconds: number): number => Math.round(seconds * phoneRate);

/**
 * Without the silence before and behind, but for `rest` seconds of it.
 * @param silent below this a sample counts as silence
 */
export function trimmed(samples: Int16Array, rest: number, silent = 200): Int16Array {
  const isLoud = (sample: number): boolean => Math.abs(sample) > silent;
  const first = samples.findIndex(isLoud);
  if (first < 0) return samples.subarray(0, 0);
  const keep = samplesIn(rest);
  return samples.subarray(Math.max(0, first - keep), Math.min(samples.length, samples.findLastIndex(isLoud) + 1 + keep));
}

/** Speech as loud as telephones expect it: the loudest tenth of its moments at this root mean square, which leaves room for peaks. */
const wantedLevel = 5200;
const mostGain = 8;

/** The same sound at the usual level, whatever the program or microphone gave. */
export function levelled(samples: Int16Array): Int16Array {
  const frame = samplesIn(0.02);
  const levels: number[] = [];
  for (let at = 0; at + frame <= samples.length; at += frame) {
    let sum = 0;
    for (let index = at; index < at + frame; index += 1) sum += (samples[index] ?? 0) ** 2;
    levels.push(Math.sqrt(sum / frame));
  }
  const level = levels.toSorted((a, b) => b - a)[Math.floor(levels.length / 10)] ?? 0;
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  if (level < 1) return samples;
  const gain = Math.min(mostGain, wantedLevel / level, 32_000 / peak);
  return Int16Array.from(samples, (sample) => clipped(sample * gain));
}

/** One after the other, with silence between. @param gap seconds */
export function joined(parts: readonly Int16Array[], gap: number): Int16Array {
  const between = samplesIn(gap);
  const length = parts.reduce((sum, part) => sum + part.length, 0) + between * Math.max(0, parts.length - 1);
  const out = new Int16Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length + between;
  }
  return out;
}

/** Two short beeps: somebody is there, although nothing can be said. */
export function beeps(): Int16Array {
  const length = samplesIn(0.25);
  const one = Int16Array.from({ length }, (_, index) => {
    const fade = Math.min(1, index / 80, (length - index) / 80);
    return Math.round(7000 * fade * Math.sin((2 * Math.PI * 440 * index) / phoneRate));
  });
  return joined([one, one], 0.15);
}
