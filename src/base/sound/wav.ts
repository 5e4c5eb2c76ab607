import { HinobanError } from "../errors.ts";
import { fromMuLaw } from "./mu-law.ts";

/** Sound of one channel. */
export interface Sound {
  /** Samples a second. */
  readonly rate: number;
  readonly samples: Int16Array;
}

const format = { pcm: 1, float: 3, aLaw: 6, muLaw: 7, extensible: 0xfffe } as const;

/**
 * Reads a WAV file (RIFF): PCM of 8, 16, 24 and 32 bits, floats of 32 bits, µ-law and A-law; channels are mixed into one. The length that a header
 * promises may be too large, as programs write it that do not know it yet.
 * @throws HinobanError "invalid-input" with what is wrong
 */
export function readWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tag(bytes, 0) !== "RIFF" || tag(bytes, 8) !== "WAVE") throw wrong("This is no WAV file.");
  let layout: Layout | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    const begin = at + 8;
    const end = Math.min(bytes.length, begin + size);
    if (tag(bytes, at) === "fmt ") layout = layoutOf(view, begin, end);
    if (tag(bytes, at) === "data") {
      if (!layout) throw wrong("The WAV file does not say how its sound is written.");
      return { rate: layout.rate, samples: samplesOf(view, begin, end, layout) };
    }
    at = begin + size + (size % 2);
  }
  throw wrong("The WAV file holds no sound.");
}

const wrong = (message: string): HinobanError => new HinobanError("invalid-input", message);

interface Layout {
  readonly code: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

const tag = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

function layoutOf(view: DataView, begin: number, end: number): Layout {
  if (end - begin < 16) throw wrong("The WAV file is cut off.");
  const written = view.getUint16(begin, true);
  const code = written === format.extensible && end - begin >= 26 ? view.getUint16(begin + 24, true) : written;
  const channels = view.getUint16(begin + 2, true);
  const rate = view.getUint32(begin + 4, true);
  const bits = view.getUint16(begin + 14, true);
  if (channels < 1 || channels > 8) throw wrong(`The WAV file has ${channels} channels; 1 to 8 can be read.`);
  if (rate < 4000 || rate > 192_000) throw wrong(`The WAV file has ${rate} samples a second; 4,000 to 192,000 can be read.`);
  if (!readers[`${code}:${bits}`]) throw wrong("The WAV file is written in a way that cannot be read; PCM with 16 bits can.");
  return { code, channels, rate, bits };
}

type ReadSample = (view: DataView, at: number) => number;

/** By format and bits of a sample: its value between -32768 and 32767. */
const readers: Readonly<Record<string, ReadSample>> = {
  "1:8": (view, at) => (view.getUint8(at) - 128) * 256,
  "1:16": (view, at) => view.getInt16(at, true),
  "1:24": (view, at) => view.getInt16(at + 1, true),
  "1:32": (view, at) => view.getInt16(at + 2, true),
  "3:32": (view, at) => view.getFloat32(at, true) * 32_767,
  "6:8": (view, at) => fromALaw(view.getUint8(at)),
  "7:8": (view, at) => fromMuLaw(view.getUint8(at)),
};

function samplesOf(view: DataView, begin: number, end: number, { code, channels, bits }: Layout): Int16Array {
  const width = bits / 8;
  const read = readers[`${code}:${bits}`];
  const samples = new Int16Array(Math.floor((end - begin) / (width * channels)));
  if (!read) return samples;
  for (let index = 0; index < samples.length; index += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += read(view, begin + (index * channels + channel) * width);
    samples[index] = clipped(sum / channels);
  }
  return samples;
}

/** The nearest number that a sample can be; what is no number is silence. */
export const clipped = (value: number): number => (Number.isNaN(value) ? 0 : Math.max(-32_768, Math.min(32_767, Math.round(value))));

/** A-law as ITU-T G.711 has it: even bits are inverted. */
function fromALaw(byte: number): number {
  const value = byte ^ 0x55;
  const exponent = (value >> 4) & 7;
  const mantissa = (value & 15) << 4;
  const size = exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
  return value & 0x80 ? size : -size;
}

/** A WAV file of 16 bits and one channel. */
export function writeWav({ rate, samples }: Sound): Uint8Array {
  const bytes = new Uint8Array(44 + samples.length * 2);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => {
    for (let index = 0; index < value.length; index += 1) bytes[at + index] = value.charCodeAt(index);
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, format.pcm, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  for (let index = 0; index < samples.length; index += 1) view.setInt16(44 + index * 2, samples[index] ?? 0, true);
  return bytes;
}
