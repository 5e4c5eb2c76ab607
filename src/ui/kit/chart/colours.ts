import { seriesChroma, seriesHue } from "#base/chart/palette";
import { seriesColours } from "#kit/theme";

/** Reads a colour token as it stands now, so that a change of scheme shows at the next drawing. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A CSS colour for the place in the palette: tokens first, then hues a golden angle apart in the lightness of the scheme. */
export function cssColour(index: number): string {
  if (index < 0) return "var(--hb-idle)";
  if (index < seriesColours) return `var(--hb-series-${index + 1})`;
  return `oklch(var(--hb-series-lightness) ${seriesChroma} ${hueOf(index)})`;
}

/** The same colour for a canvas, which knows no CSS variables. */
export function canvasColour(index: number, alpha = 1): string {
  if (index >= seriesColours) return `oklch(${token("--hb-series-lightness")} ${seriesChroma} ${hueOf(index)} / ${alpha})`;
  const hex = token(index < 0 ? "--hb-idle" : `--hb-series-${index + 1}`);
  return `${hex}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, "0")}`;
}

const hueOf = (index: number): string => seriesHue(index).toFixed(1);
