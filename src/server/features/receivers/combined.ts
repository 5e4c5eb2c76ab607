import type { UnixMs, UnixSeconds } from "#base/duration";
import { unixSeconds } from "#base/duration";

/** How the parts of a metric become one value. */
export type Combine = "sum" | "mean" | "min" | "max";

/** A metric that is made of several series: the cores of a machine, or total memory less what is available. */
export interface CombinedShape {
  readonly combine: Combine;
  /** Whether a minute waits until each part that reported lately has its value: a sum of half the cores would be wrong. */
  readonly waits: boolean;
  /** Parts without which there is no value at all. */
  readonly required?: readonly string[];
}

interface Minute {
  at: number;
  readonly values: (number | undefined)[];
}

interface Part {
  readonly index: number;
  readonly firstAt: number;
  lastAt: number;
}

interface Cell {
  readonly source: string;
  readonly name: string;
  readonly shape: CombinedShape;
  readonly parts: Map<string, Part>;
  readonly minutes: Map<number, Minute>;
  newest: number;
}

export interface CombinedPoint {
  readonly source: string;
  readonly name: string;
  readonly time: UnixSeconds;
  readonly value: number;
}

/** A part that was silent for more minutes than this is waited for no longer. */
const waitsMinutes = 3;
/** Minutes that are kept open for parts that come late, as after an outage when one sender runs ahead of another. */
const openMinutes = 30;
/** A part that was silent for this long is forgotten. */
const forgottenAfter = 60;

/**
 * Puts together metrics whose parts come as series of their own, perhaps in different posts. Values are kept by minute, as the store
 * keeps them: a post that comes again changes nothing, and a part that comes late completes its minute.
 */
export class Combined {
  readonly #sources = new Map<string, Map<string, Cell>>();

  /** Notes a part's value and gives the cell whose minute changed. */
  add(source: string, name: string, shape: CombinedShape, part: string, at: UnixMs, value: number): ChangedMinute {
    const cell = this.#cellOf(source, name, shape);
    const seconds = Math.floor(at / 1000);
    const minute = Math.floor(seconds / 60);
    let known = cell.parts.get(part);
    if (!known) cell.parts.set(part, (known = { index: cell.parts.size, firstAt: minute, lastAt: minute }));
    known.lastAt = Math.max(known.lastAt, minute);
    cell.newest = Math.max(cell.newest, minute);
    let kept = cell.minutes.get(minute);
    if (!kept) cell.minutes.set(minute, (kept = { at: seconds, values: [] }));
    kept.at = Math.max(kept.at, seconds);
    kept.values[known.index] = value;
    return { cell, minute };
  }

  /** The values of the minutes that changed, as far as they are complete. */
  *points(changed: readonly ChangedMinute[]): Generator<CombinedPoint, void, undefined> {
    const done = new Map<Cell, Set<number>>();
    for (const { cell, minute } of changed) {
      const minutes = done.get(cell) ?? new Set();
      done.set(cell, minutes);
      if (minutes.has(minute)) continue;
      minutes.add(minute);
      const value = valueOf(cell, minute);
      if (value !== undefined)
        yield { source: cell.source, name: cell.name, time: unixSeconds(cell.minutes.get(minute)?.at ?? minute * 60), value };
    }
  }

  /** Lets go of minutes that need no more: to be called once the points are stored. */
  settle(changed: readonly ChangedMinute[]): void {
    for (const cell of new Set(changed.map((one) => one.cell))) {
      if (cell.minutes.size <= 2) continue;
      for (const minute of cell.minutes.keys()) {
        const isOver = minute < cell.newest - openMinutes;
        if (isOver || (minute < cell.newest - 1 && isFull(cell, minute))) cell.minutes.delete(minute);
      }
    }
  }

  /** Forgets what nobody reports any more. @param before minutes since 1970 */
  forget(before: UnixMs): void {
    const minute = Math.floor(before / 60_000);
    for (const [source, cells] of this.#sources) {
      for (const [name, cell] of cells) if (cell.newest < minute) cells.delete(name);
      if (cells.size === 0) this.#sources.delete(source);
    }
  }

  #cellOf(source: string, name: string, shape: CombinedShape): Cell {
    let cells = this.#sources.get(source);
    if (!cells) this.#sources.set(source, (cells = new Map()));
    let cell = cells.get(name);
    if (!cell) cells.set(name, (cell = { source, name, shape, parts: new Map(), minutes: new Map(), newest: 0 }));
    return cell;
  }
}

/** One minute of one cell that got a value. */
export interface ChangedMinute {
  readonly cell: Cell;
  readonly minute: number;
}

function valueOf(cell: Cell, minute: number): number | undefined {
  const values = cell.minutes.get(minute)?.values;
  if (!values) return undefined;
  const { required = [], waits, combine } = cell.shape;
  if (required.some((part) => values[cell.parts.get(part)?.index ?? -1] === undefined)) return undefined;
  if (waits) {
    for (const part of cell.parts.values()) {
      const isExpected = part.firstAt <= minute && part.lastAt >= minute - waitsMinutes;
      if (isExpected && values[part.index] === undefined) return undefined;
    }
  }
  return combined(combine, values);
}

function isFull(cell: Cell, minute: number): boolean {
  const values = cell.minutes.get(minute)?.values ?? [];
  for (const part of cell.parts.values()) {
    if (part.lastAt >= cell.newest - forgottenAfter && values[part.index] === undefined) return false;
  }
  return true;
}

const join: Readonly<Record<Combine, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  mean: (a, b) => a + b,
  min: Math.min,
  max: Math.max,
};

function combined(how: Combine, values: readonly (number | undefined)[]): number | undefined {
  let result: number | undefined;
  let count = 0;
  for (const value of values) {
    if (value === undefined) continue;
    count += 1;
    if (result === undefined) result = value;
    else result = join[how](result, value);
  }
  return how === "mean" && result !== undefined ? result / count : result;
}
