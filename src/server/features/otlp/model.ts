import type { UnixMs } from "#base/duration";

/** Attributes by key, their values as text. */
export type Attributes = ReadonlyMap<string, string>;

/** A sum or a gauge at one time. */
export interface NumberPoint {
  readonly kind: "number";
  readonly attributes: Attributes;
  /** Undefined when the sender does not say. */
  readonly startedAt: UnixMs | undefined;
  readonly at: UnixMs;
  readonly value: number;
}

/** How often values fell between bounds: counts[i] belongs to values above bounds[i-1] and up to bounds[i]. */
export interface ExplicitBuckets {
  readonly kind: "explicit";
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** The same with bounds that grow by a factor of 2^(2^-scale): bucket i holds values above base^i and up to base^(i+1). */
export interface ExponentialBuckets {
  readonly kind: "exponential";
  readonly scale: number;
  readonly zero: number;
  readonly positive: ReadonlyMap<number, number>;
  readonly negative: ReadonlyMap<number, number>;
}

export type Buckets = ExplicitBuckets | ExponentialBuckets;

export interface HistogramPoint {
  readonly kind: "histogram";
  readonly attributes: Attributes;
  readonly startedAt: UnixMs | undefined;
  readonly at: UnixMs;
  readonly count: number;
  readonly sum: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly buckets: Buckets;
}

export interface SummaryPoint {
  readonly kind: "summary";
  readonly attributes: Attributes;
  readonly startedAt: UnixMs | undefined;
  readonly at: UnixMs;
  readonly count: number;
  readonly sum: number;
  /** Pairs of quantile (0 to 1) and value. */
  readonly quantiles: readonly (readonly [number, number])[];
}

export type Point = NumberPoint | HistogramPoint | SummaryPoint;

/** Whether a value counts from a fixed start or from the value before. */
export type Temporality = "unspecified" | "delta" | "cumulative";

export interface OtlpMetric {
  readonly name: string;
  readonly kind: "gauge" | "sum" | "histogram" | "summary";
  readonly temporality: Temporality;
  readonly isMonotonic: boolean;
  readonly points: readonly Point[];
}

/** What one resource (a host, a process of a service) sent. */
export interface OtlpResource {
  readonly attributes: Attributes;
  readonly metrics: readonly OtlpMetric[];
}

export const temporalities: readonly Temporality[] = ["unspecified", "delta", "cumulative"];

/** A request may hold this many points, a point this many attributes, a histogram this many buckets. */
export const limits = { points: 200_000, attributes: 128, buckets: 10_000, depth: 8 } as const;
