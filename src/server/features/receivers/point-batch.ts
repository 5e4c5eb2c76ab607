import type { UnixSeconds } from "#base/duration";
import { isMetricName } from "#features/metrics";
import type { MetricStore, PointColumns } from "#ports/metric-store/port";

/** Text as one segment of a metric name: what is not a letter, a digit, `_` or `-` becomes `_`. Empty text becomes `_`. */
export const segmentOf = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/gu, "_") || "_";

/** What became of a batch. Points that were left out are counted in the server's figures, too. */
export interface BatchReport {
  readonly accepted: number;
  readonly tooOld: number;
  readonly tooNew: number;
  readonly malformed: number;
}

/** Points on their way into the store, in columns that grow. */
export class PointBatch {
  readonly #store: MetricStore;
  readonly #sources = new Set<string>();
  #count = 0;
  #malformed = 0;
  #series = new Uint32Array(64);
  #times = new Uint32Array(64);
  #values = new Float64Array(64);

  constructor(store: MetricStore) {
    this.#store = store;
  }

  /** Adds a point of a host (its id) or a service (`serviceSource`). One with an impossible name, time or value is only counted. */
  add(source: string, name: string, time: UnixSeconds, value: number): void {
    if (!Number.isFinite(value) || !Number.isInteger(time) || time < 0 || time > 0xffff_ffff || !isMetricName(name)) {
      this.#malformed += 1;
      return;
    }
    if (this.#count === this.#times.length) this.#grow();
    this.#series[this.#count] = this.#store.seriesOf(source, name);
    this.#times[this.#count] = time;
    this.#values[this.#count] = value;
    this.#count += 1;
    this.#sources.add(source);
  }

  get count(): number {
    return this.#count;
  }

  get malformed(): number {
    return this.#malformed;
  }

  /** Everything that has a point in here. */
  get sources(): ReadonlySet<string> {
    return this.#sources;
  }

  columns(): PointColumns {
    return { count: this.#count, series: this.#series, times: this.#times, values: this.#values };
  }

  #grow(): void {
    const size = this.#times.length * 2;
    const [series, times, values] = [new Uint32Array(size), new Uint32Array(size), new Float64Array(size)];
    series.set(this.#series);
    times.set(this.#times);
    values.set(this.#values);
    [this.#series, this.#times, this.#values] = [series, times, values];
  }
}
