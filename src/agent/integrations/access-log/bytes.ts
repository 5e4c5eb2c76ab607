/*
 * Log lines are read as bytes: no text is made of a line, which keeps a gigabyte of them free of garbage. Positions are indices into a chunk; `to` is
 * the position behind the last byte.
 */

/** Codes of the bytes that divide log lines. */
export const code = {
  tab: 0x09,
  newline: 0x0a,
  return: 0x0d,
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  equals: 0x3d,
  bracketOpen: 0x5b,
  backslash: 0x5c,
  bracketClose: 0x5d,
  braceOpen: 0x7b,
  braceClose: 0x7d,
} as const;

/** What is not in a line, or is no number. */
export const absent = -1;

/**
 * The number that fills `from` … `to` exactly: digits, at most one dot, an exponent. Everything else, the `-` of an empty field included, is
 * {@link absent}.
 */
export function readDecimal(chunk: Uint8Array, from: number, to: number): number {
  if (to <= from || to - from > longestNumber) return absent;
  let digits = 0;
  let dot = -1;
  for (let at = from; at < to; at += 1) {
    const digit = (chunk[at] ?? 0) - code.zero;
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
    else if (chunk[at] === code.dot && dot < 0 && to - from > 1) dot = at;
    else return readExponent(chunk, from, to);
  }
  return dot < 0 ? digits : digits / (powers[to - dot - 1] ?? 1);
}

const longestNumber = 24;
const powers = Float64Array.from({ length: longestNumber }, (_, exponent) => 10 ** exponent);

/** `1.5e-05`, as Go writes small seconds. */
function readExponent(chunk: Uint8Array, from: number, to: number): number {
  if (to - from < 3) return absent; // most often the `-` of an empty field
  const text = String.fromCharCode(...chunk.subarray(from, to));
  const value = /^\d*\.?\d+[eE][-+]?\d{1,3}$/u.test(text) ? Number(text) : absent;
  return Number.isFinite(value) ? value : absent;
}

/** True when `word` stands at `at`. */
export function startsWith(chunk: Uint8Array, at: number, to: number, word: Uint8Array): boolean {
  if (at + word.length > to) return false;
  for (let index = 0; index < word.length; index += 1) if (chunk[at + index] !== word[index]) return false;
  return true;
}

/** The bytes of a field's name. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
