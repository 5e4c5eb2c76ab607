import { parseAddress, parseVia, splitOutside, type Address, type Via } from "./syntax.ts";

/** Name as it was or will be written, and value. */
export type HeaderLine = readonly [name: string, value: string];

/** RFC 3261 7.3.3, RFC 3265, RFC 4028 */
const longNames: Readonly<Record<string, string>> = {
  v: "via",
  f: "from",
  t: "to",
  i: "call-id",
  m: "contact",
  l: "content-length",
  c: "content-type",
  e: "content-encoding",
  s: "subject",
  k: "supported",
  x: "session-expires",
  u: "allow-events",
  o: "event",
  r: "refer-to",
};
const compactNames = new Map(Object.entries(longNames).map(([short, long]) => [long, short]));

const canonical = (name: string): string => {
  const lower = name.toLowerCase();
  return longNames[lower] ?? lower;
};

/** Headers in their order; names are compared without case, compact forms are the same as long ones. */
export class Headers {
  readonly lines: readonly HeaderLine[];

  constructor(lines: readonly HeaderLine[]) {
    this.lines = lines;
  }

  first(name: string): string | undefined {
    return this.lines.find(([one]) => canonical(one) === name)?.[1];
  }

  /** Values of all lines of that name, each as it stands. @param name long, in lower case */
  all(name: string): readonly string[] {
    return this.lines.filter(([one]) => canonical(one) === name).map(([, value]) => value);
  }

  /** Values of a header that may hold several in a line, between commas. */
  list(name: string): readonly string[] {
    return this.all(name).flatMap((value) => splitOutside(value, ","));
  }

  /** Whether an option tag or method stands in such a list. */
  has(name: string, token: string): boolean {
    return this.list(name).some((one) => one.toLowerCase() === token.toLowerCase());
  }

  /** A number that is a whole of at most ten digits; undefined when it is absent or anything else. */
  number(name: string): number | undefined {
    const match = /^(\d{1,10})(?:\s*[;(].*)?$/u.exec(this.first(name)?.trim() ?? "");
    return match ? Number(match[1]) : undefined;
  }
}

/** What every message must have. */
interface Basics {
  readonly headers: Headers;
  readonly body: string;
  /** The topmost. */
  readonly via: Via;
  readonly from: Address;
  readonly to: Address;
  readonly callId: string;
  readonly cseq: { readonly number: number; readonly method: string };
}

export interface SipRequest extends Basics {
  readonly kind: "request";
  readonly method: string;
  readonly uri: string;
}

export interface SipResponse extends Basics {
  readonly kind: "response";
  readonly status: number;
  readonly reason: string;
}

export type SipMessage = SipRequest | SipResponse;

/** Caps: the whole, one line (with its folds), the number of headers. */
export const limits = { message: 65_536, line: 8192, headers: 100 } as const;

type Why =
  | "empty"
  | "too-large"
  | "no-end-of-headers"
  | "start-line"
  | "header-line"
  | "too-many-headers"
  | "content-length"
  | "missing-header"
  | "cseq";

export type Parsed = { readonly ok: true; readonly message: SipMessage } | { readonly ok: false; readonly why: Why };

const no = (why: Why): Parsed => ({ ok: false, why });

/**
 * Reads one message. What follows the body in a datagram is cut off (RFC 3261 18.3). Never throws.
 * @param bytes one datagram, or one frame of a stream
 */
export function parseMessage(bytes: Buffer): Parsed {
  if (bytes.length > limits.message) return no("too-large");
  const begin = leadingBlank(bytes);
  if (begin === bytes.length) return no("empty");
  const head = headEnd(bytes, begin);
  if (!head) return no("no-end-of-headers");
  const [start = "", ...rest] = bytes.toString("utf8", begin, head.end).split(/\r?\n/u);
  const lines = headerLines(rest);
  if (!Array.isArray(lines)) return no(lines);
  const headers = new Headers(lines);
  const length = contentLength(headers);
  const available = bytes.length - head.next;
  if (length === "wrong" || (length !== undefined && length > available)) return no("content-length");
  const basics = basicsOf(headers, bytes.toString("utf8", head.next, head.next + (length ?? available)));
  return typeof basics === "string" ? no(basics) : withStart(start, basics);
}

function leadingBlank(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === 13 || bytes[at] === 10) at += 1;
  return at;
}

/** Where the empty line is: RFC 3261 wants CRLF, a bare LF is understood as well. */
export function headEnd(bytes: Buffer, from: number): { readonly end: number; readonly next: number } | undefined {
  const crlf = bytes.indexOf("\r\n\r\n", from, "latin1");
  const lf = bytes.indexOf("\n\n", from, "latin1");
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return { end: crlf, next: crlf + 4 };
  return lf >= 0 ? { end: lf, next: lf + 2 } : undefined;
}

function headerLines(rest: readonly string[]): HeaderLine[] | Why {
  const lines: [string, string][] = [];
  for (const line of rest) {
    const last = lines.at(-1);
    if (/^[ \t]/u.test(line)) {
      if (!last) return "header-line";
      last[1] = `${last[1]} ${line.trim()}`.trim();
    } else {
      const match = /^([\w!%*+.`'~-]{1,100})[ \t]*:(.*)$/su.exec(line);
      if (!match?.[1]) return "header-line";
      lines.push([match[1], (match[2] ?? "").trim()]);
    }
    if ((lines.at(-1)?.[1].length ?? 0) > limits.line) return "too-large";
    if (lines.length > limits.headers) return "too-many-headers";
  }
  // A lone CR or a NUL in a value is somebody who wants two readers to see two messages.
  return lines.some(([, value]) => /[\u0000\r]/u.test(value)) ? "header-line" : lines;
}

/** "wrong" when there are several that differ, or one that is no number. */
export function contentLength(headers: Headers): number | "wrong" | undefined {
  const values = new Set(headers.all("content-length"));
  if (values.size === 0) return undefined;
  const [text = ""] = values;
  return values.size === 1 && /^\d{1,7}$/u.test(text) ? Number(text) : "wrong";
}

function basicsOf(headers: Headers, body: string): Basics | Why {
  const via = parseVia(headers.list("via")[0] ?? "");
  const from = parseAddress(headers.first("from") ?? "");
  const to = parseAddress(headers.first("to") ?? "");
  const callId = headers.first("call-id") ?? "";
  if (!via || !from || !to || !/^\S+$/u.test(callId)) return "missing-header";
  const cseq = parseCseq(headers.first("cseq") ?? "");
  return cseq ? { headers, body, via, from, to, callId, cseq } : "cseq";
}

function parseCseq(text: string): Basics["cseq"] | undefined {
  const match = /^(\d{1,10})\s+([A-Z\d.!%*_+`'~-]{1,32})$/iu.exec(text);
  return match?.[2] !== undefined && Number(match[1]) <= 0xff_ff_ff_ff ? { number: Number(match[1]), method: match[2] } : undefined;
}

function withStart(start: string, basics: Basics): Parsed {
  if (start.length > limits.line) return no("too-large");
  const status = /^SIP\/2\.0 ([1-6]\d\d)(?: ([^\u0000\r]*))?$/u.exec(start);
  if (status) return { ok: true, message: { kind: "response", status: Number(status[1]), reason: status[2] ?? "", ...basics } };
  const request = /^([A-Z\d.!%*_+`'~-]{1,32}) ([^\s<>"\u0000-\u001f\u007f]{3,2000}) SIP\/2\.0$/u.exec(start);
  if (!request?.[1] || !request[2]) return no("start-line");
  if (request[1] !== basics.cseq.method) return no("cseq");
  return { ok: true, message: { kind: "request", method: request[1], uri: request[2], ...basics } };
}

/** What a datagram may have before it is likely to be cut into pieces on its way (RFC 3261 18.1.1). */
const likelyWhole = 1300;

/**
 * A message as it goes over the wire. One that is longer than what fits into a datagram is written with compact names; Content-Length is
 * counted here.
 */
export function serialise(message: SipMessage): Buffer {
  const start = message.kind === "request" ? `${message.method} ${message.uri} SIP/2.0` : `SIP/2.0 ${message.status} ${message.reason}`;
  const body = Buffer.from(message.body);
  const kept = message.headers.lines.filter(([name]) => canonical(name) !== "content-length");
  const lines: readonly HeaderLine[] = [...kept, ["Content-Length", String(body.length)]];
  const write = (named: (name: string) => string): Buffer => {
    const head = [start, ...lines.map(([name, value]) => `${named(name)}: ${value}`)].map(oneLine).join("\r\n");
    return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
  };
  const whole = write((name) => name);
  return whole.length <= likelyWhole ? whole : write((name) => compactNames.get(canonical(name)) ?? name);
}

/** Whatever was put together wrongly, a line never becomes two. */
const oneLine = (line: string): string => line.replaceAll(/[\r\n\u0000]+/gu, " ");
