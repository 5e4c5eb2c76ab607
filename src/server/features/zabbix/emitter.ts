import { toSeconds, unixSeconds, type UnixMs, type UnixSeconds } from "#base/duration";
import { ratePerSecond, type PointBatch } from "#features/receivers";
import type { Knowledge, Sample } from "./knowledge.ts";

/** A host whose values are read. */
export interface ReadHost {
  readonly id: string;
  knowledge: Knowledge;
  /** Newest samples by group; they change when the batch that they belong to is durable. */
  readonly samples: Map<string, Sample>;
  /** When each item was read last, in seconds. */
  readonly readAt: Map<string, UnixSeconds>;
}

/** Two values that belong together may be this far apart, in ms. */
const together = 90_000;

/**
 * Where the figures of one host's post go. What has to be remembered for the next values is kept aside until {@link commit}: when the
 * batch could not be stored the agent sends the same values again, and they must give the same points.
 */
export class Emitter {
  readonly host: ReadHost;
  readonly #batch: PointBatch;
  readonly #samples = new Map<string, Sample>();
  readonly #readAt = new Map<string, UnixSeconds>();
  #times: readonly UnixSeconds[] = [];

  constructor(host: ReadHost, batch: PointBatch) {
    this.host = host;
    this.#batch = batch;
  }

  /**
   * Sets when what follows counts. A C agent's timer runs some milliseconds late each time; once in a day and a half two values therefore
   * lie on both sides of a whole minute, and the later one speaks for that minute, too.
   */
  begin(key: string, at: UnixMs): void {
    const time = toSeconds(at);
    const before = this.#readAt.get(key) ?? this.host.readAt.get(key);
    this.#readAt.set(key, time);
    const minute = Math.floor(time / 60);
    const skipsMinute = before !== undefined && minute - Math.floor(before / 60) === 2 && time - before <= 75;
    this.#times = skipsMinute ? [unixSeconds((minute - 1) * 60 + 59), time] : [time];
  }

  emit(name: string, value: number): void {
    for (const time of this.#times) this.#batch.add(this.host.id, name, time, value);
  }

  /** A figure at a time of its own, whatever {@link begin} said. */
  emitAt(name: string, value: number, at: UnixMs): void {
    this.#batch.add(this.host.id, name, toSeconds(at), value);
  }

  /** Growth per second of counters that were read together, each under its name; the first name stands for the group. */
  emitRates(names: readonly string[], at: UnixMs, values: readonly number[]): void {
    const before = this.exchange(names[0] ?? "", { at, values });
    for (const [index, value] of values.entries()) {
      const then = before?.values[index];
      const rate = before && then !== undefined ? ratePerSecond({ at: before.at, value: then }, { at, value }) : undefined;
      if (rate !== undefined) this.emit(names[index] ?? "", rate);
    }
  }

  /** The sample before, if it is older; the new one takes its place then. */
  exchange(name: string, sample: Sample): Sample | undefined {
    const before = this.#sample(name);
    if (before && sample.at <= before.at) return undefined;
    this.#samples.set(name, sample);
    return before;
  }

  /** Keeps one half of a pair. @returns the other half, when it is of the same minute or so */
  partner(group: string, part: string, otherPart: string, sample: { readonly at: UnixMs; readonly value: number }): number | undefined {
    this.exchange(`${group}/${part}`, { at: sample.at, values: [sample.value] });
    const other = this.#sample(`${group}/${otherPart}`);
    return other && Math.abs(sample.at - other.at) <= together ? other.values[0] : undefined;
  }

  /** Remembers what the next values are compared with. */
  commit(): void {
    for (const [name, sample] of this.#samples) this.host.samples.set(name, sample);
    for (const [key, at] of this.#readAt) this.host.readAt.set(key, at);
  }

  #sample(name: string): Sample | undefined {
    return this.#samples.get(name) ?? this.host.samples.get(name);
  }
}

/** Mackerel's names for the rates of an interface and of a disk. */
export const interfaceNames = (segment: string): readonly [string, string] => [
  `interface.${segment}.rxBytes.delta`,
  `interface.${segment}.txBytes.delta`,
];
export const diskNames = (segment: string): readonly [string, string] => [`disk.${segment}.reads.delta`, `disk.${segment}.writes.delta`];
