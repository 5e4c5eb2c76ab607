import { stat } from "node:fs/promises";
import { findRotated } from "./files.ts";
import type { LineCounter } from "./lines.ts";
import { OpenLog } from "./open-log.ts";
import type { Place } from "./place.ts";

/** Where to begin with a file: at a place of an earlier run, at its end, or at its first line. */
export type Begin = Place | "end" | "start";

/**
 * Follows one path through rotations. Renamed (logrotate's default): the old file stays open for two more rounds, since servers write to it until
 * they are told. Copied and truncated: what was written after the last round is read from the copy. While the path does not exist the old
 * file goes on.
 */
export class LogFollower {
  readonly path: string;
  #log: OpenLog | undefined;
  #begin: Begin;
  /** Renamed files, with the rounds that they still have. */
  #leaving: { readonly log: OpenLog; rounds: number }[] = [];

  constructor(path: string, begin: Begin) {
    this.path = path;
    this.#begin = begin;
  }

  /** True while there is a file that can be read. */
  get isOpen(): boolean {
    return this.#log !== undefined || this.#leaving.length > 0;
  }

  /** The place to go on at in another run. */
  get place(): Place | undefined {
    return this.#log?.place ?? (typeof this.#begin === "object" ? this.#begin : undefined);
  }

  /** Opens the file without counting a line. @throws what the system says */
  async open(counter: LineCounter, signal: AbortSignal): Promise<void> {
    if (this.#log) return;
    const log = await OpenLog.open(this.path);
    const begin = this.#begin;
    if (begin === "end") await log.skipToEnd();
    else if (begin === "start") log.rewind();
    else if (log.id !== begin.id || !(await log.resume(begin))) {
      await this.#countRest(begin, counter, signal);
      log.rewind();
    }
    this.#log = log;
    this.#begin = "start"; // whatever comes later under this name is new
  }

  /** Counts what came since the last round. @throws what the system says when there is nothing that could be read */
  async round(counter: LineCounter, signal: AbortSignal): Promise<void> {
    await this.#drainLeaving(counter, signal);
    const trouble = await this.#followPath(counter, signal);
    if (isMissing(trouble) && this.#begin === "end") this.#begin = "start"; // when it comes, all of it is new
    if (this.#log) await this.#log.drain(counter, false, signal);
    if (trouble !== undefined && !this.#log) throw trouble;
  }

  async close(): Promise<void> {
    const logs = [this.#log, ...this.#leaving.map(({ log }) => log)];
    this.#log = undefined;
    this.#leaving = [];
    await Promise.all(logs.flatMap((log) => (log ? [log.close()] : [])));
  }

  /** Makes `#log` the file that the path names now. */
  async #followPath(counter: LineCounter, signal: AbortSignal): Promise<unknown> {
    try {
      const log = this.#log;
      if (log) {
        const { dev, ino } = await stat(this.path, { bigint: true });
        if (`${dev}:${ino}` !== log.id) {
          this.#leaving.push({ log, rounds: 2 });
          this.#log = undefined;
          await log.drain(counter, false, signal);
        } else if (!(await log.isSame())) {
          await this.#countRest(log.place, counter, signal);
          log.rewind();
        }
      }
      await this.open(counter, signal);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #drainLeaving(counter: LineCounter, signal: AbortSignal): Promise<void> {
    for (const leaving of this.#leaving) {
      leaving.rounds -= 1;
      await leaving.log.drain(counter, leaving.rounds === 0, signal);
      if (leaving.rounds === 0) await leaving.log.close();
    }
    this.#leaving = this.#leaving.filter(({ rounds }) => rounds > 0);
  }

  /** Counts what was written behind `place` into a file that has another name now, or whose copy has. */
  async #countRest(place: Place, counter: LineCounter, signal: AbortSignal): Promise<void> {
    for (const path of await findRotated(this.path)) {
      const log = await OpenLog.open(path).catch(() => undefined);
      try {
        if (!log || place.headLength === 0 || !(await log.resume(place))) continue;
        await log.drain(counter, true, signal);
        return;
      } finally {
        await log?.close();
      }
    }
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";
