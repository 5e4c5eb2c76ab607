import { unixMs, type UnixMs } from "#base/duration";

/** What a counter stood at. */
export interface CounterSample {
  readonly at: UnixMs;
  readonly value: number;
}

/**
 * A counter as far as it is known. The base is the newest sample of an earlier minute, or the first sample of all: the store keeps one
 * point a minute, so the last rate within a minute must tell about the whole of it, however often somebody samples.
 */
interface Counter {
  baseAt: number;
  baseValue: number;
  at: number;
  value: number;
}

/** A counter as it is written down: source, name, time and value of its newest sample. */
export type KeptCounter = readonly [source: string, counter: string, at: number, value: number];

/** Samples further apart than this say nothing about one minute. */
const longestWindow = 15 * 60_000;
const minute = 60_000;
// A sample that is late by less than 1 % still counts as a minute: whole counts over 60 take a third of the bytes of an odd fraction.
const lateness = 600;

/** Growth per second between two samples; undefined when the counter went back, no time passed, or more than 15 minutes. */
export function ratePerSecond(before: CounterSample, after: CounterSample): number | undefined {
  const elapsed = after.at - before.at;
  if (elapsed <= 0 || elapsed > longestWindow || after.value < before.value) return undefined;
  const window = Math.abs(elapsed - minute) < lateness ? minute : elapsed;
  return (after.value - before.value) / (window / 1000);
}

const minuteOf = (at: number): number => Math.floor(at / minute);

/** What counters were before a post, so that a post which could not be stored can come again and say the same. */
export class CounterUndo {
  readonly #before = new Map<Counter, Counter>();
  readonly #added: (() => void)[] = [];

  keep(counter: Counter): void {
    if (!this.#before.has(counter)) this.#before.set(counter, { ...counter });
  }

  keepAdded(remove: () => void): void {
    this.#added.push(remove);
  }

  /** Sets all of them back. */
  restore(): void {
    for (const [counter, before] of this.#before) Object.assign(counter, before);
    for (const remove of this.#added) remove();
  }
}

interface CounterOptions {
  /** When the counter began at zero, where the sender tells: then a first sample has a rate, too. */
  readonly startedAt?: UnixMs | undefined;
  readonly undo?: CounterUndo | undefined;
}

/**
 * Turns counters that only grow into rates per second, as Mackerel's names expect them: the growth since the newest sample of an earlier
 * minute. A sample that is older than the newest, a counter that went back and a first sample give no rate.
 */
export class CounterRates {
  readonly #sources = new Map<string, Map<string, Counter>>();

  /**
   * @param source id of the host or service
   * @param counter name of the counter within the source
   * @param at when it was sampled
   * @returns growth per second; undefined when there is nothing to compare with
   */
  perSecond(source: string, counter: string, at: UnixMs, value: number, options: CounterOptions = {}): number | undefined {
    const { startedAt, undo } = options;
    const counters = this.#countersOf(source);
    const known = counters.get(counter);
    if (!known) {
      const added = startOf(at, value, startedAt);
      counters.set(counter, added);
      undo?.keepAdded(() => counters.delete(counter));
      return rateOf(added);
    }
    if (at < known.at || (at === known.at && value !== known.value)) return undefined;
    if (at > known.at) {
      undo?.keep(known);
      if (value < known.value) Object.assign(known, startOf(at, value, startedAt));
      else advance(known, at, value);
    }
    return rateOf(known);
  }

  /**
   * The same for somebody who tells growth instead of a total.
   * @param from since when it grew by `growth`, up to `at`
   */
  grown(source: string, counter: string, from: UnixMs, at: UnixMs, growth: number, undo?: CounterUndo): number | undefined {
    const known = this.#sources.get(source)?.get(counter);
    if (known && at <= known.at) return undefined;
    if (known) return this.perSecond(source, counter, at, known.value + growth, { undo });
    return this.perSecond(source, counter, at, growth, { startedAt: from, undo });
  }

  /** Forgets counters whose newest sample is older than `before`: a host that left takes no memory. */
  forget(before: UnixMs): void {
    for (const [source, counters] of this.#sources) {
      for (const [counter, { at }] of counters) if (at < before) counters.delete(counter);
      if (counters.size === 0) this.#sources.delete(source);
    }
  }

  /** Counters that are kept. */
  get size(): number {
    let size = 0;
    for (const counters of this.#sources.values()) size += counters.size;
    return size;
  }

  /** The newest sample of each counter, for whoever goes on after this process. */
  *kept(): Generator<KeptCounter, void, undefined> {
    for (const [source, counters] of this.#sources) for (const [name, { at, value }] of counters) yield [source, name, at, value];
  }

  /** Goes on where a process before left off; a counter that is known already stays as it is. */
  takeOver([source, counter, at, value]: KeptCounter): void {
    const counters = this.#countersOf(source);
    if (!counters.has(counter)) counters.set(counter, { baseAt: at, baseValue: value, at, value });
  }

  #countersOf(source: string): Map<string, Counter> {
    let counters = this.#sources.get(source);
    if (!counters) this.#sources.set(source, (counters = new Map()));
    return counters;
  }
}

function startOf(at: UnixMs, value: number, startedAt: UnixMs | undefined): Counter {
  const isKnown = startedAt !== undefined && startedAt < at && at - startedAt <= longestWindow;
  return { baseAt: isKnown ? startedAt : at, baseValue: isKnown ? 0 : value, at, value };
}

function advance(counter: Counter, at: UnixMs, value: number): void {
  if (minuteOf(at) > minuteOf(counter.at)) {
    counter.baseAt = counter.at;
    counter.baseValue = counter.value;
  }
  counter.at = at;
  counter.value = value;
}

const rateOf = ({ baseAt, baseValue, at, value }: Counter): number | undefined =>
  ratePerSecond({ at: unixMs(baseAt), value: baseValue }, { at: unixMs(at), value });
