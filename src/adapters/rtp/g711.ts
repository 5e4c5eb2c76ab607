import type { Clip } from "#ports/phone/port";
import type { Codec } from "./media.ts";

/** Bytes of a codec that mean silence (G.711: the code of the smallest positive value). */
export const silenceOf: Readonly<Record<Codec, number>> = { PCMU: 0xff, PCMA: 0xd5 };

/** Largest magnitude that µ-law codes, before the bias of 132 is added. */
const mulawClip = 32_635;

/** Position of the segment of a magnitude: of its highest bit above bit 7. */
const segmentOf = (magnitude: number): number => 24 - Math.clz32(magnitude);

function toMulaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), mulawClip) + 132;
  const segment = segmentOf(magnitude);
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 15)) & 0xff;
}

function toAlaw(sample: number): number {
  const magnitude = sample < 0 ? ~sample : sample;
  const segment = magnitude < 256 ? 0 : segmentOf(magnitude);
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | ((magnitude >> (segment === 0 ? 4 : segment + 3)) & 15)) ^ 0x55;
}

function fromMulaw(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132;
  return (code & 0x80) === 0 ? magnitude : -magnitude;
}

function fromAlaw(byte: number): number {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const step = ((code & 15) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 256) << (segment - 1);
  return (code & 0x80) === 0 ? -magnitude : magnitude;
}

const codesOf = (code: (sample: number) => number): Uint8Array =>
  Uint8Array.from({ length: 65_536 }, (_, index) => code(index < 32_768 ? index : index - 65_536));

const encodeTables: Readonly<Record<Codec, Uint8Array>> = { PCMU: codesOf(toMulaw), PCMA: codesOf(toAlaw) };
const decodeTables: Readonly<Record<Codec, Int16Array>> = {
  PCMU: Int16Array.from({ length: 256 }, (_, byte) => fromMulaw(byte)),
  PCMA: Int16Array.from({ length: 256 }, (_, byte) => fromAlaw(byte)),
};

/** Codes samples of 16 bits, a byte each (ITU-T G.711). */
export function encode(codec: Codec, samples: Int16Array): Uint8Array {
  const table = encodeTables[codec];
  const out = new Uint8Array(samples.length);
  for (let index = 0; index < samples.length; index += 1) out[index] = table[(samples[index] ?? 0) & 0xff_ff] ?? 0;
  return out;
}

/** The samples that bytes stand for. */
export function decode(codec: Codec, bytes: Uint8Array): Int16Array {
  const table = decodeTables[codec];
  const out = new Int16Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) out[index] = table[bytes[index] ?? 0] ?? 0;
  return out;
}

const encoded: Readonly<Record<Codec, WeakMap<Clip, Uint8Array>>> = { PCMU: new WeakMap(), PCMA: new WeakMap() };

/** A clip as it goes over the wire; made once for as long as the clip is kept. */
export function encodeClip(codec: Codec, clip: Clip): Uint8Array {
  const known = encoded[codec].get(clip);
  if (known) return known;
  const made = encode(codec, clip.samples);
  encoded[codec].set(clip, made);
  return made;
}
