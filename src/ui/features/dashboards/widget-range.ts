import { minutes, toSeconds } from "#base/duration";
import type { WidgetRange } from "#wire/dashboards";
import { useNow } from "#kit/clock";
import type { RangeSearch } from "#kit/range";

/** The range that a widget shows: its own, which moves with time when it is relative, or the page's. */
export function useWidgetRange(own: WidgetRange | undefined, page: RangeSearch): RangeSearch {
  const now = useNow(minutes(1));
  if (!own) return page;
  if (own.type === "absolute") return { from: own.start, to: own.end };
  const to = Math.ceil((toSeconds(now) + 1) / 60) * 60 + own.offset;
  return { from: Math.max(0, to - own.period), to: Math.max(60, to) };
}
