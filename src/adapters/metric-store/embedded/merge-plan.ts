import type { BlockKind, BlockMeta } from "./block-format.ts";

const minute = 60;
const hour = 3600;
const day = 24 * hour;
const slot = 2 * hour;

/** How long after its end a stretch of time is merged: agents deliver the bulk within minutes, the rest within 24 h. */
const slotSettles = 5 * minute;
const daySettles = hour;
const lateness = 26 * hour;
/** Small blocks beside a merged one (late points) are worth another merge from this many on. */
const patchesPerMerge = 4;

/** What the planner knows of a block. */
export interface PlannedBlock {
  readonly meta: Pick<BlockMeta, "kind" | "from" | "to" | "priority" | "id">;
}

export interface MergeTask<B extends PlannedBlock> {
  readonly level: "slot" | "day" | "month" | "year";
  readonly kind: BlockKind;
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** Lowest priority first. */
  readonly inputs: readonly B[];
  /** Blocks that the outcome replaces, by kind of the output. */
  readonly replaced: Readonly<Record<BlockKind, readonly B[]>>;
}

export interface PlanInput<B extends PlannedBlock> {
  readonly now: number;
  readonly blocks: readonly B[];
  /** True while points of [from, to) are still in memory. */
  readonly isInMemory: (from: number, to: number) => boolean;
  /** True for a merge that cannot be done: the others must not wait for it. */
  readonly isHopeless?: (level: MergeTask<B>["level"], kind: BlockKind, from: number) => boolean;
}

const spanOf = (block: PlannedBlock): number => block.meta.to - block.meta.from;
const within = (block: PlannedBlock, from: number, to: number): boolean => block.meta.from >= from && block.meta.to <= to;
const touches = (block: PlannedBlock, from: number, to: number): boolean => block.meta.from < to && block.meta.to > from;
const byRank = (a: PlannedBlock, b: PlannedBlock): number => a.meta.priority - b.meta.priority || a.meta.id - b.meta.id;

/** First second of the UTC month of `at`, and of the month after. */
export function monthOf(at: number): { from: number; to: number } {
  const date = new Date(at * 1000);
  return {
    from: Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 1000,
    to: Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / 1000,
  };
}

export function yearOf(at: number): { from: number; to: number } {
  const year = new Date(at * 1000).getUTCFullYear();
  return { from: Date.UTC(year, 0, 1) / 1000, to: Date.UTC(year + 1, 0, 1) / 1000 };
}

function task<B extends PlannedBlock>(
  level: MergeTask<B>["level"],
  kind: BlockKind,
  range: { from: number; to: number },
  blocks: readonly B[],
): MergeTask<B> {
  const { from, to } = range;
  const inside = (k: BlockKind): B[] => blocks.filter((b) => b.meta.kind === k && within(b, from, to));
  const isDay = level === "day";
  return {
    level,
    kind,
    from,
    to,
    inputs: blocks.filter((b) => b.meta.kind === kind && touches(b, from, to)).sort(byRank),
    replaced: {
      raw: kind === "raw" ? inside("raw") : [],
      hour: isDay || kind === "hour" ? inside("hour") : [],
      day: isDay || kind === "day" ? inside("day") : [],
    },
  };
}

/** Blocks of less than a day, by the start of their day or slot. */
function groupBy<B extends PlannedBlock>(blocks: readonly B[], width: number): Map<number, B[]> {
  const groups = new Map<number, B[]>();
  for (const block of blocks) {
    const start = Math.floor(block.meta.from / width) * width;
    const list = groups.get(start);
    if (list) list.push(block);
    else groups.set(start, [block]);
  }
  return groups;
}

/** A day that is over becomes one block with its summaries; once more when all late points must have come. */
function dayTask<B extends PlannedBlock>(input: PlanInput<B>, small: readonly B[]): MergeTask<B> | undefined {
  for (const [from, blocks] of groupBy(small, day)) {
    const to = from + day;
    if (input.now < to + daySettles || input.isInMemory(from, to) || input.isHopeless?.("day", "raw", from)) continue;
    const isMerged = input.blocks.some((b) => b.meta.kind === "raw" && spanOf(b) >= day && touches(b, from, to));
    if (isMerged && input.now < to + lateness && blocks.length < patchesPerMerge) continue;
    return task("day", "raw", { from, to }, input.blocks);
  }
  return undefined;
}

/** Half hours of the running day become two hours. */
function slotTask<B extends PlannedBlock>(input: PlanInput<B>, small: readonly B[]): MergeTask<B> | undefined {
  for (const [from, blocks] of groupBy(small, slot)) {
    const to = from + slot;
    if (blocks.length < 2 || input.now < to + slotSettles || input.isInMemory(from, to) || input.isHopeless?.("slot", "raw", from))
      continue;
    if (blocks.some((b) => spanOf(b) === slot) && blocks.length <= patchesPerMerge) continue;
    if (input.blocks.some((b) => b.meta.kind === "raw" && spanOf(b) > slot && touches(b, from, to))) continue;
    return task("slot", "raw", { from, to }, input.blocks);
  }
  return undefined;
}

/** Several blocks of one month (or for daily summaries: year) become one. */
function longTask<B extends PlannedBlock>(
  input: PlanInput<B>,
  level: "month" | "year",
  kind: BlockKind,
  rangeOf: (at: number) => { from: number; to: number },
): MergeTask<B> | undefined {
  const seen = new Set<number>();
  for (const block of input.blocks) {
    if (block.meta.kind !== kind) continue;
    const range = rangeOf(block.meta.from);
    if (seen.has(range.from)) continue;
    seen.add(range.from);
    if (input.now < range.to + lateness + day || input.isInMemory(range.from, range.to) || input.isHopeless?.(level, kind, range.from))
      continue;
    const inside = input.blocks.filter((b) => b.meta.kind === kind && within(b, range.from, range.to));
    const hasSmall = input.blocks.some((b) => b.meta.kind === "raw" && spanOf(b) < day && within(b, range.from, range.to));
    if (inside.length > 1 && !hasSmall) return task(level, kind, range, input.blocks);
  }
  return undefined;
}

/** The next merge that is due, the smallest stretch of time first; undefined when there is none. */
export function planMerge<B extends PlannedBlock>(input: PlanInput<B>): MergeTask<B> | undefined {
  const small = input.blocks.filter((b) => b.meta.kind === "raw" && spanOf(b) < day);
  return (
    dayTask(input, small) ??
    slotTask(input, small) ??
    longTask(input, "month", "raw", monthOf) ??
    longTask(input, "month", "hour", monthOf) ??
    longTask(input, "month", "day", monthOf) ??
    longTask(input, "year", "day", yearOf)
  );
}

/** Blocks whose points and hourly summaries are past the retention: `cut` in unix seconds, a start of a day. Their daily summaries stay. */
export function planExpiry<B extends PlannedBlock>(blocks: readonly B[], cut: number): B[] {
  return blocks.filter((b) => b.meta.kind !== "day" && b.meta.to <= cut && spanOf(b) >= day);
}
