import { createContext, use } from "react";
import type { UnixMs } from "#base/duration";
import { numberTexts, type NumberTexts, type Unit } from "#base/number-text";
import type { Language } from "#kit/messages";

export type { Unit };

/** All ways in which the console writes times and numbers. Each has an example in English, in the zone Asia/Tokyo. */
export interface Format extends NumberTexts {
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
  /** "Sun" for 0 … "Sat" for 6 */
  weekday(day: number): string;
  /** "2026-11-22T13:05" for inputs of type datetime-local */
  localInput(at: UnixMs): string;
  /** The time that a datetime-local input holds, in the zone; undefined when it is not a time. */
  parseLocalInput(text: string): UnixMs | undefined;
  /** "3 minutes ago", "in 2 days" */
  ago(at: UnixMs, now: UnixMs): string;
}

const locales: Readonly<Record<Language, string>> = { en: "en-US", ja: "ja-JP" };

/** The zone of the browser, for pages that belong to no organisation. */
export const browserTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** All zones that the browser knows, for a list to choose from. UTC first, because some browsers leave it out. */
export function timeZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
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
  // 4 January 1970 was a Sunday.
  const weekday = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "short" });
  const weekdays = Array.from({ length: 7 }, (_, index) => weekday.format((index + 3) * 86_400_000));
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
    weekday: (index) => weekdays[index] ?? "",
    localInput: (at) => localInputText(zoned(at)),
    parseLocalInput: (text) => parseLocalInput(text, zoned),
    ago: (at, now) => agoText(at - now, relative),
    ...numberTexts(language),
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

export const FormatContext = createContext<Format | undefined>(undefined);

/** The formats of the language and zone that are set. */
export function useFormat(): Format {
  const format = use(FormatContext);
  if (!format) throw new Error("useFormat needs a FormatProvider above it.");
  return format;
}
