/** Writes 16-bit mono samples at 8 kHz as a WAV file. */
export function wavOf(samples: Int16Array, rate = 8000): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + samples.length * 2, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(samples.length * 2, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer, samples.byteOffset, samples.length * 2)]);
}

/** A tone at 8 kHz. */
export function tone(hertz: number, milliseconds: number, volume = 0.3): Int16Array {
  return Int16Array.from({ length: milliseconds * 8 }, (_, index) => Math.sin((2 * Math.PI * hertz * index) / 8000) * volume * 32_767);
}

/**
 * Something that sounds like speech to a correlation: syllables of changing length, pitch and loudness with pauses between, the same for
 * the same seed.
 */
export function babble(milliseconds: number, seed = 1): Int16Array {
  const out = new Int16Array(milliseconds * 8);
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  for (let at = 0; at < out.length;) {
    const length = Math.floor((80 + random() * 220) * 8);
    const pitch = 120 + random() * 180;
    const volume = random() < 0.2 ? 0 : 0.1 + random() * 0.6;
    for (let index = 0; index < length && at < out.length; index += 1, at += 1) {
      const swell = Math.sin((Math.PI * index) / length);
      const phase = (2 * Math.PI * pitch * index) / 8000;
      out[at] = (Math.sin(phase) + 0.5 * Math.sin(3 * phase) + 0.3 * Math.sin(5 * phase)) * 0.5 * swell * volume * 32_767;
    }
  }
  return out;
}
