import { unixMs } from "#base/duration";
import type { Span } from "#base/spans";
import type { Tx } from "#store";
import { compileAll } from "./compiled.ts";
import { isInScope, windowsIn, type Thing } from "./model.ts";

/** Every downtime of a range, so that reports can count apart what was planned. */
export interface PlannedTimes {
  /** When something was covered. In any order, and overlapping. */
  of(thing: Thing): readonly Span[];
}

/** A downtime of an hour each hour, over a year. */
const mostWindows = 10_000;

/** The downtimes of the transaction's organisation as they are now: those that were deleted since are not among them. */
export async function plannedTimes(tx: Tx, range: Span): Promise<PlannedTimes> {
  const { clock, downtimes } = await compileAll(tx);
  const within = { from: unixMs(range.from), to: unixMs(range.to) };
  const planned = downtimes
    .map(({ scope, rule }) => ({ scope, windows: windowsIn(rule, clock, within, mostWindows) }))
    .filter(({ windows }) => windows.length > 0);
  return { of: (thing) => planned.filter(({ scope }) => isInScope(scope, thing)).flatMap(({ windows }) => windows) };
}
