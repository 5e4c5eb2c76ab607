import { GrowingU32 } from "./arrays.ts";
import type { PointsFrame } from "./wal-frame.ts";

/** Minutes of one page: points wait uncompressed for about this long, 8 bytes each. */
export const windowMinutes = 30;
export const windowSeconds = windowMinutes * 60;

const rowsPerSlab = 512;
const rowBits = 9;
const slabSlots = rowsPerSlab * windowMinutes;
const refsPerChunk = 1024;
const refBits = 10;

/**
 * The points of one half hour, a row per series and a slot per minute; NaN = no point. Rows are given out as series show up.
 * Slots of one minute lie together: a post touches a few cache lines instead of one per series.
 */
export class HeadPage {
  readonly window: number;
  /** Log segment with the oldest frame that is in here. */
  readonly firstSegment: number;
  /** Monotonic milliseconds. */
  readonly createdAt: number;
  /** Set when the page is closed for new points: its rank among everything that says something about the same minutes. */
  priority = 0;
  /** Series of each row. */
  readonly refs = new GrowingU32(64);
  readonly #rowOf: (Int32Array | undefined)[] = [];
  readonly #slabs: Float64Array[] = [];
  /** Seconds within the minute, only for slabs that hold a point not at :00. */
  readonly #seconds: (Uint8Array | undefined)[] = [];

  constructor(window: number, firstSegment: number, createdAt: number) {
    this.window = window;
    this.firstSegment = firstSegment;
    this.createdAt = createdAt;
  }

  get rows(): number {
    return this.refs.length;
  }

  /** Memory of the page in bytes. */
  get bytes(): number {
    const seconds = this.#seconds.reduce((sum, s) => sum + (s?.length ?? 0), 0);
    const chunks = this.#rowOf.reduce((sum, c) => sum + (c ? refsPerChunk * 4 : 0), 0);
    return this.#slabs.length * slabSlots * 8 + seconds + chunks;
  }

  /** `slot` = minute within the page, `second` = second within the minute. */
  put(ref: number, slot: number, second: number, value: number): void {
    const row = this.#row(ref);
    const slab = row >> rowBits;
    const at = slot * rowsPerSlab + (row & (rowsPerSlab - 1));
    const values = this.#slabs[slab];
    if (values) values[at] = value;
    const seconds = this.#seconds[slab];
    if (seconds) seconds[at] = second;
    else if (second !== 0) this.#secondsOf(slab)[at] = second;
  }

  #secondsOf(slab: number): Uint8Array {
    return (this.#seconds[slab] ??= new Uint8Array(slabSlots));
  }

  #row(ref: number): number {
    const chunk = (this.#rowOf[ref >> refBits] ??= new Int32Array(refsPerChunk));
    const known = chunk[ref & (refsPerChunk - 1)] ?? 0;
    if (known > 0) return known - 1;
    const row = this.refs.length;
    this.refs.push(ref);
    if (row >> rowBits >= this.#slabs.length) this.#slabs.push(new Float64Array(slabSlots).fill(Number.NaN));
    chunk[ref & (refsPerChunk - 1)] = row + 1;
    return row;
  }

  #findRow(ref: number): number {
    return (this.#rowOf[ref >> refBits]?.[ref & (refsPerChunk - 1)] ?? 0) - 1;
  }

  has(ref: number): boolean {
    return this.#findRow(ref) >= 0;
  }

  /** Lays the points of a series over `values` (and `seconds`): minute `m` of the page goes to index `at + m`, within [0, length). */
  overlay(ref: number, values: Float64Array, seconds: Uint8Array | undefined, at: number): void {
    const row = this.#findRow(ref);
    if (row >= 0) this.overlayRow(row, values, seconds, at);
  }

  overlayRow(row: number, values: Float64Array, seconds: Uint8Array | undefined, at: number): void {
    const slab = this.#slabs[row >> rowBits];
    if (!slab) return;
    const offsets = this.#seconds[row >> rowBits];
    const from = Math.max(0, -at);
    const to = Math.min(windowMinutes, values.length - at);
    let place = from * rowsPerSlab + (row & (rowsPerSlab - 1));
    for (let m = from; m < to; m++, place += rowsPerSlab) {
      const value = slab[place] ?? Number.NaN;
      if (value !== value) continue;
      values[at + m] = value;
      if (seconds) seconds[at + m] = offsets?.[place] ?? 0;
    }
  }

  /** Forgets the points of a series. */
  clear(ref: number): void {
    const row = this.#findRow(ref);
    const slab = this.#slabs[row >> rowBits];
    if (row < 0 || !slab) return;
    for (let m = 0; m < windowMinutes; m++) slab[m * rowsPerSlab + (row & (rowsPerSlab - 1))] = Number.NaN;
  }
}

/** The points that no block holds yet: one open page per half hour that points came for, and closed pages on their way to a block. */
export class Head {
  readonly #open = new Map<number, HeadPage>();
  #closed: HeadPage[] = [];

  /** Open pages, in no order. */
  get open(): Iterable<HeadPage> {
    return this.#open.values();
  }

  /** Closed pages, oldest rank first. */
  get closed(): readonly HeadPage[] {
    return this.#closed;
  }

  get bytes(): number {
    let sum = 0;
    for (const page of this.pages()) sum += page.bytes;
    return sum;
  }

  /** All pages; of two with the same minutes the later one wins. */
  pages(): HeadPage[] {
    return [...this.#closed, ...this.#open.values()];
  }

  page(window: number, segment: number, now: number): HeadPage {
    const found = this.#open.get(window);
    if (found) return found;
    const page = new HeadPage(window, segment, now);
    this.#open.set(window, page);
    return page;
  }

  /** Takes over a frame. `refs` translates the numbers of the log into those of this process; undefined = they are the same. */
  put(
    frame: PointsFrame,
    refs: Uint32Array | undefined,
    segment: number,
    now: number,
    seen: (ref: number, time: number, value: number) => void,
  ): void {
    const { count, u32, f64, valuesAt, refsAt, timesAt } = frame;
    let page: HeadPage | undefined;
    let start = 0;
    for (let i = 0; i < count; i++) {
      const time = u32[frame.isOneTime ? timesAt : timesAt + i] ?? 0;
      if (!page || time < start || time >= start + windowSeconds) {
        const window = Math.floor(time / windowSeconds);
        start = window * windowSeconds;
        page = this.page(window, segment, now);
      }
      const logRef = u32[refsAt + i] ?? 0;
      const ref = refs ? (refs[logRef] ?? 0) : logRef;
      const value = f64[valuesAt + i] ?? 0;
      const offset = time - start;
      page.put(ref, (offset / 60) | 0, offset % 60, value);
      seen(ref, time, value);
    }
  }

  /** Closes the open page of a half hour; later points go to a new one. Undefined when there is none. */
  freeze(window: number, priority: number): HeadPage | undefined {
    const page = this.#open.get(window);
    if (!page) return undefined;
    this.#open.delete(window);
    page.priority = priority;
    this.#closed.push(page);
    return page;
  }

  /** A block holds the closed page now. */
  discard(window: number, priority: number): void {
    this.#closed = this.#closed.filter((page) => page.window !== window || page.priority !== priority);
  }

  /** Oldest log segment that is still needed, or undefined when every point is in a block. */
  oldestSegment(): number | undefined {
    let oldest: number | undefined;
    for (const page of this.pages()) if (oldest === undefined || page.firstSegment < oldest) oldest = page.firstSegment;
    return oldest;
  }

  clear(refs: Iterable<number>): void {
    const pages = this.pages();
    for (const ref of refs) for (const page of pages) page.clear(ref);
  }
}
