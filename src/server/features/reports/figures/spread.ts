import type { Spread } from "../model.ts";

/** What lengths are like; undefined when there are none. By the nearest rank: every figure is one that really was. */
export function spreadOf(lengths: readonly number[]): Spread | undefined {
  if (lengths.length === 0) return undefined;
  const sorted = lengths.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, median: at(0.5), p90: at(0.9), worst: at(1) };
}
