import type { CombinedShape } from "#features/receivers";

/** One metric that a series feeds. */
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
