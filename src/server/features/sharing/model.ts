import { pictureSize, type PictureScheme } from "#wire/sharing";
import type { Language } from "#wire/shapes";

const minute = 60;
const day = 86_400;
const unitSeconds: ReadonlyMap<string, number> = new Map([
  ["m", minute],
  ["h", 3600],
  ["d", day],
  ["w", 7 * day],
  ["mo", 30 * day],
  ["y", 365 * day],
]);

export const shortestPeriod = 5 * minute;
export const longestPeriod = 2 * 365 * day;

/** Seconds of a period such as `30m` or `1mo`; undefined for what is none, or is too short or too long to draw. */
export function periodSeconds(text: string): number | undefined {
  const [, count, unit] = /^([1-9][0-9]{0,4})(m|h|d|w|mo|y)$/u.exec(text) ?? [];
  const seconds = Number(count) * (unitSeconds.get(unit ?? "") ?? Number.NaN);
  return seconds >= shortestPeriod && seconds <= longestPeriod ? seconds : undefined;
}

/** Unix seconds; `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The last `seconds` before `now`, to the end of the running minute. */
export function spanBefore(now: number, seconds: number): Span {
  const to = (Math.floor(now / minute) + 1) * minute;
  return { from: to - seconds, to };
}

/** A span as Mackerel's `t=2024-01-01T00:00:00Z,2024-01-01T03:00:00Z` writes it; undefined when it makes no sense. */
export function spanOf(text: string): Span | undefined {
  const times = text
    .split(",")
    .map((part) => (/^\d{4}-\d\d-\d\dT[\d:]+(?:Z|[+-]\d\d:\d\d)$/u.test(part) ? Date.parse(part) / 1000 : Number.NaN));
  const [from = Number.NaN, to = Number.NaN] = times;
  const length = to - from;
  return times.length === 2 && from >= 0 && length >= shortestPeriod && length <= longestPeriod
    ? { from: Math.floor(from), to: Math.floor(to) }
    : undefined;
}

/** How a graph is drawn. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly theme: PictureScheme;
  readonly language: Language;
}

type Query = Readonly<Record<string, unknown>>;

const textOf = (query: Query, name: string): string => {
  const value = query[name];
  return typeof value === "string" ? value : "";
};

/** The look that an address asks for; what makes no sense in it is as if it were absent. */
export function lookOf(query: Query, usual: Look): Look {
  const pixels = (name: "width" | "height"): number => {
    const text = textOf(query, name);
    const { least, most } = pictureSize[name];
    return /^[0-9]{1,5}$/u.test(text) ? Math.min(most, Math.max(least, Number(text))) : usual[name];
  };
  const theme = textOf(query, "theme");
  const language = textOf(query, "lang");
  return {
    width: pixels("width"),
    height: pixels("height"),
    theme: theme === "light" || theme === "dark" ? theme : usual.theme,
    language: language === "en" || language === "ja" ? language : usual.language,
  };
}

/** The period that an address asks for, never longer than what was shared. */
export function periodOf(query: Query, shared: number): number {
  return Math.min(periodSeconds(textOf(query, "period")) ?? shared, shared);
}

/** The span that a member's address asks for: `t` before `period`, a day when there is neither. */
export const memberSpan = (query: Query, now: number): Span =>
  spanOf(textOf(query, "t")) ?? spanBefore(now, periodSeconds(textOf(query, "period")) ?? day);

/** What an address asks for: the page that can stand in a frame, or the picture alone. */
export const formats = ["html", "svg", "png"] as const;
export type Format = (typeof formats)[number];

/** The last step of a path without `.png` or `.svg`, and which of them it had. */
export function formatOf(step: string): { readonly name: string; readonly format: Format } {
  const found = formats.find((format) => format !== "html" && step.endsWith(`.${format}`));
  return found === undefined ? { name: step, format: "html" } : { name: step.slice(0, -found.length - 1), format: found };
}

export type LinkState = "active" | "expired" | "revoked";

export function stateOf(link: { readonly expires_at: number | null; readonly revoked_at: number | null }, now: number): LinkState {
  if (link.revoked_at !== null) return "revoked";
  return link.expires_at !== null && link.expires_at <= now ? "expired" : "active";
}
