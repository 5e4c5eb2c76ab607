import type { Entry } from "./entry.ts";
import { Latency } from "./latency.ts";
import type { Figures } from "../common/graphs.ts";

const classes = [1, 2, 3, 4, 5] as const;
const percentiles = [50, 90, 95, 99] as const;

/** Counts the lines of one minute, in constant memory. */
export class Tally {
  readonly #byStatus = new Float64Array(600);
  readonly #latency = new Latency();
  #bytes = 0;
  #total = 0;
  #unread = 0;

  /** Lines that were requests. */
  get total(): number {
    return this.#total;
  }

  /** Lines that could not be read. */
  get unread(): number {
    return this.#unread;
  }

  add({ status, bytes, time, unit }: Entry): void {
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    this.#total += 1;
    if (bytes > 0) this.#bytes += bytes;
    if (time >= 0) this.#latency.add(time * unit);
  }

  addUnread(): void {
    this.#unread += 1;
  }

  reset(): void {
    this.#byStatus.fill(0);
    this.#latency.reset();
    this.#bytes = this.#total = this.#unread = 0;
  }

  /**
   * The minute's figures under the names of mackerel-plugin-accesslog: counts are 0 when nothing came, shares and times are absent then. Times in
   * seconds.
   * @param statuses single codes that are counted, too
   */
  figures(statuses: readonly number[]): Figures {
    const figures: Record<string, number> = { total_count: this.#total, unread_count: this.#unread, bytes_sent: this.#bytes };
    for (const hundred of classes) {
      const count = this.#byStatus.subarray(hundred * 100, hundred * 100 + 100).reduce((sum, one) => sum + one, 0);
      figures[`${hundred}xx_count`] = count;
      if (this.#total > 0) figures[`${hundred}xx_percentage`] = (count * 100) / this.#total;
    }
    for (const status of statuses) figures[`${status}_count`] = this.#byStatus[status] ?? 0;
    const { average, max } = this.#latency;
    if (average !== undefined && max !== undefined) {
      figures["average"] = average;
      figures["max"] = max;
      for (const percent of percentiles) figures[`${percent}_percentile`] = this.#latency.percentile(percent) ?? max;
    }
    return figures;
  }
}
