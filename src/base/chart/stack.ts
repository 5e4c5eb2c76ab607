import type { ChartKind, DrawnData, DrawnSeries } from "./series.ts";

/**
 * Layers laid on each other: entry i of a layer is its value plus all layers before it. Where a layer has no value it adds nothing;
 * where no layer has one, all have a gap. Lines and hidden layers are not part of the pile.
 */
export function stackLayers(data: DrawnData, isHidden: (key: string) => boolean): (readonly (number | null)[])[] {
  const layers = data.series.filter((one) => one.isLine !== true && !isHidden(one.key));
  const hasValue = data.times.map((_, at) => layers.some((layer) => typeof layer.line[at] === "number"));
  let below: number[] = data.times.map(() => 0);
  return data.series.map((one) => {
    if (one.isLine === true || isHidden(one.key)) return one.line;
    const sums = below.map((sum, at) => sum + (one.line[at] ?? 0));
    below = sums;
    return sums.map((sum, at) => (hasValue[at] === true ? sum : null));
  });
}

/** The sum of the layers in use that are shown at one time; undefined where none has a value. */
export function totalAt(data: DrawnData, at: number, isHidden: (key: string) => boolean): number | undefined {
  let total: number | undefined;
  for (const one of data.series) {
    const value = one.held[at];
    const isUse = one.isLine !== true && one.tone !== "idle";
    if (isUse && !isHidden(one.key) && typeof value === "number") total = (total ?? 0) + value;
  }
  return total;
}

/**
 * The series that a pointer at `value` means at one time: in a pile the layer it is in, otherwise the nearest line.
 * Undefined where nothing is.
 */
export function seriesAt(
  data: DrawnData,
  kind: ChartKind,
  at: number,
  value: number,
  isHidden: (key: string) => boolean,
): DrawnSeries | undefined {
  const shown = data.series.filter((one) => !isHidden(one.key) && typeof one.line[at] === "number");
  if (kind === "stacked") {
    let top = 0;
    return shown.find((one) => {
      if (one.isLine === true) return false;
      top += one.line[at] ?? 0;
      return value >= 0 && value <= top;
    });
  }
  const distance = (one: DrawnSeries): number => Math.abs((one.line[at] ?? 0) - value);
  return shown.toSorted((a, b) => distance(a) - distance(b))[0];
}
