import { toSeconds, type UnixMs } from "#base/duration";
import { Combined, type ChangedMinute, type CombinedShape } from "./combined.ts";
import { CounterUndo, type CounterRates } from "./counter-rates.ts";
import type { Output } from "./outputs.ts";
import type { BatchReport, PointBatch } from "./point-batch.ts";

interface IntakeParts {
  readonly batch: PointBatch;
  readonly rates: CounterRates;
  readonly combined: Combined;
  readonly append: (batch: PointBatch) => Promise<BatchReport>;
}

/** One sample of a foreign series. */
export interface FedSample {
  /** Host's id or service's source. */
  readonly source: string;
  /** Tells the series from every other of its source. */
  readonly series: string;
  readonly at: UnixMs;
  readonly value: number;
  /** When a counter began at zero, where the sender tells. */
  readonly startedAt?: UnixMs | undefined;
}

/**
 * The samples of one post on their way to points. Nothing counts before `commit`: when the store cannot take the points, counters are
 * set back, and the same post may come again.
 */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #undo = new CounterUndo();
  readonly #changed: ChangedMinute[] = [];

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** A value as it is. @param source host's id or service's source */
  gauge(source: string, name: string, at: UnixMs, value: number): void {
    this.#parts.batch.add(source, name, toSeconds(at), value);
  }

  /** A sample on its way into one of the metrics that its series feeds. */
  feed(output: Output, { source, series, at, value, startedAt }: FedSample): void {
    const found = output.isRate ? this.rateOf(source, series, at, value, startedAt) : value;
    if (found === undefined) return;
    if (output.part) this.part(source, output.name, output.part.shape, output.part.key, at, found * output.scale);
    else this.gauge(source, output.name, at, found * output.scale);
  }

  /** The rate per second of a total, kept nowhere. */
  rateOf(source: string, series: string, at: UnixMs, total: number, startedAt?: UnixMs): number | undefined {
    return this.#parts.rates.perSecond(source, series, at, total, { startedAt, undo: this.#undo });
  }

  /** The rate per second of growth since `from`. */
  rateOfGrowth(source: string, series: string, from: UnixMs, at: UnixMs, growth: number): number | undefined {
    return this.#parts.rates.grown(source, series, from, at, growth, this.#undo);
  }

  /** One part of a metric that is made of several. */
  part(source: string, name: string, shape: CombinedShape, part: string, at: UnixMs, value: number): void {
    if (Number.isFinite(value)) this.#changed.push(this.#parts.combined.add(source, name, shape, part, at, value));
  }

  /** Points so far, without those that are put together at the end. */
  get count(): number {
    return this.#parts.batch.count;
  }

  /** Stores everything; resolves when it is durable. @throws "unavailable" | "storage-full" and then nothing was stored */
  async commit(): Promise<BatchReport> {
    const { batch, combined, append } = this.#parts;
    for (const { source, name, time, value } of combined.points(this.#changed)) batch.add(source, name, time, value);
    try {
      const report = await append(batch);
      combined.settle(this.#changed);
      return report;
    } catch (error) {
      this.#undo.restore();
      throw error;
    }
  }
}
