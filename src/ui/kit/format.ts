import { createContext, use } from "react";
import type { UnixMs } from "#base/duration";
import type { Language } from "#kit/messages";

/** Units of graphs, named as Mackerel's graph definitions name them, plus those only our own screens need. */
export type Unit = "float" | "integer" | "percentage" | "seconds" | "milliseconds" | "bytes" | "bytes/sec" | "bits/sec" | "iops";

/** All ways in which the console writes times and numbers. Each has an example in English, in the zone Asia/Tokyo. */
export interface Format {
  readonly language: Language;
  readonly timeZone: string;
  /** "Nov 22, 2026, 13:05" */
  dateTime(at: UnixMs): string;
  /** "Nov 22, 2026, 13:05:09" */
  exactDateTime(at: UnixMs): string;
  /** "Nov 22, 2026" */
  date(at: UnixMs): string;
  /** "Nov 22" */
  monthDay(at: UnixMs): string;
  /** "13:05" */
  time(at: UnixMs): string;
  /** "13:05:09" */
  exactTime(at: UnixMs): string;
  /** "2026-11-22T13:05" for inputs of type datetime-local */
  localInput(at: UnixMs): string;
  /** The time that a datetime-local input holds, in the zone; undefined when it is not a time. */
  parseLocalInput(text: string): UnixMs | undefined;
  /** "3 minutes ago", "in 2 days" */
  ago(at: UnixMs, now: UnixMs): string;
  /** "1 d 2 h", "5 min", "300 ms" */
  duration(milliseconds: number): string;
  /** "12,345" */
  count(value: number): string;
  /** "0.52", always two decimals, for values that are compared in a column */
  decimal(value: number): string;
  /** "1.5 k", "23.4 M"; small values keep their digits: "0.0123" */
  si(value: number): string;
  /** "93.4 %"; the value is already a percentage */
  percent(value: number): string;
  /** "1.5 GiB" */
  bytes(value: number): string;
  /** "1.5 MiB/s" */
  bytesPerSecond(value: number): string;
  /** "12.3 Mbit/s" */
  bitsPerSecond(value: number): string;
  /** Any value with its unit: "1.5 GiB", "93.4 %" */
  value(value: number, unit: Unit): string;
}

const locales: Readonly<Record<Language, string>> = { en: "en-US", ja: "ja-JP" };

/** The zone of the browser, for pages that belong to no organisation. */
export const browserTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** All zones that the browser knows, for a list to choose from. UTC first, because some browsers leave it out. */
export function timeZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}

const binaryPrefixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const siPrefixes = ["", "k", "M", "G", "T", "P", "E"];

interface Scaled {
  readonly number: number;
  readonly prefix: string;
}

function scale(value: number, base: number, prefixes: readonly string[]): Scaled {
  let number = value;
  let at = 0;
  // 0.9995 and not 1: what would be printed as 1000 of one prefix is 1 of the next.
  while (Math.abs(number) >= base * 0.9995 && at < prefixes.length - 1) {
    number /= base;
    at += 1;
  }
  return { number, prefix: prefixes[at] ?? "" };
}

interface ZonedParts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
}

/** Makes the formats of one language and zone. Costs about a millisecond, so keep the result. */
export function makeFormat(language: Language, timeZone: string): Format {
  const locale = locales[language];
  const stamp = (options: Intl.DateTimeFormatOptions): ((at: number) => string) => {
    const formatter = new Intl.DateTimeFormat(locale, { timeZone, hourCycle: "h23", ...options });
    return (at) => formatter.format(at);
  };
  const day = { year: "numeric", month: "short", day: "numeric" } as const;
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  const exactClock = { ...clock, second: "2-digit" } as const;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const zoned = zonedParts(timeZone);
  return {
    language,
    timeZone,
    dateTime: stamp({ ...day, ...clock }),
    exactDateTime: stamp({ ...day, ...exactClock }),
    date: stamp(day),
    monthDay: stamp({ month: "short", day: "numeric" }),
    time: stamp(clock),
    exactTime: stamp(exactClock),
    localInput: (at) => localInputText(zoned(at)),
    parseLocalInput: (text) => parseLocalInput(text, zoned),
    ago: (at, now) => agoText(at - now, relative),
    ...numberFormats(locale, language),
  };
}

/** Numbers with and without units. */
function numberFormats(locale: string, language: Language) {
  const three = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const hundredth = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

  const scaled = (value: number, base: number, prefixes: readonly string[], unit: string): string => {
    const { number, prefix } = scale(value, base, prefixes);
    const digits = prefix === "" && Number.isInteger(number) ? whole.format(number) : three.format(number);
    const suffix = `${prefix}${unit}`;
    return suffix === "" ? digits : `${digits} ${suffix}`;
  };
  const bytes = (value: number): string => scaled(value, 1024, binaryPrefixes, "B");
  const bytesPerSecond = (value: number): string => scaled(value, 1024, binaryPrefixes, "B/s");
  const bitsPerSecond = (value: number): string => scaled(value, 1000, siPrefixes, "bit/s");
  const si = (value: number): string => scaled(value, 1000, siPrefixes, "");
  const percent = (value: number): string => `${Math.abs(value) < 10 ? three.format(value) : tenth.format(value)} %`;
  const duration = (value: number): string => durationText(value, language, three);
  const byUnit: Readonly<Record<Unit, (value: number) => string>> = {
    float: si,
    integer: si,
    percentage: percent,
    seconds: (value) => duration(value * 1000),
    milliseconds: duration,
    bytes,
    "bytes/sec": bytesPerSecond,
    "bits/sec": bitsPerSecond,
    iops: (value) => `${si(value)} IOPS`,
  };
  return {
    duration,
    count: (value: number) => whole.format(value),
    decimal: (value: number) => hundredth.format(value),
    si,
    percent,
    bytes,
    bytesPerSecond,
    bitsPerSecond,
    value: (value: number, unit: Unit) => byUnit[unit](value),
  };
}

function zonedParts(timeZone: string): (at: number) => ZonedParts {
  const formatter = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (at) => {
    const found = new Map(formatter.formatToParts(at).map((part) => [part.type, part.value]));
    const part = (type: Intl.DateTimeFormatPartTypes): string => found.get(type) ?? "";
    return { year: part("year"), month: part("month"), day: part("day"), hour: part("hour"), minute: part("minute") };
  };
}

const localInputText = (p: ZonedParts): string => `${p.year.padStart(4, "0")}-${p.month}-${p.day}T${p.hour}:${p.minute}`;

/** Finds the instant whose local time in the zone is `text`. In the hour that a clock change repeats, the first one. */
function parseLocalInput(text: string, zoned: (at: number) => ZonedParts): UnixMs | undefined {
  const asUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asUtc) || !/^\d{4}-\d\d-\d\dT\d\d:\d\d$/u.test(text)) return undefined;
  const offsetAt = (at: number): number => Date.parse(`${localInputText(zoned(at))}Z`) - Math.floor(at / 60_000) * 60_000;
  const guess = asUtc - offsetAt(asUtc);
  const result = asUtc - offsetAt(guess);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Date.parse gives milliseconds since the epoch
  return result as UnixMs;
}

const steps: readonly { readonly unit: Intl.RelativeTimeFormatUnit; readonly ms: number }[] = [
  { unit: "year", ms: 31_536_000_000 },
  { unit: "month", ms: 2_592_000_000 },
  { unit: "day", ms: 86_400_000 },
  { unit: "hour", ms: 3_600_000 },
  { unit: "minute", ms: 60_000 },
];

function agoText(difference: number, relative: Intl.RelativeTimeFormat): string {
  const step = steps.find(({ ms }) => Math.abs(difference) >= ms);
  if (step) return relative.format(Math.trunc(difference / step.ms), step.unit);
  return relative.format(Math.trunc(difference / 1000), "second");
}

const durationUnits = {
  en: { d: " d", h: " h", min: " min", s: " s", ms: " ms", us: " µs" },
  ja: { d: "日", h: "時間", min: "分", s: "秒", ms: "ミリ秒", us: "マイクロ秒" },
} as const;

function durationText(value: number, language: Language, three: Intl.NumberFormat): string {
  const unit = durationUnits[language];
  const size = Math.abs(value);
  const sign = value < 0 ? "-" : "";
  if (size === 0) return `0${unit.s}`;
  if (size < 1) return `${sign}${three.format(size * 1000)}${unit.us}`;
  if (size < 1000) return `${sign}${three.format(size)}${unit.ms}`;
  if (size < 60_000) return `${sign}${three.format(size / 1000)}${unit.s}`;
  const minutes = Math.floor(size / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const seconds = Math.floor(size / 1000) % 60;
  const parts: (string | false)[] = [
    days > 0 && `${days}${unit.d}`,
    hours > 0 && `${hours}${unit.h}`,
    rest > 0 && days === 0 && `${rest}${unit.min}`,
    seconds > 0 && minutes < 10 && `${seconds}${unit.s}`,
  ];
  return sign + parts.filter((part) => part !== false).join(" ");
}

export const FormatContext = createContext<Format | undefined>(undefined);

/** The formats of the language and zone that are set. */
export function useFormat(): Format {
  const format = use(FormatContext);
  if (!format) throw new Error("useFormat needs a FormatProvider above it.");
  return format;
}
