import { wallClock, type WallClock } from "#base/wall-time";
import type { ReportBlock, ReportCell } from "#wire/reports";
import type { Language } from "#wire/shapes";
import type { ReportModel } from "../model.ts";
import { lengthText } from "../words/format.ts";
import type { Words } from "../words/shape.ts";
import { wordsOf } from "../words/words.ts";
import { Links } from "./links.ts";

/** All that the sections of a report are written from. */
export interface Writing {
  readonly model: ReportModel;
  readonly words: Words;
  readonly language: Language;
  readonly clock: WallClock;
  readonly links: Links;
  /** A length in ms; a dash for none. */
  readonly length: (ms: number | undefined) => string;
}

export function writingOf(model: ReportModel, language: Language): Writing {
  const words = wordsOf[language];
  return {
    model,
    words,
    language,
    clock: wallClock(model.timeZone),
    links: new Links(model),
    length: (ms) => (ms === undefined ? words.none : lengthText(ms, words)),
  };
}

type Tone = NonNullable<ReportCell["tone"]>;

/** A cell; `undefined` in place of an address or a tone leaves it out. */
export const cell = (text: string, href?: string, tone?: Tone): ReportCell => ({
  text,
  ...(href === undefined ? {} : { href }),
  ...(tone === undefined ? {} : { tone }),
});

/** A count that opens what it counts; nothing to open for 0. */
export const counted = (count: number, href?: string, tone?: Tone): ReportCell =>
  count === 0 ? cell("0", undefined, "muted") : cell(count.toLocaleString("en-US"), href, tone);

type Table = Extract<ReportBlock, { kind: "table" }>;

/** A column's label, its width beside the others, and whether it holds numbers. */
export type ColumnText = readonly [label: string, share: number, kind?: "number"];

export const table = (caption: string, columns: readonly ColumnText[], rows: readonly ReportCell[][], note?: string): Table => ({
  kind: "table",
  caption,
  columns: columns.map(([label, share, kind]) => ({ label, share, isNumber: kind === "number" })),
  rows: [...rows],
  ...(note === undefined ? {} : { note }),
});

export const text = (value: string): ReportBlock => ({ kind: "text", text: value });
