const minuteOf = (time: number): number => Math.floor(time / 60);

/**
 * The newest points of one series, newest first, one a minute as the store keeps them: a later point of the same minute overwrites. Small
 * enough that moving them is cheaper than being clever.
 */
export class PointWindow {
  readonly capacity: number;
  /** Unix seconds. */
  readonly times: Uint32Array;
  readonly values: Float64Array;
  count = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    const memory = new ArrayBuffer(capacity * 12);
    this.values = new Float64Array(memory, 0, capacity);
    this.times = new Uint32Array(memory, capacity * 8, capacity);
  }

  /** Time of the newest point, 0 when there is none. */
  get newest(): number {
    return this.count === 0 ? 0 : (this.times[0] ?? 0);
  }

  /** Puts a point in its place. @param isOld a point that was kept already where one of its minute is known */
  add(time: number, value: number, isOld = false): void {
    const minute = minuteOf(time);
    let at = 0;
    while (at < this.count && minuteOf(this.times[at] ?? 0) > minute) at++;
    if (at === this.capacity) return;
    if (at < this.count && minuteOf(this.times[at] ?? 0) === minute) {
      if (isOld) return;
    } else {
      this.times.copyWithin(at + 1, at, this.capacity - 1);
      this.values.copyWithin(at + 1, at, this.capacity - 1);
      if (this.count < this.capacity) this.count += 1;
    }
    this.times[at] = time;
    this.values[at] = value;
  }

  /** The value in the minute of `time`, NaN when there is none. */
  valueAt(time: number): number {
    const minute = minuteOf(time);
    for (let i = 0; i < this.count; i++) {
      const there = minuteOf(this.times[i] ?? 0);
      if (there === minute) return this.values[i] ?? Number.NaN;
      if (there < minute) break;
    }
    return Number.NaN;
  }
}
