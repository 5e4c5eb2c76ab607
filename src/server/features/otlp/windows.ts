import type { UnixMs } from "#base/duration";
import { added, emptied, since } from "./distribution.ts";
import type { Buckets, HistogramPoint, Temporality } from "./model.ts";

/** A histogram's total at one time. */
interface Total {
  readonly at: number;
  readonly count: number;
  readonly sum: number;
  readonly buckets: Buckets;
}

interface Known {
  /** The newest total of an earlier minute, or the first of all. */
  readonly base: Total;
  readonly newest: Total;
}

/** What was counted in the minute that a point ends. */
export interface Window {
  readonly count: number;
  readonly sum: number;
  readonly buckets: Buckets;
}

const longestWindow = 15 * 60_000;
const mostKnown = 50_000;
const minuteOf = (at: number): number => Math.floor(at / 60_000);

/**
 * Tells what histograms counted in a minute, from totals or from growth. What a request brings is kept only once its points are stored,
 * so that the same request may come again.
 */
export class Windows {
  readonly #known = new Map<string, Known>();

  request(): WindowRequest {
    return new WindowRequest(this.#known);
  }
}

export class WindowRequest {
  readonly #known: Map<string, Known>;
  readonly #new = new Map<string, Known>();

  constructor(known: Map<string, Known>) {
    this.#known = known;
  }

  /** @param series tells the histogram from every other @returns undefined when there is nothing to compare with */
  windowOf(series: string, temporality: Temporality, point: HistogramPoint): Window | undefined {
    const before = this.#new.get(series) ?? this.#known.get(series);
    if (before && point.at < before.newest.at) return undefined;
    const said = { at: point.at, count: point.count, sum: point.sum ?? 0, buckets: point.buckets };
    const isDelta = temporality === "delta";
    const total = isDelta && before ? grown(before.newest, said) : said;
    const base = baseOf(before, total, isDelta ? (point.startedAt ?? point.at) : point.startedAt);
    this.#new.set(series, { base, newest: total });
    return base === total ? undefined : minus(total, base);
  }

  /** To be called once the points are stored. */
  commit(): void {
    for (const [series, known] of this.#new) {
      this.#known.delete(series); // what is written last stands last: the first ones are the oldest
      this.#known.set(series, known);
    }
    for (const series of this.#known.keys()) {
      if (this.#known.size <= mostKnown) break;
      this.#known.delete(series);
    }
  }
}

/**
 * What the total is compared with: the newest of an earlier minute; the start, when the sender tells it and it is not long ago; or
 * nothing but itself.
 */
function baseOf(before: Known | undefined, total: Total, startedAt: UnixMs | undefined): Total {
  if (before && before.newest.count <= total.count) {
    return minuteOf(total.at) > minuteOf(before.newest.at) ? before.newest : before.base;
  }
  const isKnown = startedAt !== undefined && startedAt <= total.at && total.at - startedAt <= longestWindow;
  return isKnown ? { at: startedAt, count: 0, sum: 0, buckets: emptied(total.buckets) } : total;
}

function minus(total: Total, base: Total): Window | undefined {
  if (total.at - base.at > longestWindow) return undefined;
  const buckets = since(total.buckets, base.buckets);
  return buckets && { count: total.count - base.count, sum: total.sum - base.sum, buckets };
}

/** The total after some growth; the same growth again adds nothing. Growth with other bounds than before begins anew. */
function grown(total: Total, growth: Total): Total {
  if (growth.at <= total.at) return total;
  const buckets = added(total.buckets, growth.buckets);
  return buckets ? { at: growth.at, count: total.count + growth.count, sum: total.sum + growth.sum, buckets } : growth;
}
