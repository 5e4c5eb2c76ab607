import { unixMs, type UnixMs } from "./duration.ts";

/** Milliseconds of a day on a clock whose hands nobody moves. */
export const dayLength = 86_400_000;
export const minuteLength = 60_000;

/**
 * What a clock on the wall shows, as milliseconds since 1970-01-01T00:00:00 on that clock. Local days are counted from the same day:
 * `Math.floor(local / dayLength)`.
 */
export type LocalMs = number;

/** The clock on the wall of a time zone. */
export interface WallClock {
  /** IANA name. */
  readonly zone: string;
  toLocal(at: UnixMs): LocalMs;
  /**
   * The first instant at which the clock shows `local` or later. A time that a clock change leaves out becomes the moment of the change, one
   * that comes twice its first time; so later local times never come before earlier ones.
   */
  toInstant(local: LocalMs): UnixMs;
}

/** A time in which a zone keeps one distance from UTC. */
interface Span {
  readonly from: number;
  readonly to: number;
  /** Milliseconds east of UTC. */
  readonly offset: number;
}

/** Between two looks at a zone's offset: no zone changed its clock and back within so short a time since 1970. */
const lookEvery = 3 * dayLength;
/** No zone is further from UTC than 14 hours, so that an instant lies this near to its local time. */
const furthest = 16 * 3_600_000;
const mostClocks = 200;

const clocks = new Map<string, WallClock>();

/** The clock of a zone; kept, since making one takes milliseconds. @throws RangeError for a zone that nobody knows */
export function wallClock(zone: string): WallClock {
  const known = clocks.get(zone);
  if (known) return known;
  const made = new ZoneClock(zone);
  if (clocks.size >= mostClocks) clocks.clear();
  clocks.set(zone, made);
  return made;
}

export function isTimeZone(zone: string): boolean {
  try {
    return wallClock(zone).zone === zone;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

class ZoneClock implements WallClock {
  readonly zone: string;
  readonly #offset: (at: number) => number;
  readonly #years = new Map<number, readonly Span[]>();
  #last: Span = { from: 0, to: 0, offset: 0 };

  constructor(zone: string) {
    this.zone = zone;
    this.#offset = offsetReader(zone);
  }

  toLocal(at: UnixMs): LocalMs {
    return at + this.#spanAt(at).offset;
  }

  toInstant(local: LocalMs): UnixMs {
    let span = this.#spanAt(local - furthest);
    while (local >= span.to + span.offset) span = this.#spanAt(span.to);
    return unixMs(Math.max(span.from, local - span.offset));
  }

  #spanAt(at: number): Span {
    if (at >= this.#last.from && at < this.#last.to) return this.#last;
    const year = new Date(at).getUTCFullYear();
    let spans = this.#years.get(year);
    if (!spans) {
      spans = spansOf(year, this.#offset);
      this.#years.set(year, spans);
    }
    const found = spans.find((span) => at < span.to);
    if (!found) throw new RangeError(`no such time: ${at}`);
    this.#last = found;
    return found;
  }
}

function spansOf(year: number, offsetAt: (at: number) => number): Span[] {
  const start = startOfYear(year);
  const end = startOfYear(year + 1);
  const spans: Span[] = [];
  let from = start;
  let offset = offsetAt(start);
  for (let at = start; at < end; at += lookEvery) {
    const next = Math.min(at + lookEvery, end - 1);
    const then = offsetAt(next);
    if (then === offset) continue;
    const changedAt = firstWith(at, next, (probe) => offsetAt(probe) === then);
    spans.push({ from, to: changedAt, offset });
    from = changedAt;
    offset = then;
  }
  spans.push({ from, to: end, offset });
  return spans;
}

/** `Date.UTC` takes years below 100 for those of the 20th century. */
const startOfYear = (year: number): number => new Date(0).setUTCFullYear(year, 0, 1);

/** The first whole second in (from, to] of which `holds` is true, when it is false before and true from then on. */
function firstWith(from: number, to: number, holds: (at: number) => boolean): number {
  let low = Math.floor(from / 1000);
  let high = Math.ceil(to / 1000);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle * 1000)) high = middle;
    else low = middle;
  }
  return high * 1000;
}

function offsetReader(timeZone: string): (at: number) => number {
  const formatter = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "iso8601",
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  return (at) => {
    const whole = Math.floor(at / 1000) * 1000;
    const parts = new Map(formatter.formatToParts(whole).map((part) => [part.type, Number(part.value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local = new Date(0);
    local.setUTCFullYear(part("year"), part("month") - 1, part("day"));
    local.setUTCHours(part("hour"), part("minute"), part("second"));
    return local.getTime() - whole;
  };
}

/** Days since 1970-01-01 of a date such as 2026-11-22; undefined when there is no such day. */
export function parseDay(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(text);
  if (!match) return undefined;
  const day = dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
  return dateText(day) === text ? day : undefined;
}

/** "2026-11-22" */
export const dateText = (day: number): string => new Date(day * dayLength).toISOString().slice(0, 10);

/** Months count from 1. */
const dayOf = (year: number, month: number, day: number): number =>
  Math.floor(new Date(0).setUTCFullYear(year, month - 1, day) / dayLength);

export const localDay = (local: LocalMs): number => Math.floor(local / dayLength);

/** 0 = Sunday … 6 = Saturday. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;

/** The same day of the month, `months` later; the last one of the month when that is shorter. */
export function addMonths(day: number, months: number): number {
  const date = new Date(day * dayLength);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const year = Math.floor(month / 12);
  const first = dayOf(year, month - year * 12 + 1, 1);
  const lastOfMonth = dayOf(year, month - year * 12 + 2, 1) - first;
  return first + Math.min(date.getUTCDate(), lastOfMonth) - 1;
}

/** Whole months from the month of `from` to that of `to`. */
export function monthsBetween(from: number, to: number): number {
  const a = new Date(from * dayLength);
  const b = new Date(to * dayLength);
  return (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth();
}

/** Minutes since midnight of "09:30"; "24:00" is the end of the day. Undefined when it is no time of day. */
export function parseTimeOfDay(text: string): number | undefined {
  const match = /^(\d{2}):(\d{2})$/u.exec(text);
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : NaN;
  return match && Number(match[2]) < 60 && minutes <= 1440 ? minutes : undefined;
}

/** Milliseconds of "2026-11-22T09:30" on the clock on the wall; undefined when there is no such time. */
export function parseLocal(text: string): LocalMs | undefined {
  const day = parseDay(text.slice(0, 10));
  const minutes = text.charAt(10) === "T" ? parseTimeOfDay(text.slice(11)) : undefined;
  return day === undefined || minutes === undefined || minutes === 1440 ? undefined : day * dayLength + minutes * minuteLength;
}

/** "2026-11-22T09:30" */
export const localText = (local: LocalMs): string => new Date(local).toISOString().slice(0, 16);
