import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { unixSeconds, type UnixSeconds } from "#base/duration";
import { messageOf } from "#base/errors";
import type { MetricValues } from "./collectors/collector.ts";
import { writeDurably } from "./durable-file.ts";
import { parseExtraPoint, type ExtraPoint } from "./extra-points.ts";
import { isJsonObject, parseJson } from "./json.ts";
import type { Log } from "./log.ts";

/** Six hours of minutes: what an agent keeps while the server is away. */
export const spoolLimit = 360;

/** What one sample found. The host id is not part of it, because sampling starts before the host is registered. */
export interface Minute {
  readonly time: UnixSeconds;
  readonly values: MetricValues;
  /** What has its own time, host or service. */
  readonly extra?: readonly ExtraPoint[];
}

/** A waiting minute. `key` orders minutes by time, then by arrival. */
export interface SpoolEntry {
  readonly key: string;
  readonly time: UnixSeconds;
}

const fileName = /^(\d{10})-(\d{6})\.json$/u;

/**
 * The minutes that the server has not acknowledged yet: one file each, so that a kill at any moment leaves every other minute whole.
 * At most {@link spoolLimit}; the oldest makes room. A minute that cannot be written (full disk) waits in memory instead.
 */
export class Spool {
  readonly #folder: string;
  readonly #log: Log;
  readonly #limit: number;
  #entries: SpoolEntry[] = [];
  readonly #unwritten = new Map<string, Minute>();
  #sequence = 0;
  #dropped = 0;
  #cannotWrite = false;

  private constructor(folder: string, log: Log, limit: number) {
    this.#folder = folder;
    this.#log = log;
    this.#limit = limit;
  }

  /** Opens the spool in `folder`, which is made when missing, with everything an earlier process left there. */
  static async open(folder: string, log: Log, limit = spoolLimit): Promise<Spool> {
    const spool = new Spool(folder, log, limit);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of (await readdir(folder)).sort()) {
      const match = fileName.exec(name);
      if (match) spool.#entries.push({ key: name.slice(0, -".json".length), time: unixSeconds(Number(match[1])) });
      else if (name.endsWith(".tmp")) await rm(join(folder, name), { force: true }); // written halfway when the process ended
      if (match) spool.#sequence = Math.max(spool.#sequence, Number(match[2]));
    }
    await spool.#makeRoom();
    return spool;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Minutes that were thrown away since the process started because nobody took them for six hours. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The waiting minutes, oldest first. */
  get entries(): readonly SpoolEntry[] {
    return this.#entries;
  }

  /** Keeps a minute until it is removed. Durable when this resolves, unless the disk refuses, which is logged. */
  async append(minute: Minute): Promise<void> {
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    const key = `${String(minute.time).padStart(10, "0")}-${String(this.#sequence).padStart(6, "0")}`;
    try {
      await writeDurably(this.#path(key), JSON.stringify(minute));
      if (this.#cannotWrite) this.#log.info("The spool can be written again.");
      this.#cannotWrite = false;
    } catch (error) {
      if (!this.#cannotWrite)
        this.#log.error(`The spool cannot be written, metrics wait in memory only: ${messageOf(error)}`, { folder: this.#folder });
      this.#cannotWrite = true;
      this.#unwritten.set(key, minute);
    }
    const entry = { key, time: minute.time };
    const after = this.#entries.findIndex((other) => other.key > key);
    if (after < 0) this.#entries.push(entry);
    else this.#entries.splice(after, 0, entry); // the wall clock was set back
    await this.#makeRoom();
  }

  /** The content of an entry, or undefined when its file is gone or damaged; such an entry is removed. */
  async read(entry: SpoolEntry): Promise<Minute | undefined> {
    const kept = this.#unwritten.get(entry.key);
    if (kept) return kept;
    const minute = await readFile(this.#path(entry.key), "utf8").then(parseMinute, () => undefined);
    if (minute) return minute;
    this.#log.warn("A minute in the spool is damaged and was dropped.", { minute: entry.key });
    this.#dropped += 1;
    await this.remove([entry]);
    return undefined;
  }

  /** Forgets entries, because the server has them or because they cannot be delivered. */
  async remove(entries: readonly SpoolEntry[]): Promise<void> {
    const keys = new Set(entries.map((entry) => entry.key));
    this.#entries = this.#entries.filter((entry) => !keys.has(entry.key));
    for (const key of keys) {
      if (!this.#unwritten.delete(key)) await rm(this.#path(key), { force: true }).catch(() => undefined); // sent again after a restart, which does no harm
    }
  }

  async #makeRoom(): Promise<void> {
    const surplus = this.#entries.slice(0, Math.max(this.#entries.length - this.#limit, 0));
    if (surplus.length === 0) return;
    if (this.#dropped % 60 === 0) {
      this.#log.error("The spool is full: the oldest minutes are dropped.", {
        limit: this.#limit,
        dropped: this.#dropped + surplus.length,
      });
    }
    this.#dropped += surplus.length;
    await this.remove(surplus);
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

function parseMinute(text: string): Minute | undefined {
  const value = parseJson(text);
  if (!isJsonObject(value) || typeof value["time"] !== "number" || !isJsonObject(value["values"])) return undefined;
  const values: Record<string, number> = {};
  for (const [name, number] of Object.entries(value["values"])) {
    if (typeof number === "number") values[name] = number;
  }
  const extra = (Array.isArray(value["extra"]) ? value["extra"] : []).map(parseExtraPoint).filter((point) => point !== undefined);
  return { time: unixSeconds(value["time"]), values, ...(extra.length > 0 ? { extra } : {}) };
}
