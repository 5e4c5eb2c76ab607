import type { AlertStatus } from "#wire/alerting";
import type { Severity } from "#wire/alerting";
import type { Line } from "./message.ts";
import type { LineKind } from "./texts.ts";

/** Messages for one channel that go out as one. Everything is counted; the first lines are shown. */
export interface Collection {
  readonly total: number;
  readonly counts: Readonly<Record<LineKind, number>>;
  /** The worst status of what was told. */
  readonly worst: AlertStatus;
  readonly lines: readonly Line[];
}

/** More lines than this nobody reads in a chat. */
export const mostLines = 20;

const noCounts: Readonly<Record<LineKind, number>> = { opened: 0, changed: 0, closed: 0, again: 0, group: 0, host: 0, monitor: 0 };

export const nothing: Collection = { total: 0, counts: noCounts, worst: "OK", lines: [] };

const ranks: Readonly<Record<AlertStatus, number>> = { OK: 0, WARNING: 1, UNKNOWN: 2, CRITICAL: 3 };

export const worse = (a: AlertStatus, b: AlertStatus): AlertStatus => (ranks[b] > ranks[a] ? b : a);

/** Adds lines. Of those that are shown, the worse ones come first. */
export function collected(before: Collection, lines: readonly Line[]): Collection {
  const counts = { ...before.counts };
  let { worst } = before;
  for (const { kind, status } of lines) {
    counts[kind] += 1;
    if (status !== undefined) worst = worse(worst, status);
  }
  const rank = ({ status }: Line): number => (status === undefined ? -1 : ranks[status]);
  const shown = [...before.lines, ...lines].toSorted((a, b) => rank(b) - rank(a)).slice(0, mostLines);
  return { total: before.total + lines.length, counts, worst, lines: shown };
}

/** The severity of a summary. */
export const severityOfWorst: Readonly<Record<AlertStatus, Severity>> = {
  OK: "information",
  WARNING: "warning",
  UNKNOWN: "error",
  CRITICAL: "critical",
};
