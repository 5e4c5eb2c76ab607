import type { Values } from "./combine.ts";

/** Bucket i covers [from + i*step, from + (i+1)*step), in seconds; the grid of `chooseGrid`. */
export interface Grid {
  readonly from: number;
  readonly step: number;
  readonly width: number;
}

/** One line of the result over the grid. */
export interface Line {
  readonly label: string;
  readonly values: Values;
  readonly isStacked: boolean;
}
