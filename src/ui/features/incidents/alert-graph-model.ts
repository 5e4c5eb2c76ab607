import type { Graph } from "#wire/metrics";
import type { ReferenceLine } from "../../kit/chart/marks.ts";
import { findGraph } from "../dashboards/find-graph.ts";

/** What an alert's detail says about the metric that was judged. */
export interface Judged {
  readonly metric: string | undefined;
  readonly operator: string | undefined;
  readonly warning: number | undefined;
  readonly critical: number | undefined;
}

const textIn = (detail: Detail, names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = detail[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
};

const numberIn = (detail: Detail, names: readonly string[]): number | undefined => {
  for (const name of names) {
    const value = detail[name];
    if (typeof value === "number" && Number.isFinite(value)) return value;
  }
  return undefined;
};

type Detail = Readonly<Record<string, unknown>>;

/** Reads the detail of an alert as monitors write it: Mackerel's names. What is absent or odd is undefined. */
export const judgedIn = (detail: Detail): Judged => ({
  metric: textIn(detail, ["metric", "metricName", "metricLabel"]),
  operator: textIn(detail, ["operator", "monitorOperator"]),
  warning: numberIn(detail, ["warning", "warningThreshold"]),
  critical: numberIn(detail, ["critical", "criticalThreshold"]),
});

/** Rules judge a share of what graphs show in full. */
const shares: Readonly<Record<string, string>> = { "cpu%": "cpu", "memory%": "memory", "swap%": "memory", "disk%": "filesystem" };

/** The graph that shows the metric of a rule. */
export const graphOf = (graphs: readonly Graph[], metric: string): Graph | undefined => findGraph(graphs, shares[metric] ?? metric);

/** The thresholds as lines; a share's thresholds are no values of its graph. */
export function thresholdLines({ metric, warning, critical }: Judged, labels: { warning: string; critical: string }): ReferenceLine[] {
  if (metric !== undefined && metric in shares) return [];
  return [
    ...(warning === undefined ? [] : [{ label: labels.warning, value: warning }]),
    ...(critical === undefined || critical === warning ? [] : [{ label: labels.critical, value: critical }]),
  ];
}

const before = 3600;
const after = 1800;

/** The time around the opening of an alert, in unix seconds at whole minutes: an hour before it, until half an hour after it or now. */
export function around(openedAt: number, closedAt: number | undefined, now: number): { from: number; to: number } {
  const minute = (at: number): number => Math.floor(at / 60_000) * 60;
  const end = Math.min(minute(now) + 60, Math.max(minute(closedAt ?? now), minute(openedAt)) + after);
  const longest = 6 * 3600;
  const from = minute(openedAt) - before;
  return { from, to: Math.max(from + before, Math.min(end, from + longest)) };
}
