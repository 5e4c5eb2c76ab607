import type { ChartData, ChartKind, ChartSeries, DrawnData, DrawnSeries } from "./series.ts";

/** A line goes on over so many of its usual intervals; what is missing for longer is missing. */
const mostIntervals = 3;
/** How many gaps on either side tell what is usual around a gap. */
const neighbours = 5;
/** Two points alone tell nothing of their interval: it counts as their distance, up to this many seconds. */
const longestGuess = 600;

/** The places of a series' points and the seconds between each and the next. */
interface Points {
  readonly at: readonly number[];
  readonly gaps: readonly number[];
  /** Seconds between two times of the graph. */
  readonly step: number;
}

function pointsOf(times: readonly number[], values: readonly (number | null)[]): Points {
  const at: number[] = [];
  for (let index = 0; index < values.length; index += 1) if (typeof values[index] === "number") at.push(index);
  const gaps = at.slice(1).map((index, before) => (times[index] ?? 0) - (times[at[before] ?? 0] ?? 0));
  return { at, gaps, step: (times[1] ?? 60) - (times[0] ?? 0) };
}

/**
 * What usually lies between two points, from some gaps: the mean of those that are not far above the middle one. Buckets that do not
 * divide the interval give gaps of two lengths (300 s in buckets of 240 s: 240, 240, 240, 480), of which only the mean is true.
 */
function typical(gaps: readonly number[]): number | undefined {
  if (gaps.length === 0) return undefined;
  const middle = gaps.toSorted((a, b) => a - b)[(gaps.length - 1) >> 1] ?? 0;
  const usual = gaps.filter((gap) => gap <= 2 * middle);
  return usual.reduce((sum, gap) => sum + gap, 0) / usual.length;
}

/** The usual interval around the gap `index`, in seconds. Before and after may differ, when a plugin's interval was changed. */
function usualAround({ gaps, step }: Points, index: number, every: number | undefined): number {
  const before = typical(gaps.slice(Math.max(0, index - neighbours), index));
  const after = typical(gaps.slice(index + 1, index + 1 + neighbours));
  if (before === undefined && after === undefined) return every ?? Math.min(gaps[index] ?? step, longestGuess);
  const local = Math.max(before ?? 0, after ?? 0);
  // Where every bucket has points the buckets hide how close they really are.
  return local < 2 * step && every !== undefined ? Math.min(local, every) : local;
}

/** Times stand for whole buckets, so two points are up to one step closer to each other than their buckets. */
const isShort = (gap: number, usual: number, step: number): boolean => gap < mostIntervals * usual + step;

/** A series with its points connected where the next one came in time. */
export function bridge(times: readonly number[], series: ChartSeries): DrawnSeries {
  const points = pointsOf(times, series.values);
  if (points.gaps.every((gap) => gap <= points.step)) return { ...series, line: series.values, held: series.values };
  const line = [...series.values];
  const held = [...series.values];
  for (const [index, gap] of points.gaps.entries()) {
    if (gap <= points.step || !isShort(gap, usualAround(points, index, series.every), points.step)) continue;
    const [from, to] = [points.at[index] ?? 0, points.at[index + 1] ?? 0];
    const [first, last] = [series.values[from] ?? 0, series.values[to] ?? 0];
    for (let at = from + 1; at < to; at += 1) {
      line[at] = first + ((last - first) * ((times[at] ?? 0) - (times[from] ?? 0))) / gap;
      held[at] = first;
    }
  }
  return { ...series, line, held };
}

/** First and last place with a point of any layer. */
interface Ends {
  readonly first: number;
  readonly last: number;
}

/**
 * A layer's first and last value held towards the ends of the graph while other layers already or still have points: the point before
 * the range, or the one that is on its way, is only not in sight. Otherwise a pile of layers would crumble at its edges.
 */
function holdEnds(times: readonly number[], series: DrawnSeries, filled: Ends): DrawnSeries {
  const points = pointsOf(times, series.values);
  const [first, last] = [points.at[0], points.at.at(-1)];
  if (first === undefined || last === undefined) return series;
  const between = (from: number, to: number): number => (times[to] ?? 0) - (times[from] ?? 0);
  const usual = (gaps: readonly number[]): number => typical(gaps) ?? series.every ?? 0;
  const isEarly = between(filled.first, first) < usual(points.gaps.slice(0, neighbours));
  const isLate = isShort(between(last, filled.last), usual(points.gaps.slice(-neighbours)), points.step);
  const held: Ends = { first: isEarly ? filled.first : first, last: isLate ? filled.last : last };
  if (held.first >= first && held.last <= last) return series;
  const hold = (column: readonly (number | null)[]): (number | null)[] =>
    column.map((value, at) => {
      if (at < held.first || at > held.last) return value;
      if (at < first) return series.values[first] ?? null;
      return at > last ? (series.values[last] ?? null) : value;
    });
  return { ...series, line: hold(series.line), held: hold(series.held) };
}

/** All that is drawn of the data: points, and what connects them. */
export function drawn(data: ChartData, kind: ChartKind): DrawnData {
  const { times } = data;
  const series = data.series.map((one) => bridge(times, one));
  if (kind === "line") return { times, series };
  const isFilled = times.map((_, at) => series.some((one) => one.isLine !== true && typeof one.values[at] === "number"));
  const filled = { first: isFilled.indexOf(true), last: isFilled.lastIndexOf(true) };
  return { times, series: series.map((one) => (one.isLine === true ? one : holdEnds(times, one, filled))) };
}
