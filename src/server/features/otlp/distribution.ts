import type { Buckets, ExplicitBuckets, ExponentialBuckets } from "./model.ts";

/** What both together counted; undefined when their bounds differ. */
export function added(one: Buckets, other: Buckets): Buckets | undefined {
  return joined(one, other, (a, b) => a + b);
}

/** What `after` counted since `before`; undefined when their bounds differ or something was counted less. */
export function since(after: Buckets, before: Buckets): Buckets | undefined {
  const grown = joined(after, before, (a, b) => a - b);
  return grown && countsOf(grown).every((count) => count >= 0) ? grown : undefined;
}

/** The same bounds with nothing counted. */
export function emptied(buckets: Buckets): Buckets {
  if (buckets.kind === "explicit") return { ...buckets, counts: buckets.counts.map(() => 0) };
  return { ...buckets, zero: 0, positive: new Map(), negative: new Map() };
}

/**
 * Estimates quantiles: within a bucket values are taken to be spread evenly (in an exponential one: evenly by their logarithms).
 * @param known smallest and largest value, where the sender tells
 * @returns for each quantile (0 to 1, ascending) its value; empty when nothing was counted
 */
export function quantiles(
  buckets: Buckets,
  wanted: readonly number[],
  known: { readonly min?: number; readonly max?: number } = {},
): number[] {
  const ranges = rangesOf(buckets, known).filter((range) => range.count > 0);
  const total = ranges.reduce((sum, range) => sum + range.count, 0);
  if (!(total > 0) || !Number.isFinite(total)) return [];
  return wanted.map((quantile) => clamped(valueAt(ranges, quantile * total), known));
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly isLogarithmic: boolean;
}

function valueAt(ranges: readonly Range[], rank: number): number {
  let passed = 0;
  let value = Number.NaN;
  for (const { low, high, count, isLogarithmic } of ranges) {
    const share = Math.min(Math.max((rank - passed) / count, 0), 1);
    value = isLogarithmic && low !== 0 ? low * (high / low) ** share : low + (high - low) * share;
    passed += count;
    if (rank <= passed) break;
  }
  return value;
}

const clamped = (value: number, { min = -Infinity, max = Infinity }: { readonly min?: number; readonly max?: number }): number =>
  Math.min(Math.max(value, min), max);

/** The buckets from the smallest values to the largest. */
function rangesOf(buckets: Buckets, known: { readonly min?: number; readonly max?: number }): Range[] {
  return buckets.kind === "explicit" ? explicitRanges(buckets, known) : exponentialRanges(buckets);
}

/** The outermost buckets are open: they end at what is known, or have no width. */
function explicitRanges({ bounds, counts }: ExplicitBuckets, { min, max }: { readonly min?: number; readonly max?: number }): Range[] {
  return counts.map((count, index) => {
    const below = bounds[index - 1];
    const above = bounds[index];
    const low = below ?? min ?? Math.min(above ?? 0, 0);
    const high = above ?? max ?? low;
    return { low, high, count, isLogarithmic: false };
  });
}

function exponentialRanges({ scale, zero, positive, negative }: ExponentialBuckets): Range[] {
  const base = 2 ** (2 ** -scale);
  const sorted = (counts: ReadonlyMap<number, number>): [number, number][] => [...counts].toSorted(([a], [b]) => a - b);
  const above = sorted(positive).map(([index, count]) => ({ low: base ** index, high: base ** (index + 1), count, isLogarithmic: true }));
  const below = sorted(negative).map(([index, count]) => ({
    low: -(base ** (index + 1)),
    high: -(base ** index),
    count,
    isLogarithmic: true,
  }));
  return [...below.toReversed(), { low: 0, high: 0, count: zero, isLogarithmic: false }, ...above];
}

const countsOf = (buckets: Buckets): readonly number[] =>
  buckets.kind === "explicit" ? buckets.counts : [buckets.zero, ...buckets.positive.values(), ...buckets.negative.values()];

type Join = (a: number, b: number) => number;

function joined(one: Buckets, other: Buckets, join: Join): Buckets | undefined {
  if (one.kind === "explicit" && other.kind === "explicit") {
    const isAlike = one.counts.length === other.counts.length && one.bounds.every((bound, index) => bound === other.bounds[index]);
    return isAlike ? { ...one, counts: one.counts.map((count, index) => join(count, other.counts[index] ?? 0)) } : undefined;
  }
  if (one.kind === "exponential" && other.kind === "exponential") return joinedExponential(one, other, join);
  return undefined;
}

/** Both are brought to the coarser scale first: a bucket of a coarser scale holds whole buckets of a finer one. */
function joinedExponential(one: ExponentialBuckets, other: ExponentialBuckets, join: Join): ExponentialBuckets {
  const scale = Math.min(one.scale, other.scale);
  const [a, b] = [coarser(one, scale), coarser(other, scale)];
  const both = (left: ReadonlyMap<number, number>, right: ReadonlyMap<number, number>): Map<number, number> => {
    const result = new Map<number, number>();
    for (const index of new Set([...left.keys(), ...right.keys()])) result.set(index, join(left.get(index) ?? 0, right.get(index) ?? 0));
    return result;
  };
  return {
    kind: "exponential",
    scale,
    zero: join(a.zero, b.zero),
    positive: both(a.positive, b.positive),
    negative: both(a.negative, b.negative),
  };
}

function coarser(buckets: ExponentialBuckets, scale: number): ExponentialBuckets {
  if (buckets.scale === scale) return buckets;
  const factor = 2 ** (buckets.scale - scale);
  const merged = (counts: ReadonlyMap<number, number>): Map<number, number> => {
    const result = new Map<number, number>();
    for (const [index, count] of counts) {
      const wide = Math.floor(index / factor);
      result.set(wide, (result.get(wide) ?? 0) + count);
    }
    return result;
  };
  return { ...buckets, scale, positive: merged(buckets.positive), negative: merged(buckets.negative) };
}
