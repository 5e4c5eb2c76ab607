import { HinobanError } from "#base/errors";

// POSIX.1-2001 "pax interchange format" over ustar: 512-byte headers, bodies padded to 512, two zero blocks at the end.
const block = 512;
const largestUstarSize = 0o77777777777; // 8 GiB - 1: eleven octal digits

export interface TarHeader {
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly modifiedAt: number;
}

/** The header blocks of one member, preceded by an extended header when its name is long or not ASCII, or its size above 8 GiB. */
export function encodeHeader(header: TarHeader): Buffer {
  const path = header.kind === "directory" ? `${header.path}/` : header.path;
  const records: string[] = [];
  if (Buffer.byteLength(path) > 100 || /[^\x20-\x7e]/u.test(path)) records.push(paxRecord("path", path));
  if (header.size > largestUstarSize) records.push(paxRecord("size", String(header.size)));
  const main = ustarBlock(path, header.kind === "directory" ? "5" : "0", header.size, header.modifiedAt);
  if (records.length === 0) return main;
  const body = Buffer.from(records.join(""), "utf8");
  return Buffer.concat([ustarBlock("PaxHeader", "x", body.length, header.modifiedAt), body, padding(body.length), main]);
}

/** What follows a body of `size` bytes. */
export const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

/** What ends an archive. */
export const tarEnd = Buffer.alloc(2 * block);

/** "LENGTH KEY=VALUE\n", where LENGTH counts the whole record in bytes, its own digits included. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (String(length).length + Buffer.byteLength(rest) !== length) length = String(length).length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}

function ustarBlock(path: string, type: string, size: number, modifiedAt: number): Buffer {
  const header = Buffer.alloc(block);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
  header.write(path.replaceAll(/[^\x20-\x7e]/gu, "_").slice(0, 100), 0, "latin1"); // the extended header has the true name
  header.write(octal(type === "5" ? 0o700 : 0o600, 8), 100, "latin1");
  header.write(octal(0, 8), 108, "latin1"); // owner and group: whoever restores
  header.write(octal(0, 8), 116, "latin1");
  header.write(octal(Math.min(size, largestUstarSize), 12), 124, "latin1");
  header.write(octal(Math.max(0, modifiedAt), 12), 136, "latin1");
  header.write("        ", 148, "latin1"); // the checksum is counted with spaces in its place
  header.write(type, 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

const checksum = (header: Buffer): number => {
  let sum = 0;
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 32 : byte;
  return sum;
};

/** One member of an archive that is being read. Its body must be read to the end before the next member is asked for. */
export interface TarMember extends TarHeader {
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Reads an archive of {@link encodeHeader}'s making; other kinds of members (links, devices) are refused.
 * @throws HinobanError "storage-damaged" for anything that is not such an archive.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember> {
  const input = new Input(source);
  try {
    yield* members(input);
    await input.drain(); // so that a wrong checksum at the end of the compressed stream is noticed
  } finally {
    await input.close();
  }
}

async function* members(input: Input): AsyncGenerator<TarMember> {
  let extended: Readonly<Record<string, string>> = {};
  for (;;) {
    const header = await input.take(block);
    if (header.every((byte) => byte === 0)) return;
    const { type, ...plain } = decodeBlock(header);
    if (type === "x") {
      if (plain.size > 64 * 1024) throw damaged("an extended header is too large");
      extended = decodePax(await input.take(plain.size));
      await input.take(padding(plain.size).length);
      continue;
    }
    if (type !== "0" && type !== "5") throw damaged(`member ${plain.path} has the unknown type ${JSON.stringify(type)}`);
    const size = extended["size"] === undefined ? plain.size : Number(extended["size"]);
    if (!Number.isSafeInteger(size) || size < 0) throw damaged(`member ${plain.path} has no valid size`);
    const path = safePath(extended["path"] ?? plain.path);
    extended = {};
    yield { path, kind: type === "5" ? "directory" : "file", size, modifiedAt: plain.modifiedAt, body: input.body(size) };
    await input.take(padding(size).length);
  }
}

function decodeBlock(header: Buffer): { path: string; type: string; size: number; modifiedAt: number } {
  const text = (from: number, length: number): string => header.toString("latin1", from, from + length).replace(/\0.*$/su, "");
  const octal = (from: number, length: number): number => Number.parseInt(text(from, length).trim() || "0", 8);
  if (octal(148, 8) !== checksum(header)) throw damaged("a header has a wrong checksum");
  const prefix = text(345, 155);
  return {
    path: prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    type: text(156, 1) || "0",
    size: octal(124, 12),
    modifiedAt: octal(136, 12),
  };
}

function decodePax(body: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 0; at < body.length;) {
    const length = Number.parseInt(body.toString("latin1", at, at + 20), 10);
    if (!(length > 0) || at + length > body.length) throw damaged("an extended header cannot be read");
    const record = body.toString("utf8", at, at + length - 1);
    const equals = record.indexOf("=");
    found[record.slice(record.indexOf(" ") + 1, equals)] = record.slice(equals + 1);
    at += length;
  }
  return found;
}

/** A name that stays inside the directory it is unpacked to. */
function safePath(path: string): string {
  const plain = path.replace(/\/$/u, "");
  const parts = plain.split("/");
  if (plain === "" || plain.includes("\\") || plain.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw damaged(`the name ${JSON.stringify(path)} points outside the archive`);
  }
  return plain;
}

export const damaged = (what: string, cause?: unknown): HinobanError =>
  new HinobanError("storage-damaged", `The backup is damaged: ${what}.`, {}, cause === undefined ? {} : { cause });

/** Takes exact numbers of bytes from a stream of chunks. */
class Input {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async take(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.body(size)) parts.push(part);
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  async *body(size: number): AsyncGenerator<Buffer> {
    for (let missing = size; missing > 0;) {
      if (this.#rest.length === 0) await this.#more();
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }

  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done) throw damaged("it ends too early");
    this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
  }
}
