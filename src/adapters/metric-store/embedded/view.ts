import type { BlockReader } from "./block-reader.ts";
import type { BlockSet } from "./block-set.ts";
import type { Catalog } from "./catalog.ts";
import { minutesPerDay, type DayGrid } from "./codec/chunk.ts";
import { windowMinutes, type Head, type HeadPage } from "./head.ts";
import type { Tombstones } from "./tombstones.ts";

const secondsPerDay = 86_400;
const windowsPerDay = minutesPerDay / windowMinutes;

export const dayOf = (seconds: number): number => Math.floor(seconds / secondsPerDay);

/** A series to read: its numbers in the catalog. */
export interface Member {
  readonly ref: number;
  readonly sourceId: number;
  readonly source: string;
}

/** A chunk of points of one series; `start` in minutes since 1970. */
export interface RawChunk {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** What one query looks at: blocks and pages as they were when it began. */
export class View {
  readonly raw: readonly BlockReader[];
  readonly hours: readonly BlockReader[];
  readonly days: readonly BlockReader[];
  readonly pages: readonly HeadPage[];
  /** First day (since 1970) whose points are kept; before it there are daily summaries. */
  readonly firstRawDay: number;
  readonly #tombstones: Tombstones;
  readonly #held: readonly BlockReader[];

  constructor(blocks: BlockSet, head: Head, tombstones: Tombstones, firstRawDay: number) {
    this.raw = blocks.of("raw");
    this.hours = blocks.of("hour");
    this.days = blocks.of("day");
    this.pages = head.pages();
    this.firstRawDay = firstRawDay;
    this.#tombstones = tombstones;
    this.#held = blocks.all;
    for (const block of this.#held) block.retain();
  }

  async release(): Promise<void> {
    for (const block of this.#held) await block.release();
  }

  /** Source ids for a block: -1 for members whose content in there was dropped. */
  sourcesFor(block: BlockReader, members: readonly Member[]): number[] {
    return members.map((member) => (this.#tombstones.of(member.source) >= block.meta.priority ? -1 : member.sourceId));
  }

  /** Points of days [fromDay, toDay) per member, in the order in which they must be laid over each other. */
  async rawChunks(nameId: number, members: readonly Member[], fromDay: number, toDay: number, into: RawChunk[][]): Promise<void> {
    const from = Math.max(fromDay, this.firstRawDay) * minutesPerDay;
    const to = toDay * minutesPerDay;
    for (const block of this.raw) {
      if (block.meta.from >= to * 60 || block.meta.to <= from * 60) continue;
      await block.eachChunk(nameId, this.sourcesFor(block, members), from, to, (member, start, bytes) =>
        into[member]?.push({ start, bytes }),
      );
    }
  }

  /** Lays pages over the grid of a day. */
  overlayPages(ref: number, day: number, grid: DayGrid): void {
    for (const page of this.pages) {
      if (Math.floor(page.window / windowsPerDay) !== day || !page.has(ref)) continue;
      grid.touch();
      page.overlay(ref, grid.values, grid.seconds, (page.window % windowsPerDay) * windowMinutes);
    }
  }

  /** Days with points of any of the series in memory. */
  pageDays(members: readonly Member[]): Set<number> {
    const days = new Set<number>();
    for (const page of this.pages) {
      const day = Math.floor(page.window / windowsPerDay);
      if (!days.has(day) && members.some((member) => page.has(member.ref))) days.add(day);
    }
    return days;
  }
}

/** Chunks of one member by day; a day's list keeps the order. */
export function byDay(chunks: readonly RawChunk[]): Map<number, RawChunk[]> {
  const days = new Map<number, RawChunk[]>();
  for (const chunk of chunks) {
    const day = Math.floor(chunk.start / minutesPerDay);
    const list = days.get(day);
    if (list) list.push(chunk);
    else days.set(day, [chunk]);
  }
  return days;
}

/** The members that the catalog knows, with the place each had in the list. */
export function resolveMembers(
  catalog: Catalog,
  name: string,
  sources: readonly string[],
): { readonly member: Member; readonly place: number }[] {
  const found: { member: Member; place: number }[] = [];
  for (const [place, source] of sources.entries()) {
    const ref = catalog.find(source, name);
    if (ref !== undefined && catalog.exists(ref)) found.push({ member: { ref, sourceId: catalog.sourceIdOf(ref), source }, place });
  }
  return found;
}
