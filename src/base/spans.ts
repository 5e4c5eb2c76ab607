/** A time from `from` (included) to `to` (not included). Lists of spans are sorted; those of one list do not overlap unless said otherwise. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Spans in any order and overlapping → sorted, apart, joined where they touch; empty ones fall away. */
export function joined(spans: readonly Span[]): Span[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    if (to <= from) continue;
    const last = result.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

/** What lies in both. Linear. */
export function intersected(a: readonly Span[], b: readonly Span[]): Span[] {
  const result: Span[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const one = a[i];
    const other = b[j];
    if (!one || !other) return result;
    const from = Math.max(one.from, other.from);
    const to = Math.min(one.to, other.to);
    if (from < to) result.push({ from, to });
    if (one.to <= other.to) i += 1;
    else j += 1;
  }
}

/** What of `within` no span covers. */
export function complement(spans: readonly Span[], within: Span): Span[] {
  const result: Span[] = [];
  let from = within.from;
  for (const span of spans) {
    if (span.to <= from) continue;
    if (span.from >= within.to) break;
    if (span.from > from) result.push({ from, to: span.from });
    from = span.to;
  }
  if (from < within.to) result.push({ from, to: within.to });
  return result;
}

/** What of `a` lies outside `b`. */
export function subtracted(a: readonly Span[], b: readonly Span[]): Span[] {
  const first = a[0];
  const last = a.at(-1);
  return first && last ? intersected(a, complement(b, { from: first.from, to: last.to })) : [];
}

export const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + span.to - span.from, 0);

export const covers = (span: Span, at: number): boolean => span.from <= at && at < span.to;
