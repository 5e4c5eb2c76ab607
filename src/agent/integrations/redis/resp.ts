import { HinobanError } from "#base/errors";

/** An answer of the Redis protocol (RESP2): text, number, nothing, list, or a refusal. */
export type Reply = string | number | undefined | readonly Reply[] | RedisRefusal;

/** An error line (`-NOAUTH Authentication required.`). */
export class RedisRefusal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The first word, for example NOAUTH. */
  get code(): string {
    return /^[A-Z]+/u.exec(this.text)?.[0] ?? "ERR";
  }
}

const longestReply = 1024 * 1024;
const longestLine = 64 * 1024;
const longestList = 100_000;
const deepest = 8;

/** A command as an array of bulk strings. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export function encodeCommand(words: readonly string[]): Buffer {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${parts.join("")}`);
}

/** Takes answers out of a stream whose pieces may be cut anywhere. Limits are checked before anything is kept. */
export class ReplyParser {
  #pending: Buffer = Buffer.alloc(0);

  /**
   * The answers that are complete with `chunk`, in order.
   * @throws HinobanError "bad-request" for what is no RESP2, "too-large" beyond the limits; the connection is of no use then
   */
  push(chunk: Uint8Array): readonly Reply[] {
    if (this.#pending.length + chunk.length > longestReply) throw new HinobanError("too-large", "Redis answered with more than 1 MiB.");
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    const replies: Reply[] = [];
    let at = 0;
    for (;;) {
      const found = parseReply(this.#pending, at, 0);
      if (!found) break;
      replies.push(found.reply);
      at = found.end;
    }
    this.#pending = this.#pending.subarray(at);
    return replies;
  }
}

interface Found {
  readonly reply: Reply;
  readonly end: number;
}

/** The answer at `at`, or undefined when it is not complete. */
function parseReply(buffer: Buffer, at: number, depth: number): Found | undefined {
  const end = buffer.indexOf("\r\n", at, "latin1");
  if (end < 0) {
    if (buffer.length - at > longestLine) throw new HinobanError("too-large", "Redis answered with a line of more than 64 KiB.");
    return undefined;
  }
  const text = buffer.toString("utf8", at + 1, end);
  const next = end + 2;
  switch (buffer[at] ?? 0) {
    case 0x2b: // +
      return { reply: text, end: next };
    case 0x2d: // -
      return { reply: new RedisRefusal(text), end: next };
    case 0x3a: // :
      return { reply: wholeNumber(text, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), end: next };
    case 0x24: // $
      return parseBulk(buffer, next, wholeNumber(text, -1, longestReply));
    case 0x2a: // *
      return parseList(buffer, next, wholeNumber(text, -1, longestList), depth);
    default:
      throw noRedis();
  }
}

function parseBulk(buffer: Buffer, at: number, length: number): Found | undefined {
  if (length < 0) return { reply: undefined, end: at };
  const end = at + length;
  if (buffer.length < end + 2) return undefined;
  if (buffer[end] !== 0x0d || buffer[end + 1] !== 0x0a) throw noRedis();
  return { reply: buffer.toString("utf8", at, end), end: end + 2 };
}

function parseList(buffer: Buffer, at: number, length: number, depth: number): Found | undefined {
  if (length < 0) return { reply: undefined, end: at };
  if (depth >= deepest) throw noRedis();
  const items: Reply[] = [];
  let end = at;
  while (items.length < length) {
    const found = parseReply(buffer, end, depth + 1);
    if (!found) return undefined;
    items.push(found.reply);
    end = found.end;
  }
  return { reply: items, end };
}

function wholeNumber(text: string, least: number, most: number): number {
  const value = /^-?\d{1,16}$/u.test(text) ? Number(text) : NaN;
  if (Number.isNaN(value)) throw noRedis();
  if (value < least || value > most) throw new HinobanError("too-large", "Redis announced an answer beyond the limits.");
  return value;
}

const noRedis = (): HinobanError => new HinobanError("bad-request", "What answers there is no Redis.");
