import type { MetricStore, SeriesColumns, TimeRange } from "#ports/metric-store/port";
import { sourceOf } from "./model.ts";

/** A range longer than this is answered in averages: exact points of a year would be half a million. */
const exactFor = 31 * 86_400;
const mostAverages = 10_000;

/** The points of a metric, ascending; undefined when the source never posted it. Computed metrics have a point where all they need is there. */
export async function readPoints(store: MetricStore, source: string, name: string, range: TimeRange): Promise<SeriesColumns | undefined> {
  const found = sourceOf(name, new Set(await store.names(source)));
  if (found.kind === "stored") return pointsOf(store, source, found.name, range);
  const inputs = await Promise.all(found.inputs.map((input) => pointsOf(store, source, input, range)));
  if (inputs.every((input) => input === undefined)) return undefined;
  const valuesAt = new Map<number, number[]>();
  for (const [index, input] of inputs.entries()) {
    for (const [i, time] of (input?.times ?? new Uint32Array()).entries()) {
      const values = valuesAt.get(time) ?? found.inputs.map(() => Number.NaN);
      values[index] = input?.values[i] ?? Number.NaN;
      valuesAt.set(time, values);
    }
  }
  const points = [...valuesAt]
    .map(([time, values]) => ({ time, value: found.compute(values) }))
    .filter((point) => Number.isFinite(point.value));
  points.sort((a, b) => a.time - b.time);
  return { times: Uint32Array.from(points, (point) => point.time), values: Float64Array.from(points, (point) => point.value) };
}

async function pointsOf(store: MetricStore, source: string, name: string, range: TimeRange): Promise<SeriesColumns | undefined> {
  if (range.to - range.from <= exactFor) return store.read(source, name, range);
  const columns = await store.buckets(source, name, range, mostAverages);
  if (!columns) return undefined;
  const filled = [...columns.avg.keys()].filter((i) => (columns.count[i] ?? 0) > 0);
  return {
    times: Uint32Array.from(filled, (i) => columns.from + i * columns.step),
    values: Float64Array.from(filled, (i) => columns.avg[i] ?? 0),
  };
}
