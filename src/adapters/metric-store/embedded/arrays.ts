// Reads of typed arrays whose index is known to be inside. One function per kind of array: each stays simple for the compiler.
export const f64At = (array: Float64Array, index: number): number => array[index] ?? 0;
export const u32At = (array: Uint32Array, index: number): number => array[index] ?? 0;

/** Typed arrays that grow by doubling: `array` is replaced, so never keep a reference over a call of `ensure`. */
export class GrowingU32 {
  array: Uint32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.array = new Uint32Array(capacity);
  }

  /** Makes room for indices below `capacity`; new entries are 0. */
  ensure(capacity: number): void {
    if (capacity <= this.array.length) return;
    const grown = new Uint32Array(Math.max(capacity, this.array.length * 2));
    grown.set(this.array);
    this.array = grown;
  }

  push(value: number): void {
    this.ensure(this.length + 1);
    this.array[this.length++] = value;
  }
}

/** The same for doubles. */
export class GrowingF64 {
  array: Float64Array;
  length = 0;

  constructor(capacity = 1024) {
    this.array = new Float64Array(capacity);
  }

  ensure(capacity: number): void {
    if (capacity <= this.array.length) return;
    const grown = new Float64Array(Math.max(capacity, this.array.length * 2));
    grown.set(this.array);
    this.array = grown;
  }

  push(value: number): void {
    this.ensure(this.length + 1);
    this.array[this.length++] = value;
  }
}

/** The order of every string table: UTF-16 code units, the same on every machine. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
