import type { Combination } from "./model.ts";

/** Values over a grid; NaN where there is none. */
export type Values = Float64Array;

const folds: Readonly<Record<Exclude<Combination, "avg">, (a: number, b: number) => number>> = {
  max: Math.max,
  min: Math.min,
  sum: (a, b) => a + b,
  product: (a, b) => a * b,
};

/** Joins lines point by point. A line without a value at a moment says nothing about it; without any value there is none. */
export function combine(how: Combination, lines: readonly Values[], width: number): Values {
  const result = new Float64Array(width).fill(Number.NaN);
  const fold = folds[how === "avg" ? "sum" : how];
  for (let i = 0; i < width; i += 1) {
    let count = 0;
    let joined = Number.NaN;
    for (const line of lines) {
      const value = line[i] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      joined = count === 0 ? value : fold(joined, value);
      count += 1;
    }
    result[i] = how === "avg" ? joined / count : joined;
  }
  return result;
}

/** The value below which `percentage` % of the lines' values lie, between two of them by linear interpolation. */
export function percentile(percentage: number, lines: readonly Values[], width: number): Values {
  const result = new Float64Array(width).fill(Number.NaN);
  for (let i = 0; i < width; i += 1) {
    const values = lines.map((line) => line[i] ?? Number.NaN).filter((value) => !Number.isNaN(value));
    if (values.length === 0) continue;
    values.sort((a, b) => a - b);
    const place = ((values.length - 1) * percentage) / 100;
    const low = values[Math.floor(place)] ?? Number.NaN;
    const high = values[Math.ceil(place)] ?? Number.NaN;
    result[i] = low + (high - low) * (place - Math.floor(place));
  }
  return result;
}

/** Computes value by value; what is not finite (a division by zero) counts as no value. */
export function zip(left: Values, right: Values, compute: (a: number, b: number) => number): Values {
  return left.map((value, i) => finite(compute(value, right[i] ?? Number.NaN)));
}

export const map = (line: Values, compute: (value: number) => number): Values => line.map((value) => finite(compute(value)));

const finite = (value: number): number => (Number.isFinite(value) ? value : Number.NaN);
