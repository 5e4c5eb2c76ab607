import { HinobanError } from "#base/errors";

const malformed = (): HinobanError => new HinobanError("bad-request", "The body is not compressed with Snappy's block format.");

/**
 * Inflates Snappy's block format, which remote write uses. The length stands in front, so that nothing is inflated which is larger than
 * allowed; each element makes the output longer, so that reading ends. Format: github.com/google/snappy, format_description.txt.
 * @throws "bad-request" when it is malformed, "too-large" when more than `most` bytes would come out
 */
export function inflateSnappy(source: Buffer, most: number): Buffer {
  const { length, start } = lengthOf(source);
  if (length > most) {
    throw new HinobanError("too-large", `Inflated, the body has ${length} bytes; ${most} are the most.`, { length, most });
  }
  const output: Output = { target: Buffer.allocUnsafe(length), filled: 0 };
  let at = start;
  while (at < source.length) at = (source[at] ?? 0) % 4 === 0 ? literal(source, at, output) : copy(source, at, output);
  if (output.filled !== length) throw malformed();
  return output.target;
}

interface Output {
  readonly target: Buffer;
  filled: number;
}

/** Bytes as they are. @returns where the next element begins */
function literal(source: Buffer, at: number, output: Output): number {
  const code = (source[at] ?? 0) >>> 2;
  const extra = Math.max(code - 59, 0); // up to 60 bytes, the tag itself says how many
  const begin = at + 1 + extra;
  if (begin > source.length) throw malformed();
  const size = (extra === 0 ? code : source.readUIntLE(at + 1, extra)) + 1;
  if (size > source.length - begin || size > output.target.length - output.filled) throw malformed();
  source.copy(output.target, output.filled, begin, begin + size);
  output.filled += size;
  return begin + size;
}

const offsetBytes = [0, 1, 2, 4];

/** Bytes that were there before. @returns where the next element begins */
function copy(source: Buffer, at: number, output: Output): number {
  const tag = source[at] ?? 0;
  const extra = offsetBytes[tag % 4] ?? 1;
  if (at + 1 + extra > source.length) throw malformed();
  const isShort = extra === 1;
  const size = isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
  const offset = source.readUIntLE(at + 1, extra) + (isShort ? (tag >>> 5) * 256 : 0);
  if (offset === 0 || offset > output.filled || size > output.target.length - output.filled) throw malformed();
  repeat(output.target, output.filled, offset, size);
  output.filled += size;
  return at + 1 + extra;
}

/** Copies from what was written before; the pieces may overlap, and then the beginning repeats. */
function repeat(target: Buffer, to: number, offset: number, size: number): void {
  if (offset >= size) {
    target.copyWithin(to, to - offset, to - offset + size);
    return;
  }
  for (let i = 0; i < size; i += 1) target[to + i] = target[to + i - offset] ?? 0;
}

/** The length in front: a varint of at most 32 bits. */
function lengthOf(source: Buffer): { readonly length: number; readonly start: number } {
  let length = 0;
  for (let i = 0; i < 5; i += 1) {
    const byte = source[i];
    if (byte === undefined) break;
    length += (byte % 128) * 128 ** i;
    if (byte < 128 && length < 2 ** 32) return { length, start: i + 1 };
  }
  throw malformed();
}
