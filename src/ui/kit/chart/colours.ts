import { seriesColours } from "#kit/theme";
import type { ChartSeries } from "./model.ts";

/** Reads a colour token as it stands now, so that a change of scheme shows at the next drawing. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The place of each series in the palette; idle ones take none. */
export function paletteIndices(series: readonly ChartSeries[]): number[] {
  let next = 0;
  return series.map((one) => {
    if (one.tone === "idle") return -1;
    next += 1;
    return next - 1;
  });
}

/** A CSS colour for the place in the palette: tokens first, then hues a golden angle apart in the lightness of the scheme. */
export function cssColour(index: number): string {
  if (index < 0) return "var(--hb-idle)";
  if (index < seriesColours) return `var(--hb-series-${index + 1})`;
  return `oklch(var(--hb-series-lightness) 0.13 ${hueOf(index)})`;
}

/** The same colour for a canvas, which knows no CSS variables. */
export function canvasColour(index: number, alpha = 1): string {
  if (index >= seriesColours) return `oklch(${token("--hb-series-lightness")} 0.13 ${hueOf(index)} / ${alpha})`;
  const hex = token(index < 0 ? "--hb-idle" : `--hb-series-${index + 1}`);
  return `${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, "0")}`;
}

const hueOf = (index: number): string => ((index * 137.508) % 360).toFixed(1);
