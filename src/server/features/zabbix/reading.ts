import type { UnixMs } from "#base/duration";
import type { PointBatch } from "#features/receivers";
import { Emitter, type ReadHost } from "./emitter.ts";
import { factOf, learn } from "./facts.ts";
import { customMetric, numberOf, parseItemKey } from "./item-key.ts";
import { singleReaders } from "./single-values.ts";
import { wholeReaders } from "./whole-values.ts";

/** What became of a value: a point, a fact about the machine, nothing because it is a text, nothing because its key makes no name. */
export type Outcome = "stored" | "learned" | "text" | "unnamed";

/** Turns the values of one host into points of one batch, and into what is known about the host. */
export class Reading {
  readonly #host: ReadHost;
  readonly #emitter: Emitter;

  constructor(host: ReadHost, batch: PointBatch) {
    this.#host = host;
    this.#emitter = new Emitter(host, batch);
  }

  /** Takes what describes the machine. Facts of a post come before its figures, whose names may depend on them. */
  learn(key: string, text: string): void {
    const fact = factOf(key);
    if (fact !== undefined) this.#host.knowledge = learn(this.#host.knowledge, fact, key, text);
  }

  /** A value of an item that the agent was asked for. */
  read(key: string, text: string, at: UnixMs): Outcome {
    this.#emitter.begin(key, at);
    const whole = wholeReaders.get(key);
    if (whole) return whole(this.#emitter, text, at) ? "stored" : "text";
    const parsed = parseItemKey(key);
    if (!parsed) return "unnamed";
    const value = numberOf(text);
    const single = singleReaders.get(parsed.name);
    if (single && value !== undefined && single(this.#emitter, { params: parsed.params, value, at })) return "stored";
    return factOf(key) === undefined ? this.custom(key, text, at) : "learned";
  }

  /** A value that somebody sends by an own key. */
  custom(key: string, text: string, at: UnixMs): Outcome {
    const value = numberOf(text);
    if (value === undefined) return "text";
    const name = customMetric(key);
    if (name === undefined) return "unnamed";
    this.#emitter.emitAt(name, value, at);
    return "stored";
  }

  /** Remembers what the next values are compared with: once the batch is durable. */
  commit(): void {
    this.#emitter.commit();
  }
}
