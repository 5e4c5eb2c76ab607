import { HinobanError } from "#base/errors";
import type { SeriesRef, SourceId } from "#ports/metric-store/port";
import { byCodeUnit, GrowingF64, GrowingU32 } from "./arrays.ts";

const longestText = 255;

const hasPoints = 1;
const knowsNewest = 2;

interface SourceEntry {
  readonly id: number;
  readonly text: SourceId;
  readonly series: Map<string, number>;
}

// The only place where a bare number becomes a reference.
const brand = (n: number): SeriesRef => n as SeriesRef; // oxlint-disable-line typescript/no-unsafe-type-assertion -- branding

/**
 * All series this process has heard of: texts become small numbers once, everything behind works on numbers.
 * A series "exists" from its first durable point on; a reference alone leaves no trace.
 */
export class Catalog {
  readonly #sources = new Map<string, SourceEntry>();
  readonly #sourceList: SourceEntry[] = [];
  readonly #names = new Map<string, number>();
  readonly #nameList: string[] = [];
  readonly #sourceOf = new GrowingU32();
  readonly #nameOf = new GrowingU32();
  /** Bits per series: has points; its newest point is known. */
  #flags = new Uint8Array(1024);
  #existing = 0;
  #count = 0;
  /** Generation of the log in which the series was last defined, per series; see the log writer. */
  readonly definedIn = new GrowingU32();
  /** Newest point per series since the process started: minute (0 = none) ... */
  readonly newestTime = new GrowingU32();
  /** ... and its value. */
  readonly newestValue = new GrowingF64();

  get count(): number {
    return this.#count;
  }

  /** Series that have points. */
  get existing(): number {
    return this.#existing;
  }

  /** @throws HinobanError "invalid-input" for an empty text or one above 255 characters. */
  seriesOf(source: SourceId, name: string): SeriesRef {
    const found = this.#sources.get(source)?.series.get(name);
    return brand(found ?? this.#add(source, name));
  }

  /** The number of a series that is known already, or undefined. */
  find(source: SourceId, name: string): number | undefined {
    return this.#sources.get(source)?.series.get(name);
  }

  #add(source: SourceId, name: string): number {
    for (const text of [source, name]) {
      if (text.length === 0 || text.length > longestText) {
        throw new HinobanError("invalid-input", `A source and a metric name have 1 to ${longestText} characters, not ${text.length}.`);
      }
    }
    const ref = this.#count++;
    for (const column of [this.#sourceOf, this.#nameOf, this.definedIn, this.newestTime, this.newestValue]) column.ensure(this.#count);
    if (this.#count > this.#flags.length) {
      const grown = new Uint8Array(this.#flags.length * 2);
      grown.set(this.#flags);
      this.#flags = grown;
    }
    const entry = this.#entry(source);
    const nameId = this.nameId(name);
    entry.series.set(this.nameText(nameId), ref);
    this.#sourceOf.array[ref] = entry.id;
    this.#nameOf.array[ref] = nameId;
    return ref;
  }

  #entry(source: SourceId): SourceEntry {
    const found = this.#sources.get(source);
    if (found) return found;
    const entry: SourceEntry = { id: this.#sourceList.length, text: source, series: new Map() };
    this.#sources.set(source, entry);
    this.#sourceList.push(entry);
    return entry;
  }

  /** The number of a source, made when there is none. */
  sourceId(source: SourceId): number {
    return this.#entry(source).id;
  }

  findSource(source: SourceId): number | undefined {
    return this.#sources.get(source)?.id;
  }

  /** The number of a name, made when there is none. */
  nameId(name: string): number {
    const found = this.#names.get(name);
    if (found !== undefined) return found;
    const id = this.#nameList.length;
    this.#names.set(name, id);
    this.#nameList.push(name);
    return id;
  }

  findName(name: string): number | undefined {
    return this.#names.get(name);
  }

  sourceIdOf(ref: number): number {
    return this.#sourceOf.array[ref] ?? 0;
  }

  nameIdOf(ref: number): number {
    return this.#nameOf.array[ref] ?? 0;
  }

  sourceText(id: number): string {
    return this.#sourceList[id]?.text ?? "";
  }

  nameText(id: number): string {
    return this.#nameList[id] ?? "";
  }

  exists(ref: number): boolean {
    return ((this.#flags[ref] ?? 0) & hasPoints) !== 0;
  }

  /** A block holds points of the series. */
  markExisting(ref: number): void {
    if (this.exists(ref)) return;
    this.#flags[ref] = (this.#flags[ref] ?? 0) | hasPoints;
    this.#existing++;
  }

  /** A point of the series came in, or was found in the log. */
  see(ref: number, time: number, value: number): void {
    if (!this.exists(ref)) {
      this.markExisting(ref);
      this.trustNewest(ref); // no block holds it, or it would exist
    }
    const newest = this.newestTime.array[ref] ?? 0;
    if (time < newest && Math.floor(time / 60) < Math.floor(newest / 60)) return;
    this.newestTime.array[ref] = time;
    this.newestValue.array[ref] = value;
  }

  /** A block holds this point: it counts when nothing newer, and not the same minute again, came in. */
  seeOlder(ref: number, time: number, value: number): void {
    if (Math.floor(time / 60) <= Math.floor((this.newestTime.array[ref] ?? 0) / 60)) return;
    this.newestTime.array[ref] = time;
    this.newestValue.array[ref] = value;
  }

  /** Whether the newest point is surely known; else a block may hold a newer one than was seen since the start. */
  knowsNewest(ref: number): boolean {
    return ((this.#flags[ref] ?? 0) & knowsNewest) !== 0;
  }

  trustNewest(ref: number): void {
    this.#flags[ref] = (this.#flags[ref] ?? 0) | knowsNewest;
  }

  /** The series of a source, also those without points yet. */
  refsOf(source: SourceId): Iterable<number> {
    return this.#sources.get(source)?.series.values() ?? [];
  }

  /** Names of the series of `source` that have points, sorted by code unit. */
  namesOf(source: SourceId): string[] {
    const names: string[] = [];
    for (const [name, ref] of this.#sources.get(source)?.series ?? []) if (this.exists(ref)) names.push(name);
    return names.sort(byCodeUnit);
  }

  /** The series of `source` have no points any more. References stay valid for new ones. */
  forget(source: SourceId): void {
    for (const ref of this.refsOf(source)) {
      if (this.exists(ref)) this.#existing--;
      this.#flags[ref] = 0;
      this.newestTime.array[ref] = 0;
    }
  }
}
