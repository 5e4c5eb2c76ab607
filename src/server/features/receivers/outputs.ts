import type { CombinedShape } from "./combined.ts";

/** One metric that a foreign series feeds. */
export interface Output {
  readonly name: string;
  /** Growth per second instead of the value. */
  readonly isRate: boolean;
  /** Applied last. */
  readonly scale: number;
  /** Set when the metric is made of several series: which part of it this one is. */
  readonly part?: { readonly shape: CombinedShape; readonly key: string };
}

export const gauge = (name: string, scale = 1): Output => ({ name, isRate: false, scale });
export const rate = (name: string, scale = 1): Output => ({ name, isRate: true, scale });
/** The same as one part of a metric. */
export const part = (output: Output, shape: CombinedShape, key: string): Output => ({ ...output, part: { shape, key } });
