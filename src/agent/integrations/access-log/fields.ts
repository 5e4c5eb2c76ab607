import { absent, bytesOf, startsWith } from "./bytes.ts";
import { timeUnits, type Entry, type TimeField } from "./entry.ts";

/** Names of the fields of LTSV and JSON lines. Of several the first that a line has counts. */
export interface FieldNames {
  readonly status: readonly string[];
  readonly bytes: readonly string[];
  readonly time: readonly TimeField[];
}

/** A field that is looked for. */
export interface Wanted {
  /** Name with what follows it: `status:` or `status"`. */
  readonly label: Uint8Array;
  readonly kind: "status" | "bytes" | "time";
  /** The place in its list of names: lower counts more. */
  readonly rank: number;
  readonly unit: number;
}

/** Takes the fields that are looked for out of lines whose fields have names. */
export class FieldPicker {
  /** By the first byte of their names. */
  readonly #byFirst = Array.from<readonly Wanted[] | undefined>({ length: 256 });
  readonly #ranks = { status: Infinity, bytes: Infinity, time: Infinity };

  /** @param behind what ends a name: `:` in LTSV, `"` in JSON */
  constructor({ status, bytes, time }: FieldNames, behind: string) {
    const label = (name: string): Uint8Array => bytesOf(name + behind);
    const wanted: readonly Wanted[] = [
      ...status.map((name, rank) => ({ label: label(name), kind: "status" as const, rank, unit: 1 })),
      ...bytes.map((name, rank) => ({ label: label(name), kind: "bytes" as const, rank, unit: 1 })),
      ...time.map(({ name, unit }, rank) => ({ label: label(name), kind: "time" as const, rank, unit: timeUnits[unit] })),
    ];
    for (const field of wanted) this.#byFirst[field.label[0] ?? 0] = [...(this.#byFirst[field.label[0] ?? 0] ?? []), field];
  }

  /** Begins a line. */
  begin(entry: Entry): void {
    this.#ranks.status = this.#ranks.bytes = this.#ranks.time = Infinity;
    entry.status = entry.bytes = entry.time = absent;
  }

  /** The field whose name stands at `at`, if it is one that is looked for. */
  find(chunk: Uint8Array, at: number, to: number): Wanted | undefined {
    const candidates = this.#byFirst[chunk[at] ?? 0];
    if (!candidates) return undefined;
    for (const field of candidates) if (startsWith(chunk, at, to, field.label)) return field;
    return undefined;
  }

  /** Notes the value of a field. An absent one (`-`) is as if the field were not there. */
  note({ kind, rank, unit }: Wanted, value: number, entry: Entry): void {
    if (value === absent || rank >= this.#ranks[kind]) return;
    this.#ranks[kind] = rank;
    entry[kind] = value;
    if (kind === "time") entry.unit = unit;
  }
}
