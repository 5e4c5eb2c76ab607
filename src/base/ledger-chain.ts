import { canonicalJson, type CanonicalValue } from "#base/canonical-json";

/** The version of the entry's shape, its field `v`. */
export const entryVersion = 1;

/** `dprev` of a device's first entry. */
export const noPrevious = "0".repeat(64);

export type Outcome = "done" | "refused" | "failed";

/** What an act says about itself. Ids and short codes only: no names and no free text, so that a person can be forgotten. */
export interface EntryFacts {
  readonly actor: string;
  readonly verb: string;
  readonly object: string;
  readonly outcome: Outcome;
  readonly place?: string | undefined;
  readonly reason?: string | undefined;
  readonly rule?: string | undefined;
  readonly workOrder?: string | undefined;
  readonly incident?: string | undefined;
  readonly detail: { readonly [key: string]: CanonicalValue | undefined };
}

/** Where an entry stands: which organisation and device, its number and the hash before it, and the device's clocks. */
export interface EntryPlace {
  readonly org: string;
  readonly device: string;
  readonly dseq: number;
  /** Lower-case hex SHA-256 of the device's previous entry. */
  readonly dprev: string;
  /** Unix milliseconds by the device's wall clock. */
  readonly wall: number;
  /** The device's monotonic clock in milliseconds since an arbitrary start. */
  readonly mono: number;
}

/** The canonical bytes of an entry: exactly this text is stored and hashed. */
export function entryBytes(place: EntryPlace, facts: EntryFacts): string {
  return canonicalJson({ v: entryVersion, ...place, ...facts });
}

/** A stored entry, as the database or an export gives it. */
export interface StoredEntry {
  readonly seq: number;
  readonly device: string;
  readonly dseq: number;
  /** Lower-case hex. */
  readonly hash: string;
  readonly bytes: string;
}

/** The first thing that is wrong with a record. */
export interface BadEntry {
  readonly seq: number;
  readonly device: string;
  readonly dseq: number;
  readonly problem: string;
}

/**
 * Checks entries of one organisation in order of `seq`, remembering only the head of each device's chain.
 * An edit, a removal in the middle, a swap or an insertion is found; a missing tail is not (that takes an outside witness).
 */
export class ChainVerifier {
  readonly #org: string;
  readonly #sha256: (text: string) => string;
  readonly #heads = new Map<string, { dseq: number; hash: string }>();
  #seq = 0;

  /** @param sha256 gives the lower-case hex SHA-256 of a text's UTF-8 bytes. */
  constructor(org: string, sha256: (text: string) => string) {
    this.#org = org;
    this.#sha256 = sha256;
  }

  /** How many entries were good so far. */
  get checked(): number {
    return this.#seq;
  }

  /** Undefined when `entry` continues the record rightly. */
  check(entry: StoredEntry): BadEntry | undefined {
    const problem = this.#problem(entry);
    if (problem !== undefined) return { seq: entry.seq, device: entry.device, dseq: entry.dseq, problem };
    this.#seq = entry.seq;
    this.#heads.set(entry.device, { dseq: entry.dseq, hash: entry.hash });
    return undefined;
  }

  #problem(entry: StoredEntry): string | undefined {
    if (entry.seq !== this.#seq + 1) return `number ${this.#seq + 1} is missing`;
    if (this.#sha256(entry.bytes) !== entry.hash) return "the bytes do not match their hash";
    const said = parse(entry.bytes);
    if (said === undefined) return "the bytes are not canonical JSON";
    if (said["org"] !== this.#org) return "the entry belongs to another organisation";
    if (said["device"] !== entry.device || said["dseq"] !== entry.dseq) return "the entry was moved to another place";
    const head = this.#heads.get(entry.device) ?? { dseq: 0, hash: noPrevious };
    if (entry.dseq !== head.dseq + 1) return `entry ${head.dseq + 1} of the device is missing`;
    if (said["dprev"] !== head.hash) return "the entry does not continue its device's chain";
    return undefined;
  }
}

function parse(bytes: string): Record<string, CanonicalValue> | undefined {
  try {
    const value = JSON.parse(bytes) as Record<string, CanonicalValue>; // checked by the comparison below: only canonical values survive it
    return canonicalJson(value) === bytes ? value : undefined;
  } catch {
    return undefined;
  }
}
