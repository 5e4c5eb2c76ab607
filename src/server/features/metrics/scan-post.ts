import { HinobanError, messageOf } from "#base/errors";
import type { MetricStore, PointColumns, SourceId } from "#ports/metric-store/port";
import { nearestDouble } from "./decimal.ts";
import { PostMemory, type SourceMemory } from "./post-names.ts";

/** More points in one post are refused as "too-large". */
export const mostPointsPerPost = 10_000;
export const longestMetricName = 255;
const latestTime = 0xffffffff;

/** A point that cannot be taken, and why; the others of its post can. */
export interface PointProblem {
  /** Place in the post, from 0. */
  readonly index: number;
  readonly field: "hostId" | "name" | "time" | "value";
  /** What would be right. */
  readonly problem: string;
}

/** A post in columns. */
export interface ScannedPost {
  /** The good points of known hosts, in the order of the post. */
  readonly columns: PointColumns;
  /** The sources of these points, each once. */
  readonly sources: readonly SourceId[];
  /** Good points of hosts that the resolver does not know. */
  readonly skipped: number;
  readonly problems: readonly PointProblem[];
}

/** The source of a host id as it is written in a post; undefined = unknown, retired or somebody else's. Asked once per host and post. */
export type ResolveHost = (hostId: string) => SourceId | undefined;

/** Points that were read but not yet looked up: series are made only when the whole post is understood. */
class Draft {
  count = 0;
  unknown = 0;
  readonly series: Uint32Array;
  readonly times: Uint32Array;
  readonly values: Float64Array;
  readonly sources = new Set<SourceId>();
  /** Points whose series is not known yet. */
  readonly open: { at: number; memory: SourceMemory; name: string; index: number }[] = [];

  constructor(capacity: number) {
    const memory = new ArrayBuffer(capacity * 16);
    this.values = new Float64Array(memory, 0, capacity);
    this.series = new Uint32Array(memory, capacity * 8, capacity);
    this.times = new Uint32Array(memory, capacity * 12, capacity);
  }
}

const shortestPoint = '{"hostId":"","name":"a","time":0,"value":0},'.length;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const beforeHost = bytesOf('{"hostId":"');
const beforeName = bytesOf('","name":"');
const beforeTime = bytesOf(',"time":');
const beforeValue = bytesOf(',"value":');

const quote = 0x22;
const comma = 0x2c;
const open = 0x5b;
const close = 0x5d;
const closeBrace = 0x7d;

const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** 1 = may stand in a metric name. */
const isNameByte = new Uint8Array(256);
for (const c of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") isNameByte[c.charCodeAt(0)] = 1;
const dot = 0x2e;
const minus = 0x2d;
const zero = 0x30;

function standsAt(body: Buffer, at: number, pattern: Uint8Array): boolean {
  for (let i = 0; i < pattern.length; i++) if (body[at + i] !== pattern[i]) return false;
  return true;
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
const isExponent = (byte: number | undefined): boolean => byte === 0x65 || byte === 0x45;
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Reads posts of metrics as agents send them, byte by byte and without making a string per point. Anything out of the ordinary
 * (white space, another order of keys, escapes, a point that is wrong) is left to JSON.parse; both ways give the same.
 * One scanner belongs to one store.
 */
export class PostScanner {
  readonly #seriesOf: MetricStore["seriesOf"];
  readonly #memory = new PostMemory();
  /** Behind what was read last. */
  #at = 0;
  /** The number that was read last. */
  #number = 0;
  /** The digits of the number that is being read. */
  #mantissa = 0;
  /** Where the host stands that was read last. */
  #hostFrom = 0;
  #hostTo = 0;

  constructor(store: Pick<MetricStore, "seriesOf">) {
    this.#seriesOf = (source, name) => store.seriesOf(source, name);
  }

  /**
   * Reads the body of `POST /api/v0/tsdb`: `[{hostId, name, time, value}, …]`.
   * @throws HinobanError "bad-request" when it is no JSON, "invalid-input" when it is no array of objects, "too-large" above 10,000 points.
   */
  scan(body: Buffer, resolve: ResolveHost): ScannedPost {
    const known = new Map<string, SourceMemory | undefined>();
    const draft = new Draft(Math.min(mostPointsPerPost, Math.ceil(body.length / shortestPoint)) + 1);
    if (this.#scanAll(body, draft, known, resolve)) return this.#finish(draft, []);
    return this.#parse(body, known, resolve);
  }

  /** The slow way alone, for comparison. */
  parse(body: Buffer, resolve: ResolveHost): ScannedPost {
    return this.#parse(body, new Map(), resolve);
  }

  #finish(draft: Draft, problems: readonly PointProblem[]): ScannedPost {
    for (const { at, memory, name, index } of draft.open) {
      const ref = this.#seriesOf(memory.source, name);
      draft.series[at] = ref;
      if (index >= 0) memory.remember(index, ref);
    }
    const { count, series, times, values, sources, unknown } = draft;
    return { columns: { count, series, times, values }, sources: [...sources], skipped: unknown, problems };
  }

  #find(hostId: string, known: Map<string, SourceMemory | undefined>, resolve: ResolveHost, draft: Draft): SourceMemory | undefined {
    let memory = known.get(hostId);
    if (!memory && !known.has(hostId)) {
      const source = resolve(hostId);
      memory = source === undefined ? undefined : this.#memory.source(source);
      known.set(hostId, memory);
    }
    if (memory) draft.sources.add(memory.source);
    return memory;
  }

  // The fast way. Each step returns false as soon as something is not as usual.

  #scanAll(body: Buffer, draft: Draft, known: Map<string, SourceMemory | undefined>, resolve: ResolveHost): boolean {
    if (body[0] !== open || body[1] === close) return false;
    this.#at = 1;
    this.#hostFrom = 0;
    this.#hostTo = 0;
    let host: SourceMemory | undefined;
    let place = 0;
    for (let i = 0; i < mostPointsPerPost; i++) {
      const change = this.#scanHost(body);
      if (change < 0) return false;
      if (change > 0) {
        host = this.#find(body.toString("latin1", this.#hostFrom, this.#hostTo), known, resolve, draft);
        place = 0;
      }
      if (!this.#scanPoint(body, draft, host, place++)) return false;
      const next = body[this.#at++];
      if (next === close) return this.#isEnd(body);
      if (next !== comma) return false;
    }
    return false;
  }

  /** The host up to the name's first byte. 0 = the same as before, 1 = another, -1 = not as usual. */
  #scanHost(body: Buffer): number {
    if (!standsAt(body, this.#at, beforeHost)) return -1;
    const from = this.#at + beforeHost.length;
    const isSame = sameText(body, this.#hostFrom, this.#hostTo, from);
    const to = isSame ? from + this.#hostTo - this.#hostFrom : endOfText(body, from);
    if (to < 0 || !standsAt(body, to, beforeName)) return -1;
    this.#hostFrom = from;
    this.#hostTo = to;
    this.#at = to + beforeName.length;
    return isSame ? 0 : 1;
  }

  #isEnd(body: Buffer): boolean {
    while (this.#at < body.length && isSpace(body[this.#at])) this.#at++;
    return this.#at === body.length;
  }

  /** Name, time and value of one point, up to its closing brace. */
  #scanPoint(body: Buffer, draft: Draft, host: SourceMemory | undefined, place: number): boolean {
    if (!this.#skipPredicted(body, draft, host, place) && !this.#scanName(body, draft, host, place)) return false;
    if (!standsAt(body, this.#at, beforeTime)) return false;
    this.#at += beforeTime.length;
    if (!this.#scanTime(body) || !standsAt(body, this.#at, beforeValue)) return false;
    const at = draft.count;
    draft.times[at] = this.#number;
    this.#at += beforeValue.length;
    if (!this.#scanNumber(body) || body[this.#at++] !== closeBrace) return false;
    draft.values[at] = this.#number + 0;
    if (host) draft.count = at + 1;
    else draft.unknown++;
    return true;
  }

  /** The name, if it is the one that stood at this place last time. */
  #skipPredicted(body: Buffer, draft: Draft, host: SourceMemory | undefined, place: number): boolean {
    if (!host) return false;
    const index = host.predicted(place);
    const length = this.#memory.matches(body, this.#at, index);
    const ref = host.refOf(index);
    if (length === 0 || ref < 0) return false;
    this.#at += length;
    draft.series[draft.count] = ref;
    return true;
  }

  #scanName(body: Buffer, draft: Draft, host: SourceMemory | undefined, place: number): boolean {
    const from = this.#at;
    const to = endOfName(body, from);
    if (to < 0) return false;
    this.#at = to + 1;
    if (host) this.#lookUp(body, from, to, draft, host, place);
    return true;
  }

  #lookUp(body: Buffer, from: number, to: number, draft: Draft, host: SourceMemory, place: number): void {
    const hash = hashOf(body, from, to);
    const found = this.#memory.find(body, from, to, hash);
    const index = found < 0 ? this.#memory.add(body, from, to, hash) : found;
    if (index >= 0) host.expect(place, index);
    const ref = index < 0 ? -1 : host.refOf(index);
    if (ref >= 0) draft.series[draft.count] = ref;
    else draft.open.push({ at: draft.count, memory: host, name: body.toString("latin1", from, to), index });
  }

  /** Digits of a u32 without a leading zero. */
  #scanTime(body: Buffer): boolean {
    const from = this.#at;
    let at = from;
    let value = 0;
    for (; isDigit(body[at]) && at - from < 11; at++) value = value * 10 + (body[at] ?? 0) - 0x30;
    this.#at = at;
    this.#number = value;
    return at > from && value <= latestTime && (body[from] !== 0x30 || at === from + 1);
  }

  /** A JSON number. Up to 15 digits are mantissa / 10^n, both exact, so the quotient is rounded as it should be. */
  #scanNumber(body: Buffer): boolean {
    const from = this.#at;
    const isNegative = body[from] === minus;
    const first = isNegative ? from + 1 : from;
    this.#mantissa = 0;
    const point = this.#scanDigits(body, first);
    if (point === first || (body[first] === zero && point > first + 1)) return false;
    const end = body[point] === dot ? this.#scanDigits(body, point + 1) : point;
    if (end === point + 1) return false;
    this.#at = end;
    if (isExponent(body[end])) return this.#scanExponent(body, from);
    const value =
      end - first > 16 ? this.#longNumber(body, first, point, end) : this.#mantissa / (powersOfTen[Math.max(0, end - point - 1)] ?? 1);
    return this.#take(isNegative ? -value : value);
  }

  /** More digits than a mantissa holds: the first 15 and the others apart. */
  #longNumber(body: Buffer, first: number, point: number, end: number): number {
    const digits = end - first - (end === point ? 0 : 1);
    const fraction = Math.max(0, end - point - 1);
    if (digits > 22 || fraction > 22) return Number(body.toString("latin1", first, end));
    const cut = first + 15 + (point < first + 15 ? 1 : 0);
    const head = digitsOf(body, first, cut);
    const tail = digitsOf(body, cut, end);
    const value = nearestDouble(head, tail, powersOfTen[digits - 15] ?? 1, powersOfTen[fraction] ?? 1);
    return value === value ? value : Number(body.toString("latin1", first, end));
  }

  /** Adds digits to the mantissa and returns where they end. */
  #scanDigits(body: Buffer, from: number): number {
    let at = from;
    let mantissa = this.#mantissa;
    for (let digit = (body[at] ?? 0) - zero; digit >= 0 && digit <= 9; digit = (body[++at] ?? 0) - zero) mantissa = mantissa * 10 + digit;
    this.#mantissa = mantissa;
    return at;
  }

  #scanExponent(body: Buffer, from: number): boolean {
    let at = this.#at + 1;
    if (body[at] === 0x2b || body[at] === 0x2d) at++;
    const start = at;
    while (isDigit(body[at])) at++;
    this.#at = at;
    return at > start && this.#take(Number(body.toString("latin1", from, at)));
  }

  #take(value: number): boolean {
    this.#number = value;
    return value - value === 0;
  }

  // The slow way, which decides what is right.

  #parse(body: Buffer, known: Map<string, SourceMemory | undefined>, resolve: ResolveHost): ScannedPost {
    const items = parseItems(body);
    const draft = new Draft(items.length);
    const problems: PointProblem[] = [];
    for (const [index, item] of items.entries()) {
      const point = checkPoint(item, index);
      if ("problem" in point) {
        problems.push(point);
        continue;
      }
      const memory = this.#find(point.hostId, known, resolve, draft);
      if (!memory) {
        draft.unknown++;
        continue;
      }
      const at = draft.count++;
      draft.times[at] = point.time;
      draft.values[at] = point.value;
      draft.open.push({ at, memory, name: point.name, index: -1 });
    }
    return this.#finish(draft, problems);
  }
}

/** Whether the bytes [from, to) stand again at `at`. An empty text stands nowhere. */
function sameText(body: Buffer, from: number, to: number, at: number): boolean {
  if (to === from) return false;
  for (let i = 0; i < to - from; i++) if (body[from + i] !== body[at + i]) return false;
  return body[at + to - from] === quote;
}

/** The digits in [from, to) as a number; a point among them is passed over. */
function digitsOf(body: Buffer, from: number, to: number): number {
  let mantissa = 0;
  for (let at = from; at < to; at++) {
    const digit = (body[at] ?? 0) - zero;
    if (digit >= 0) mantissa = mantissa * 10 + digit;
  }
  return mantissa;
}

/** Where the quote behind the name that starts at `from` stands; -1 when it is no name. */
function endOfName(body: Buffer, from: number): number {
  let at = from;
  let last = 0;
  for (let byte = body[at] ?? 0; isNameByte[byte] === 1; byte = body[++at] ?? 0) {
    if (byte === dot && last === dot) return -1;
    last = byte;
  }
  return body[at] === quote && at > from && at - from <= longestMetricName ? at : -1;
}

/** FNV-1a, its upper bits folded in. */
function hashOf(body: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (body[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

/** Where the text that starts at `from` ends; -1 when it holds anything but plain ASCII. */
function endOfText(body: Buffer, from: number): number {
  for (let at = from; ; at++) {
    const byte = body[at] ?? 0;
    if (byte === quote) return at;
    if (byte < 0x20 || byte > 0x7e || byte === 0x5c) return -1;
  }
}

type Item = Readonly<Record<string, unknown>>;

function parseItems(body: Buffer): readonly Item[] {
  let document: unknown;
  try {
    document = JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new HinobanError("bad-request", `The body is no JSON: ${messageOf(error)}.`);
  }
  if (document === null) return []; // Go's empty list
  if (!Array.isArray(document)) throw new HinobanError("invalid-input", "The body must be an array of points.");
  if (document.length > mostPointsPerPost) {
    throw new HinobanError("too-large", `A post holds at most ${mostPointsPerPost} points, not ${document.length}.`, {
      limit: mostPointsPerPost,
    });
  }
  return document.map((item: unknown, index) => {
    if (isItem(item)) return item;
    throw new HinobanError("invalid-input", `[${index}]: must be an object with hostId, name, time and value.`, { index });
  });
}

const isItem = (item: unknown): item is Item => typeof item === "object" && item !== null && !Array.isArray(item);

const namePattern = /^[A-Za-z0-9._-]+$/u;

function checkPoint(item: Item, index: number): PointProblem | { hostId: string; name: string; time: number; value: number } {
  const { hostId, name, time, value } = item;
  if (typeof hostId !== "string") return { index, field: "hostId", problem: "must be a string" };
  if (typeof name !== "string" || !namePattern.test(name) || name.length > longestMetricName || name.includes("..")) {
    return { index, field: "name", problem: `must be 1 to ${longestMetricName} of A-Z a-z 0-9 . _ - without consecutive dots` };
  }
  if (typeof time !== "number" || !Number.isInteger(time) || time < 0 || time > latestTime) {
    return { index, field: "time", problem: "must be an integer, unix seconds" };
  }
  if (typeof value !== "number" || !Number.isFinite(value)) return { index, field: "value", problem: "must be a finite number" };
  return { hostId, name, time: time + 0, value: value + 0 };
}
