/** One line or layer of a graph. */
export interface ChartSeries {
  readonly key: string;
  readonly label: string;
  /** One entry for each time; null where there is no point. A gap is not a zero. */
  readonly values: readonly (number | null)[];
  /** Seconds that usually lie between two points, when somebody knows better than the buckets tell. */
  readonly every?: number;
  /** `idle` is drawn pale, as the rest that is not used. */
  readonly tone?: "idle";
  /** In a stacked graph: drawn as a line over the layers (a total, a size). */
  readonly isLine?: boolean;
}

export interface ChartData {
  /** Unix seconds, ascending, equally far apart. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
}

export type ChartKind = "line" | "stacked";

type Column = readonly (number | null)[];

/** A series with what is drawn of it besides its points. */
export interface DrawnSeries extends ChartSeries {
  /** The points and what connects them: interpolated where the next point was only not due yet, null where data is missing. */
  readonly line: Column;
  /** The points, and between two that are connected the earlier one: what holds at a time. */
  readonly held: Column;
}

export interface DrawnData {
  readonly times: readonly number[];
  readonly series: readonly DrawnSeries[];
}

/** Equal buckets as the server sends them, as times. */
export const bucketTimes = (from: number, step: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => from + at * step);

/** The newest point of a series. */
export const latestOf = (values: Column): number | undefined => values.findLast((value) => typeof value === "number") ?? undefined;

/** Indices of points that have a gap on both sides: a line cannot show them, a dot must. */
export function lonelyPoints(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  for (let at = 0; at < values.length; at += 1) {
    if (typeof values[at] === "number" && typeof values[at - 1] !== "number" && typeof values[at + 1] !== "number") found.push(at);
  }
  return found;
}

export const hasAnyPoint = (data: ChartData): boolean => data.series.some((one) => one.values.some((value) => typeof value === "number"));
