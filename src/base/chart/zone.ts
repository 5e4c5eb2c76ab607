import type { TextLanguage } from "../number-text.ts";

/** Times of a zone in a language. All take unix seconds. */
export interface ZonedClock {
  /** What a clock on the wall shows, as seconds since 1970-01-01T00:00:00 on that clock. */
  toLocal(at: number): number;
  /** The first instant at which a clock on the wall shows `local`; in the hour that a clock change leaves out, one near it. */
  toUnix(local: number): number;
  /** "13:05" */
  time(at: number): string;
  /** "Nov 22" */
  monthDay(at: number): string;
  /** "Nov 2026" */
  month(at: number): string;
  /** "Nov 22, 2026, 13:05" */
  dateTime(at: number): string;
}

const locales: Readonly<Record<TextLanguage, string>> = { en: "en-US", ja: "ja-JP" };

/** Makes the clock of a zone. Costs about a millisecond, so keep the result. @throws RangeError for a zone that nobody knows */
export function zonedClock(language: TextLanguage, timeZone: string): ZonedClock {
  const stamp = (options: Intl.DateTimeFormatOptions): ((at: number) => string) => {
    const formatter = new Intl.DateTimeFormat(locales[language], { timeZone, hourCycle: "h23", ...options });
    return (at) => formatter.format(at * 1000);
  };
  const wall = stamped(timeZone);
  const toLocal = (at: number): number => wall(Math.floor(at / 60) * 60) + (at - Math.floor(at / 60) * 60);
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  return {
    toLocal,
    toUnix(local) {
      const guess = local - (toLocal(local) - local);
      return local - (toLocal(guess) - guess);
    },
    time: stamp(clock),
    monthDay: stamp({ month: "short", day: "numeric" }),
    month: stamp({ year: "numeric", month: "short" }),
    dateTime: stamp({ year: "numeric", month: "short", day: "numeric", ...clock }),
  };
}

/** Reads the clock on the wall of a zone, in whole minutes. */
function stamped(timeZone: string): (at: number) => number {
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
    const parts = new Map(formatter.formatToParts(at * 1000).map((part) => [part.type, Number(part.value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute")) / 1000;
  };
}
