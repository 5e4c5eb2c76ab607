/** µ-law as ITU-T G.711 has it: 14 bits of a sample in 8, all of them inverted. */

const bias = 0x84;
const loudest = 32_635;

export function toMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const size = Math.min(Math.abs(sample), loudest) + bias;
  let exponent = 7;
  for (let bit = 0x4000; exponent > 0 && (size & bit) === 0; bit >>= 1) exponent -= 1;
  return ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 15)) & 0xff;
}

export function fromMuLaw(byte: number): number {
  const value = ~byte & 0xff;
  const size = ((((value & 15) << 3) + bias) << ((value >> 4) & 7)) - bias;
  return value & 0x80 ? -size : size;
}

export function encodeMuLaw(samples: Int16Array): Uint8Array {
  return Uint8Array.from(samples, toMuLaw);
}

export function decodeMuLaw(bytes: Uint8Array): Int16Array {
  return Int16Array.from(bytes, fromMuLaw);
}
