import type { BucketGrid } from "#ports/metric-store/grid";
import type { TimeRange } from "#ports/metric-store/port";
import type { BlockReader } from "./block-reader.ts";
import { dayOf, type Member, type View } from "./view.ts";

const secondsPerHour = 3600;
const secondsPerDay = 86_400;

/** Days since 1970, half open. */
export interface DaySpan {
  readonly from: number;
  readonly to: number;
}

/** A series that is asked for, and when it counts. */
export interface Asked {
  readonly member: Member;
  readonly intervals: readonly TimeRange[];
}

/** From where each day of a query is answered: points, hourly summaries, or beyond the retention daily ones. */
export interface DayPlan {
  readonly hourBlocks: readonly BlockReader[];
  readonly dayBlocks: readonly BlockReader[];
  /** Days that are read from points for all members. */
  readonly rawSpans: readonly DaySpan[];
  /** Further such days per member: where its membership begins or ends within an hour. */
  readonly ownRawDays: readonly ReadonlySet<number>[];
  readonly pageDays: ReadonlySet<number>;
  isRaw(member: number, day: number): boolean;
  usesSummary(kind: "hour" | "day", member: number, day: number, priority: number): boolean;
}

const overlaps = (block: BlockReader, from: number, to: number): boolean => block.meta.from < to && block.meta.to > from;

/** Highest priority of the blocks per day, from `firstDay` on; -1 = no block. */
function priorities(blocks: readonly BlockReader[], firstDay: number, days: number): Float64Array {
  const best = new Float64Array(days).fill(-1);
  for (const block of blocks) {
    const from = Math.max(0, dayOf(block.meta.from) - firstDay);
    const to = Math.min(days, dayOf(block.meta.to - 1) + 1 - firstDay);
    for (let d = from; d < to; d++) best[d] = Math.max(best[d] ?? -1, block.meta.priority);
  }
  return best;
}

/** Days on which an interval begins or ends within an hour. */
function boundaryDays(intervals: readonly TimeRange[]): Set<number> {
  const days = new Set<number>();
  for (const interval of intervals) {
    for (const at of [interval.from, interval.to]) if (at % secondsPerHour !== 0 && at < Number.MAX_SAFE_INTEGER) days.add(dayOf(at));
  }
  return days;
}

function spansOf(days: number, isIn: (d: number) => boolean, firstDay: number): DaySpan[] {
  const spans: DaySpan[] = [];
  let start = -1;
  for (let d = 0; d <= days; d++) {
    const inside = d < days && isIn(d);
    if (inside && start < 0) start = d;
    if (!inside && start >= 0) {
      spans.push({ from: firstDay + start, to: firstDay + d });
      start = -1;
    }
  }
  return spans;
}

/**
 * Points are read where buckets are finer than an hour, where no hourly summary exists yet, and where points came in after it.
 * Summaries answer everything else: a year is 8,760 of them instead of half a million points.
 */
export function planDays(view: View, nameId: number, grid: BucketGrid, asked: readonly Asked[]): DayPlan {
  const to = grid.from + grid.step * grid.width;
  const firstDay = dayOf(grid.from);
  const days = grid.width === 0 ? 0 : dayOf(to - 1) + 1 - firstDay;
  const usesHours = grid.step % secondsPerHour === 0;
  const hourBlocks = usesHours ? view.hours.filter((block) => overlaps(block, grid.from, to) && block.holdsName(nameId)) : [];
  const oldest = Math.min(to, view.firstRawDay * secondsPerDay);
  const dayBlocks = view.days.filter((block) => overlaps(block, firstDay * secondsPerDay, oldest) && block.holdsName(nameId));
  const pageDays = view.pageDays(asked.map((one) => one.member));
  const hourPriority = priorities(usesHours ? view.hours.filter((block) => overlaps(block, grid.from, to)) : [], firstDay, days);
  const dayPriority = priorities(dayBlocks, firstDay, days);
  const isNewer = new Uint8Array(days);
  for (const block of view.raw) {
    if (!overlaps(block, grid.from, to) || !block.holdsName(nameId)) continue;
    const from = Math.max(0, dayOf(block.meta.from) - firstDay);
    const end = Math.min(days, dayOf(block.meta.to - 1) + 1 - firstDay);
    for (let d = from; d < end; d++) if (block.meta.priority > (hourPriority[d] ?? -1)) isNewer[d] = 1;
  }
  const isRawForAll = (day: number): boolean => {
    const d = day - firstDay;
    if (d < 0 || d >= days || day < view.firstRawDay) return false;
    return !usesHours || (hourPriority[d] ?? -1) < 0 || isNewer[d] === 1 || pageDays.has(day);
  };
  const own = asked.map(({ intervals: list }) => {
    const set = new Set<number>();
    if (usesHours)
      for (const day of boundaryDays(list))
        if (day >= firstDay && day < firstDay + days && day >= view.firstRawDay && !isRawForAll(day)) set.add(day);
    return set;
  });
  const isRaw = (member: number, day: number): boolean => isRawForAll(day) || (own[member]?.has(day) ?? false);
  return {
    hourBlocks,
    dayBlocks,
    rawSpans: spansOf(days, (d) => isRawForAll(firstDay + d), firstDay),
    ownRawDays: own,
    pageDays,
    isRaw,
    usesSummary: (kind, member, day, priority) => {
      const best = (kind === "hour" ? hourPriority : dayPriority)[day - firstDay];
      if (best !== priority) return false;
      return kind === "day" ? day < view.firstRawDay : day >= view.firstRawDay && !isRaw(member, day);
    },
  };
}
