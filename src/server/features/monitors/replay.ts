import type { SeriesColumns } from "#ports/metric-store/port";
import type { AlertStatus } from "#wire/alerting";
import { judge, pointsNeeded, type PointRule } from "./model.ts";

/** A time in which an alert would have been open. */
export interface Span {
  /** The worst that it was. */
  readonly status: AlertStatus;
  /** Unix seconds of the points that opened and closed it; undefined while it would still be open. */
  readonly from: number;
  readonly to: number | undefined;
  /** The average farthest beyond. */
  readonly value: number;
}

/** Lets a rule judge points one after the other, as it would have when they came in order. @param since unix seconds; what ended before is left out */
export function firingsOf({ times, values }: SeriesColumns, rule: PointRule, since: number): Span[] {
  const needed = pointsNeeded(rule);
  const spans: Span[] = [];
  let open: { status: AlertStatus; from: number; value: number } | undefined;
  // Newest first, as the judge wants them.
  const backTimes = Uint32Array.from(times).reverse();
  const backValues = Float64Array.from(values).reverse();
  for (let i = times.length - 1; i >= 0; i--) {
    const count = Math.min(needed, times.length - i);
    const judgement = judge(backTimes.subarray(i, i + count), backValues.subarray(i, i + count), count, rule);
    if (!judgement) continue;
    const time = backTimes[i] ?? 0;
    if (judgement.status === "OK") {
      if (open && time > since) spans.push({ ...open, to: time });
      open = undefined;
    } else if (open) {
      if (judgement.status === "CRITICAL") open.status = "CRITICAL";
      if (rule.operator === ">" ? judgement.value > open.value : judgement.value < open.value) open.value = judgement.value;
    } else open = { status: judgement.status, from: time, value: judgement.value };
  }
  if (open) spans.push({ ...open, to: undefined });
  return spans;
}
