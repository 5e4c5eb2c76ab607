/** The 16-bit mono samples of a WAV file, also of one that is still being written (its lengths are not believed). */
export function samplesOfWav(wav: Buffer): Int16Array {
  if (wav.toString("latin1", 0, 4) !== "RIFF") throw new Error("This is no WAV file.");
  let format = { channels: 1, bits: 16 };
  for (let at = 12; at + 8 <= wav.length;) {
    const name = wav.toString("latin1", at, at + 4);
    const length = wav.readUInt32LE(at + 4);
    if (name === "fmt ") format = { channels: wav.readUInt16LE(at + 10), bits: wav.readUInt16LE(at + 22) };
    if (name === "data") {
      if (format.channels !== 1 || format.bits !== 16) throw new Error(`Expected 16 bits mono, got ${JSON.stringify(format)}.`);
      const end = length === 0 ? wav.length : Math.min(wav.length, at + 8 + length);
      return Int16Array.from({ length: Math.floor((end - at - 8) / 2) }, (_, index) => wav.readInt16LE(at + 8 + index * 2));
    }
    at += 8 + length + (length % 2);
  }
  throw new Error("The WAV file holds no sound.");
}

const step = 160; // 20 ms at 8 kHz

/** Loudness (root of the mean square) of each 20 ms, beginning `shift` samples in. */
function envelope(samples: Int16Array, shift = 0): Float64Array {
  const out = new Float64Array(Math.max(0, Math.floor((samples.length - shift) / step)));
  for (let index = 0; index < out.length; index += 1) {
    let sum = 0;
    for (let at = shift + index * step; at < shift + (index + 1) * step; at += 1) sum += (samples[at] ?? 0) ** 2;
    out[index] = Math.sqrt(sum / step);
  }
  return out;
}

function pearson(a: Float64Array, b: Float64Array, offset: number): number {
  const n = a.length;
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (let index = 0; index < n; index += 1) {
    const x = a[index] ?? 0;
    const y = b[offset + index] ?? 0;
    sa += x;
    sb += y;
    saa += x * x;
    sbb += y * y;
    sab += x * y;
  }
  const spread = Math.sqrt((n * saa - sa * sa) * (n * sbb - sb * sb));
  return spread === 0 ? 0 : (n * sab - sa * sb) / spread;
}

export interface Match {
  /** 1: the same loudness over time; above 0.98 it is the same sound. */
  readonly correlation: number;
  /** Where in what was heard it begins, in milliseconds. */
  readonly at: number;
}

/** Where a clip is best found in what was heard, and how well: Pearson correlation of the envelopes. `from` leaves out what was before (ms). */
export function findSound(clip: Int16Array, heard: Int16Array, from = 0): Match {
  const sought = envelope(clip);
  let best: Match = { correlation: 0, at: 0 };
  // A phone's frames do not begin where ours do: look at four places within one.
  for (const shift of [0, 40, 80, 120]) {
    const within = envelope(heard, shift);
    for (let offset = Math.floor(from / 20); offset + sought.length <= within.length; offset += 1) {
      const correlation = pearson(sought, within, offset);
      if (correlation > best.correlation) best = { correlation, at: offset * 20 + shift / 8 };
    }
  }
  return best;
}
