import type { NumberTexts, TextLanguage, Unit } from "../number-text.ts";
import { paletteIndices, seriesColour, type ChartColours } from "./palette.ts";
import { latestOf, type DrawnData } from "./series.ts";
import { fitText, textWidth } from "./text.ts";

/** A mark of the legend at its place, in pixels from the legend's upper left corner. */
export interface LegendItem {
  readonly x: number;
  /** The text's base line. */
  readonly y: number;
  /** Absent for the mark that counts those without room. */
  readonly colour?: string;
  readonly label: string;
  readonly value: string;
  /** Where the value begins. */
  readonly valueX: number;
}

export const legendSize = 11;
export const legendRow = 17;
const swatch = 14;
const space = 12;

export interface LegendSpec {
  readonly data: DrawnData;
  readonly colours: ChartColours;
  readonly numbers: NumberTexts;
  readonly unit: Unit;
  readonly language: TextLanguage;
  readonly width: number;
  readonly mostRows: number;
}

const moreText: Readonly<Record<TextLanguage, (count: string) => string>> = {
  en: (count) => `+${count} more`,
  ja: (count) => `ほか ${count} 件`,
};

/** Series with their newest values, in rows from left to right. What has no room is counted. */
export function legendItems(spec: LegendSpec): { readonly items: readonly LegendItem[]; readonly rows: number } {
  const { data, colours, numbers, unit, width, mostRows } = spec;
  const palette = paletteIndices(data.series);
  const items: LegendItem[] = [];
  let [x, row] = [0, 0];
  for (const [at, one] of data.series.entries()) {
    const latest = latestOf(one.values);
    const value = latest === undefined ? "–" : numbers.value(latest, unit);
    const label = fitText(one.label, legendSize, Math.max(60, width - swatch - textWidth(value, legendSize) - space));
    const needed = swatch + textWidth(label, legendSize) + 5 + textWidth(value, legendSize);
    if (x > 0 && x + needed > width) [x, row] = [0, row + 1];
    const left = data.series.length - at;
    const more = moreText[spec.language](numbers.count(left));
    const isLastRow = row === mostRows - 1;
    // Room for the count is kept while more are to come than the row can hold.
    if (row >= mostRows || (isLastRow && left > 1 && x + needed + space + textWidth(more, legendSize) > width)) {
      const shownRow = Math.min(row, mostRows - 1);
      const moreX = row >= mostRows ? endOfRow(items, shownRow) : x;
      return { items: [...items, { x: moreX, y: baseLine(shownRow), label: more, value: "", valueX: moreX }], rows: shownRow + 1 };
    }
    const valueX = x + swatch + textWidth(label, legendSize) + 5;
    items.push({ x, y: baseLine(row), colour: seriesColour(colours, palette[at] ?? 0), label, value, valueX });
    x += needed + space;
  }
  return { items, rows: items.length === 0 ? 0 : row + 1 };
}

const baseLine = (row: number): number => row * legendRow + 12;

function endOfRow(items: readonly LegendItem[], row: number): number {
  const last = items.findLast((item) => item.y === baseLine(row));
  return last === undefined ? 0 : last.valueX + textWidth(last.value, legendSize) + space;
}
