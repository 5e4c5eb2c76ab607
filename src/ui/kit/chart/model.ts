export { hasAnyPoint, latestOf } from "#base/chart/series";
export type { ChartData, ChartKind, ChartSeries, DrawnData } from "#base/chart/series";

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
