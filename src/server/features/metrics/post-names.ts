import type { SeriesRef, SourceId } from "#ports/metric-store/port";

/** More names than this are found by their text: a bound for the tables below. */
const mostNames = 4096;
const tableSize = mostNames * 4;
/** Sources whose series are remembered; the one that was first seen longest ago goes first. */
const mostSources = 50_000;

const noName = 0xffff;

/** A name as its bytes in a post, with the quote behind it. */
interface KnownName {
  readonly bytes: Uint8Array;
  readonly hash: number;
}

/** What is remembered of one source: the series behind each known name, and the order in which its last post named them. */
export class SourceMemory {
  readonly source: SourceId;
  /** Reference + 1 per name; 0 = not asked for yet. */
  #refs = new Uint32Array(64);
  #order = new Uint16Array(64).fill(noName);

  constructor(source: SourceId) {
    this.source = source;
  }

  refOf(name: number): number {
    return (this.#refs[name] ?? 0) - 1;
  }

  remember(name: number, ref: SeriesRef): void {
    if (name >= this.#refs.length) {
      const grown = new Uint32Array(Math.max(name + 1, this.#refs.length * 2));
      grown.set(this.#refs);
      this.#refs = grown;
    }
    this.#refs[name] = ref + 1;
  }

  /** The name that stood at place `i` of the last post. */
  predicted(i: number): number {
    return this.#order[i] ?? noName;
  }

  expect(i: number, name: number): void {
    if (i >= this.#order.length) {
      if (i >= mostNames) return;
      const grown = new Uint16Array(this.#order.length * 2).fill(noName);
      grown.set(this.#order);
      this.#order = grown;
    }
    this.#order[i] = name;
  }
}

/** Names and sources by their bytes, so that a post that names what it named before makes no strings. */
export class PostMemory {
  readonly #names: KnownName[] = [];
  /** Number of the name + 1 at the place of its hash or behind it; 0 = free. */
  readonly #table = new Uint16Array(tableSize);
  readonly #sources = new Map<SourceId, SourceMemory>();

  /** Length of name `index` with its quote when it stands at `at`, else 0. */
  matches(body: Buffer, at: number, index: number): number {
    const bytes = this.#names[index]?.bytes;
    if (!bytes) return 0;
    for (let i = bytes.length - 1; i >= 0; i--) if (bytes[i] !== body[at + i]) return 0;
    return bytes.length;
  }

  /** The number of the name in body[from, to), whose hash the caller has; -1 = unknown. */
  find(body: Buffer, from: number, to: number, hash: number): number {
    for (let place = hash & (tableSize - 1); ; place = (place + 1) & (tableSize - 1)) {
      const index = (this.#table[place] ?? 0) - 1;
      if (index < 0) return -1;
      const known = this.#names[index];
      if (known && known.hash === hash && known.bytes.length === to - from + 1 && this.matches(body, from, index) > 0) return index;
    }
  }

  /** Remembers a name; -1 = there are too many already. */
  add(body: Buffer, from: number, to: number, hash: number): number {
    const index = this.#names.length;
    if (index >= mostNames) return -1;
    this.#names.push({ bytes: Uint8Array.prototype.slice.call(body, from, to + 1), hash });
    let place = hash & (tableSize - 1);
    while (this.#table[place] !== 0) place = (place + 1) & (tableSize - 1);
    this.#table[place] = index + 1;
    return index;
  }

  source(source: SourceId): SourceMemory {
    const found = this.#sources.get(source);
    if (found) return found;
    const memory = new SourceMemory(source);
    this.#sources.set(source, memory);
    if (this.#sources.size > mostSources) for (const oldest of this.#sources.keys()) return this.#forget(oldest, memory);
    return memory;
  }

  #forget(oldest: SourceId, kept: SourceMemory): SourceMemory {
    this.#sources.delete(oldest);
    return kept;
  }
}
