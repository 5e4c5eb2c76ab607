import { readFile, rm } from "node:fs/promises";
import type { Clock } from "#base/clock";
import { hours, minutes } from "#base/duration";
import { messageOf } from "#base/errors";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import { writeDurably } from "../durable-file.ts";
import { isJsonObject, parseJson } from "../json.ts";
import type { Log } from "../log.ts";

/** What one probe found. */
export interface ProbeResult {
  readonly monitorId: string;
  readonly version: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly outcome: ProbeOutcome;
}

/** What waits at most, and how long: as for checks. */
export const mostWaiting = 2000;
const oldest = hours(6);
const writeEvery = minutes(1);

/**
 * Results that the server has not acknowledged. They wait in memory; during an outage they are written down once a minute, so that a kill
 * costs a minute at most and a healthy network no writes at all.
 */
export class ProbeResults {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: ProbeResult[] = [];
  #isWritten = false;
  #writtenAt = -Infinity;
  #dropped = 0;

  constructor(path: string, clock: Clock, log: Log) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
  }

  /** Takes over what an earlier process left. */
  async load(): Promise<void> {
    const text = await readFile(this.#path, "utf8").catch(() => "");
    const list = text === "" ? undefined : parseJson(text);
    if (Array.isArray(list)) this.#waiting = list.flatMap((item: unknown) => parseResult(item) ?? []).slice(-mostWaiting);
    this.#isWritten = text !== "";
  }

  get waiting(): readonly ProbeResult[] {
    return this.#waiting;
  }

  /** Results that were thrown away since the process started. */
  get dropped(): number {
    return this.#dropped;
  }

  add(result: ProbeResult): void {
    this.#waiting.push(result);
    if (this.#waiting.length > mostWaiting) this.#drop();
  }

  /** The oldest that wait. */
  next(most: number): readonly ProbeResult[] {
    const limit = this.#clock.now() - oldest;
    const fresh = this.#waiting.filter(({ at }) => at > limit);
    this.#dropped += this.#waiting.length - fresh.length;
    this.#waiting = fresh;
    return fresh.slice(0, most);
  }

  /** Forgets what the server has, or will never take. */
  async remove(results: readonly ProbeResult[]): Promise<void> {
    const gone = new Set(results);
    this.#waiting = this.#waiting.filter((result) => !gone.has(result));
    if (this.#waiting.length === 0 && this.#isWritten) {
      this.#isWritten = false;
      await rm(this.#path, { force: true }).catch(() => undefined);
    }
  }

  /** Writes down what waits, not more often than once a minute unless `isLast`. */
  async keep(isLast = false): Promise<void> {
    const now = this.#clock.mono();
    if (this.#waiting.length === 0 || (!isLast && now - this.#writtenAt < writeEvery)) return;
    this.#writtenAt = now;
    this.#isWritten = true;
    await writeDurably(this.#path, JSON.stringify(this.#waiting)).catch((error: unknown) =>
      this.#log.error(`What probes found cannot be written down and waits in memory only: ${messageOf(error)}`, { path: this.#path }),
    );
  }

  /** First what says the same as the next one of its monitor, then the oldest. */
  #drop(): void {
    const next = new Map<string, string>();
    let surplus = this.#waiting.length - mostWaiting;
    const kept: ProbeResult[] = [];
    for (const result of this.#waiting.toReversed()) {
      const isSame = next.get(result.monitorId) === result.outcome.verdict;
      next.set(result.monitorId, result.outcome.verdict);
      if (isSame && surplus > 0) surplus -= 1;
      else kept.push(result);
    }
    this.#dropped += this.#waiting.length - Math.min(kept.length, mostWaiting);
    this.#waiting = kept.toReversed().slice(-mostWaiting);
  }
}

function parseResult(value: unknown): ProbeResult | undefined {
  if (!isJsonObject(value)) return undefined;
  const { monitorId, version, at, outcome } = value;
  if (typeof monitorId !== "string" || typeof version !== "number" || typeof at !== "number" || !isJsonObject(outcome)) return undefined;
  if (typeof outcome["verdict"] !== "string" || typeof outcome["message"] !== "string") return undefined;
  return { monitorId, version, at, outcome: outcome as unknown as ProbeOutcome }; // this agent wrote it; the server checks it anyway
}
