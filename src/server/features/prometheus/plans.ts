import type { ExpositionType } from "#base/exposition-format";
import type { Mapping } from "#wire/prometheus";
import { planOf, type Plan, type Series } from "./mapping.ts";

const mostFamilies = 50_000;
/** Plans in each of two generations: what is not asked for while one fills is forgotten. */
const mostPlans = 200_000;
/** Characters of the keys of one generation: labels may be as long as a request. */
const mostKeyCharacters = 64 * 1024 * 1024;
/** What is written longer than this is decided anew each time. */
const longestKey = 64 * 1024;
const longestFamily = 1024;
const suffixes = ["", "_total", "_bucket", "_count", "_sum", "_created"];

/** What becomes of each series of one organisation, remembered by how the series is written, so that a known one costs one look-up. */
export class Plans {
  readonly mapping: Mapping;
  readonly #types = new Map<string, ExpositionType>();
  #young = new Map<string, Plan | undefined>();
  #old = new Map<string, Plan | undefined>();
  #youngCharacters = 0;

  constructor(mapping: Mapping) {
    this.mapping = mapping;
  }

  /** Notes what a family is. What was decided without knowing is decided again. */
  describe(family: string, type: ExpositionType): void {
    if (type === "unknown" || this.#types.get(family) === type) return;
    if (this.#types.size >= mostFamilies || family.length > longestFamily) return;
    this.#types.set(family, type);
    this.#young.clear();
    this.#youngCharacters = 0;
    this.#old.clear();
  }

  /** @returns undefined for a series without a name */
  of(key: string, labels: () => ReadonlyMap<string, string>, type?: ExpositionType): Plan | undefined {
    return this.#remembered(key, () => this.#make(labels(), type));
  }

  /** A series that a scrape brought: its type is known, and so is its host. */
  ofExposed(key: string, series: () => Series, host: string): Plan {
    const make = (): Plan => planOf(this.mapping, series(), host);
    return this.#remembered(key, make) ?? make();
  }

  #remembered(key: string, make: () => Plan | undefined): Plan | undefined {
    if (key.length > longestKey) return make();
    if (this.#young.has(key)) return this.#young.get(key);
    const plan = this.#old.has(key) ? this.#old.get(key) : make();
    if (this.#young.size >= mostPlans || this.#youngCharacters >= mostKeyCharacters) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = 0;
    }
    this.#youngCharacters += key.length;
    this.#young.set(key, plan);
    return plan;
  }

  #make(all: ReadonlyMap<string, string>, given: ExpositionType | undefined): Plan | undefined {
    const name = all.get("__name__") ?? "";
    if (name === "") return undefined;
    const labels = new Map(all);
    labels.delete("__name__");
    const known = given === undefined || given === "unknown" ? this.#described(name) : { family: name, type: given };
    return planOf(this.mapping, { name, labels, ...known });
  }

  #described(name: string): { readonly family: string; readonly type: ExpositionType } {
    for (const suffix of suffixes) {
      const family = name.endsWith(suffix) ? name.slice(0, name.length - suffix.length) : undefined;
      const type = family === undefined ? undefined : this.#types.get(family);
      if (family !== undefined && type !== undefined) return { family, type };
    }
    return { family: name, type: "unknown" };
  }
}
