import { absent, bytesOf, code, readDecimal, startsWith } from "./bytes.ts";
import { isStatus, timeUnits, type LineReader, type TimeUnit } from "./entry.ts";

/** Where a line of the combined format tells the time: in its last field, behind `name=`, or nowhere. */
export interface CombinedTime {
  readonly place: "last" | { readonly behind: string } | "none";
  readonly unit: TimeUnit;
}

/**
 * Reads `… [time] "request" status bytes …`: the common and combined formats of Apache and nginx, with or without a virtual host in front and
 * fields of one's own behind. Apache writes a quote inside the request as `\"`, nginx as `\x22`.
 * Source: https://httpd.apache.org/docs/2.4/logs.html, https://nginx.org/en/docs/http/ngx_http_log_module.html
 */
export function combinedReader({ place, unit }: CombinedTime): LineReader {
  const seconds = timeUnits[unit];
  const findTime = timeFinder(place);
  return (chunk, from, to, entry) => {
    const request = findRequest(chunk, from, to);
    const end = request < 0 ? -1 : findQuote(chunk, request, to);
    if (end < 0 || chunk[end + 1] !== code.space) return false;
    const status = readDecimal(chunk, end + 2, Math.min(end + 5, to));
    const behind = end + 5;
    if (!isStatus(status) || behind > to || (behind < to && chunk[behind] !== code.space)) return false;
    const bytesEnd = fieldEnd(chunk, behind + 1, to);
    entry.status = status;
    entry.bytes = readDecimal(chunk, behind + 1, bytesEnd);
    entry.unit = seconds;
    entry.time = findTime(chunk, bytesEnd, to);
    return true;
  };
}

/** Servers write the time in always as many bytes: `[22/Nov/2026:05:11:12 +0900]`. */
const timeLength = 28;

/** Behind the first `] "`. */
function findRequest(chunk: Uint8Array, from: number, to: number): number {
  const last = to - 2;
  for (let at = from; at < last; at += 1) {
    const byte = chunk[at];
    if (byte === code.bracketOpen && chunk[at + timeLength - 1] === code.bracketClose) at += timeLength - 2;
    else if (byte === code.bracketClose && chunk[at + 1] === code.space && chunk[at + 2] === code.quote) return at + 3;
  }
  return -1;
}

/** The quote that ends a quoted field. */
function findQuote(chunk: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at += 1) {
    const byte = chunk[at];
    if (byte === code.quote) return at;
    if (byte === code.backslash) at += 1;
  }
  return -1;
}

function fieldEnd(chunk: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && chunk[at] !== code.space) at += 1;
  return Math.min(at, to);
}

type TimeFinder = (chunk: Uint8Array, from: number, to: number) => number;

function timeFinder(place: CombinedTime["place"]): TimeFinder {
  if (place === "none") return () => absent;
  return place === "last" ? lastField : behindName(bytesOf(`${place.behind}=`));
}

/** The last field, in quotes or not. A line that ends with its bytes has none. */
function lastField(chunk: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && (chunk[end - 1] === code.space || chunk[end - 1] === code.quote)) end -= 1;
  let at = end;
  while (at > from && chunk[at - 1] !== code.space && chunk[at - 1] !== code.quote) at -= 1;
  return at > from ? readDecimal(chunk, at, end) : absent;
}

/** What stands behind `name=`; the last place counts, because the fields before hold what clients sent. */
function behindName(name: Uint8Array): TimeFinder {
  const isEdge = (byte: number | undefined): boolean => byte === code.space || byte === code.quote;
  return (chunk, from, to) => {
    for (let at = to - name.length; at > from; at -= 1) {
      if (chunk[at] !== name[0] || !isEdge(chunk[at - 1]) || !startsWith(chunk, at, to, name)) continue;
      const start = at + name.length;
      let end = start;
      while (end < to && !isEdge(chunk[end])) end += 1;
      return readDecimal(chunk, start, end);
    }
    return absent;
  };
}
