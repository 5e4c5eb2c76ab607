import type { MetricStore } from "#ports/metric-store/port";

interface Budget {
  readonly kept: Set<string>;
  readonly refused: Set<string>;
}

/** A host over its budget, for the console. */
export interface OverBudget {
  readonly source: string;
  readonly kept: number;
  /** Different series that were refused, as far as they are counted: at most 10,000. */
  readonly refused: number;
}

const mostRefused = 10_000;

/**
 * How many series of their own making each host or service may have: whoever puts an order number into a label fills no disk. The
 * system's own metrics are not asked about and always kept.
 */
export class SeriesBudget {
  readonly #store: MetricStore;
  /** What the names of its series begin with, in the store. */
  readonly #prefix: string;
  readonly #sources = new Map<string, Budget>();
  readonly #opening = new Map<string, Promise<void>>();

  constructor(store: MetricStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** Learns which series a source has from earlier. To be awaited before `admits`. */
  async open(source: string): Promise<void> {
    if (this.#sources.has(source)) return;
    const opening = this.#opening.get(source) ?? this.#load(source).finally(() => this.#opening.delete(source));
    this.#opening.set(source, opening);
    await opening;
  }

  /** Whether a point of that name may be kept: known already, or room for one more. */
  admits(source: string, name: string, most: number): boolean {
    const budget = this.#sources.get(source);
    if (!budget || budget.kept.has(name)) return true;
    if (budget.kept.size < most) {
      budget.kept.add(name);
      budget.refused.delete(name);
      return true;
    }
    if (budget.refused.size < mostRefused) budget.refused.add(name);
    return false;
  }

  /** Which sources have had series refused since this process started, the worst first. */
  over(): OverBudget[] {
    const found: OverBudget[] = [];
    for (const [source, { kept, refused }] of this.#sources) {
      if (refused.size > 0) found.push({ source, kept: kept.size, refused: refused.size });
    }
    return found.toSorted((a, b) => b.refused - a.refused);
  }

  async #load(source: string): Promise<void> {
    const names = await this.#store.names(source);
    this.#sources.set(source, { kept: new Set(names.filter((name) => name.startsWith(this.#prefix))), refused: new Set() });
  }
}
