import { toSeconds, type UnixMs } from "#base/duration";
import type { Language } from "#kit/messages";
import { integerParam } from "#kit/search";

/** The lengths on offer, ending now. */
export const presets = ["30m", "1h", "3h", "6h", "12h", "1d", "3d", "1w", "2w", "1mo", "3mo", "6mo", "1y"] as const;
export type Preset = (typeof presets)[number];

export const defaultPreset: Preset = "1h";

/** Seconds of each preset; a month is 30 days and a year 365. */
export const presetSeconds: Readonly<Record<Preset, number>> = {
  "30m": 1800,
  "1h": 3600,
  "3h": 10_800,
  "6h": 21_600,
  "12h": 43_200,
  "1d": 86_400,
  "3d": 259_200,
  "1w": 604_800,
  "2w": 1_209_600,
  "1mo": 2_592_000,
  "3mo": 7_776_000,
  "6mo": 15_552_000,
  "1y": 31_536_000,
};

const lengthUnits = {
  en: { m: " min", h: " h", d: " d", w: " w", mo: " mo", y: " y" },
  ja: { m: "分", h: "時間", d: "日", w: "週間", mo: "か月", y: "年" },
} as const;

/** A length such as `6h` for people: "6 h", "6時間". */
export function presetText(length: string, language: Language): string {
  const unit = length.replace(/^\d+/u, "");
  const known = Object.entries(lengthUnits[language]).find(([name]) => name === unit);
  return known === undefined ? length : `${Number.parseInt(length, 10)}${known[1]}`;
}

/** The time range as the URL keeps it: `range=6h`, or `from` and `to` in unix seconds. */
export interface RangeSearch {
  readonly range?: Preset | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Unix seconds; `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The shortest span that can be zoomed to: below it there are no more points to see. */
export const shortestSpan = 300;

const isPreset = (value: unknown): value is Preset => presets.some((preset) => preset === value);
const mostSeconds = 4_294_967_295;

/** Reads the range out of a URL's search; what makes no sense is dropped, as if it were absent. */
export function parseRange(search: Readonly<Record<string, unknown>>): RangeSearch {
  const from = integerParam(search["from"], 0, mostSeconds);
  const to = integerParam(search["to"], 0, mostSeconds);
  if (from !== undefined && to !== undefined && from < to) return { from, to };
  return isPreset(search["range"]) ? { range: search["range"] } : {};
}

/** The span that a range means at `now`. A range that ends now ends at the next full minute, so that the newest point is inside. */
export function spanOf(range: RangeSearch, now: UnixMs): Span {
  if (range.from !== undefined && range.to !== undefined) return { from: range.from, to: range.to };
  const to = Math.ceil((toSeconds(now) + 1) / 60) * 60;
  return { from: to - presetSeconds[range.range ?? defaultPreset], to };
}

/** True while the range moves with time. */
export const isLive = (range: RangeSearch): boolean => range.from === undefined || range.to === undefined;

/** A fixed range over the dragged span, at whole minutes and never shorter than can be drawn. */
export function zoomTo(from: number, to: number): RangeSearch {
  const start = Math.floor(Math.min(from, to) / 60) * 60;
  const end = Math.ceil(Math.max(from, to) / 60) * 60;
  const missing = Math.max(0, shortestSpan - (end - start));
  const before = Math.ceil(missing / 120) * 60;
  return { from: Math.max(0, start - before), to: end + Math.max(0, missing - before) };
}

/** The range before (-1) or after (1) this one; a step past now goes back to live. */
export function shift(range: RangeSearch, now: UnixMs, direction: -1 | 1): RangeSearch {
  const { from, to } = spanOf(range, now);
  const by = (to - from) * direction;
  const end = to + by;
  const limit = toSeconds(now);
  if (direction === 1 && end > limit) {
    const preset = presets.find((name) => presetSeconds[name] === to - from);
    return preset === undefined ? { from: limit - (to - from), to: limit } : { range: preset };
  }
  return { from: Math.max(0, from + by), to: end };
}

/** How often a live graph looks for new points, in seconds: a minute's point is fresh for a minute, a year's graph is not. */
export const refreshEvery = (span: Span): number => Math.min(300, Math.max(30, Math.round((span.to - span.from) / 240)));
