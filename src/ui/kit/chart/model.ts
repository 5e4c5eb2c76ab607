/** One line or layer of a graph. */
export interface ChartSeries {
  readonly key: string;
  readonly label: string;
  /** One entry for each time; null where there is no point. A gap is not a zero. */
  readonly values: readonly (number | null)[];
  /** `idle` is drawn pale, as the rest that is not used. */
  readonly tone?: "idle";
  /** In a stacked graph: drawn as a line over the layers (a total, a size). */
  readonly isLine?: boolean;
}

export interface ChartData {
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
}

export type ChartKind = "line" | "stacked";

/** Equal buckets as the server sends them, as times. */
export const bucketTimes = (from: number, step: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => from + at * step);

/**
 * Layers laid on each other: entry i of a layer is its value plus all layers before it. Where a layer has no point it adds nothing;
 * where no layer has one, all have a gap. Lines and hidden layers are not part of the pile.
 */
export function stackLayers(data: ChartData, isHidden: (key: string) => boolean): (readonly (number | null)[])[] {
  const layers = data.series.filter((one) => one.isLine !== true && !isHidden(one.key));
  const hasPoint = data.times.map((_, at) => layers.some((layer) => typeof layer.values[at] === "number"));
  let below: number[] = data.times.map(() => 0);
  return data.series.map((one) => {
    if (one.isLine === true || isHidden(one.key)) return one.values;
    const sums = below.map((sum, at) => sum + (one.values[at] ?? 0));
    below = sums;
    return sums.map((sum, at) => (hasPoint[at] === true ? sum : null));
  });
}

/** The sum of the layers in use that are shown at one time; undefined where none has a point. */
export function totalAt(data: ChartData, at: number, isHidden: (key: string) => boolean): number | undefined {
  let total: number | undefined;
  for (const one of data.series) {
    const value = one.values[at];
    const isUse = one.isLine !== true && one.tone !== "idle";
    if (isUse && !isHidden(one.key) && typeof value === "number") total = (total ?? 0) + value;
  }
  return total;
}

export interface SeriesSummary {
  readonly latest: number | undefined;
  readonly least: number | undefined;
  readonly most: number | undefined;
  readonly average: number | undefined;
}

export function summarise(values: readonly (number | null)[]): SeriesSummary {
  let latest: number | undefined;
  let [least, most, sum, count] = [Infinity, -Infinity, 0, 0];
  for (const value of values) {
    if (typeof value !== "number") continue;
    latest = value;
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
    count += 1;
  }
  return count === 0
    ? { latest: undefined, least: undefined, most: undefined, average: undefined }
    : { latest, least, most, average: sum / count };
}

/** The newest point of a series. */
export const latestOf = (values: readonly (number | null)[]): number | undefined =>
  values.findLast((value) => typeof value === "number") ?? undefined;

/** Indices of points that have a gap on both sides: a line cannot show them, a dot must. */
export function lonelyPoints(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  for (let at = 0; at < values.length; at += 1) {
    if (typeof values[at] === "number" && typeof values[at - 1] !== "number" && typeof values[at + 1] !== "number") found.push(at);
  }
  return found;
}

/**
 * The series that a pointer at `value` means at one time: in a pile the layer it is in, otherwise the nearest line.
 * Undefined where nothing is.
 */
export function seriesAt(
  data: ChartData,
  kind: ChartKind,
  at: number,
  value: number,
  isHidden: (key: string) => boolean,
): ChartSeries | undefined {
  const shown = data.series.filter((one) => !isHidden(one.key) && typeof one.values[at] === "number");
  if (kind === "stacked") {
    let top = 0;
    return shown.find((one) => {
      if (one.isLine === true) return false;
      top += one.values[at] ?? 0;
      return value >= 0 && value <= top;
    });
  }
  const distance = (one: ChartSeries): number => Math.abs((one.values[at] ?? 0) - value);
  return shown.toSorted((a, b) => distance(a) - distance(b))[0];
}

export const hasAnyPoint = (data: ChartData): boolean => data.series.some((one) => one.values.some((value) => typeof value === "number"));
