/** What one line told. One object is used for all lines. */
export interface Entry {
  /** 100 to 599. */
  status: number;
  /** Bytes of the answer; {@link absent} when the line does not tell. */
  bytes: number;
  /** Time that the request took, in the unit that the log uses; {@link absent} when the line does not tell. */
  time: number;
  /** Seconds in one unit of `time`. */
  unit: number;
}

/**
 * Reads one line into `entry`. False for a line that is none of its format; `entry` holds nothing of use then.
 * @param from first byte
 * @param to behind the last byte, line break excluded
 */
export type LineReader = (chunk: Uint8Array, from: number, to: number, entry: Entry) => boolean;

/** Seconds in one of the units that logs use. */
export const timeUnits = { s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 } as const;
export type TimeUnit = keyof typeof timeUnits;
export const timeUnitNames: readonly TimeUnit[] = ["s", "ms", "us", "ns"];

/** A named field that holds the time, with its unit. */
export interface TimeField {
  readonly name: string;
  readonly unit: TimeUnit;
}

/** The codes that servers send; what nginx writes for a request without an answer (000) is none. */
export const isStatus = (value: number): boolean => Number.isInteger(value) && value >= 100 && value <= 599;
