import type { ChartData, ChartSeries } from "../chart/model.ts";

/** A wave with a little unrest, the same at every call. */
const wave = (at: number, seed: number, height: number): number =>
  height * (1.2 + Math.sin(at / 9 + seed) + 0.25 * Math.sin(at * 1.7 + seed * 3));

/** Invented points for the gallery: `count` series over an hour of minutes before `end`, with a gap in the first one. */
export function sampleData(end: number, count: number, height: number): ChartData {
  const times = Array.from({ length: 60 }, (_, at) => end - (60 - at) * 60);
  const series = Array.from({ length: count }, (_, index): ChartSeries => ({
    key: `s${index}`,
    label: `web-${String(index + 1).padStart(3, "0")}`,
    values: times.map((_time, at) => (index === 0 && at > 20 && at < 28 ? null : wave(at, index, height))),
  }));
  return { times, series };
}

export interface SampleRow {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly at: number;
}

export const sampleRows = (now: number): readonly SampleRow[] =>
  ["alpha", "beta", "gamma", "delta"].map((name, at) => ({ id: name, name, bytes: 10 ** (at * 2 + 2), at: now - at * 3_700_000 }));
