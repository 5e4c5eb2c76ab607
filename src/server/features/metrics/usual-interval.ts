import type { BucketColumns } from "#ports/metric-store/port";

/** Fewer points tell nothing: two may stand at either end of an outage. */
const leastPoints = 3;

/**
 * Seconds that usually lie between two points of a series, from how many points its buckets hold: those of a bucket share the time since
 * the bucket before. Outages do not count. In whole minutes, as the store
 * keeps them. Nothing when there are too few points to tell.
 */
export function usualInterval(columns: Pick<BucketColumns, "step" | "count"> | undefined): { every?: number } {
  if (!columns) return {};
  const { step, count } = columns;
  const seen: { readonly span: number; readonly points: number }[] = [];
  let [before, total] = [-1, 0];
  for (let at = 0; at < count.length; at += 1) {
    const points = count[at] ?? 0;
    if (points === 0) continue;
    if (before >= 0) seen.push({ span: (at - before) * step, points });
    before = at;
    total += points;
  }
  if (total < leastPoints || seen.length === 0) return {};
  const each = seen.map(({ span, points }) => span / points).toSorted((a, b) => a - b);
  const middle = each[(each.length - 1) >> 1] ?? step;
  const usual = seen.filter(({ span, points }) => span / points <= 2 * middle);
  const [spans, points] = usual.reduce(([sum, number], one) => [sum + one.span, number + one.points], [0, 0]);
  return { every: Math.max(1, Math.round(spans / points / 60)) * 60 };
}
