import { mkdir, open, readFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { hours, unixSeconds, type UnixSeconds } from "#base/duration";
import { messageOf } from "#base/errors";
import { syncFolder, writeDurably } from "../durable-file.ts";
import { isJsonObject, parseJson } from "../json.ts";
import type { Log } from "../log.ts";
import { checkStatuses, type CheckReport } from "./check.ts";

/** A result that waits. Numbers grow in the order of arrival. */
export interface WaitingReport {
  readonly number: number;
  readonly report: CheckReport;
}

/** The server ignores what is older. */
const oldest = hours(6) / 1000;

/** Results that are kept while the server is away; then those go that say nothing new, then the oldest. */
export const backlogLimit = 2000;

/** A journal longer than this is written anew with what still waits. */
const journalLimit = 8 * 1024 * 1024;

/**
 * The results of checks that the server has not acknowledged yet, in a journal of lines: `{"n":1,"report":{…}}` for one that came, `{"done":[1]}` for
 * those that went. A line is synced before it counts, so a kill loses nothing; a line that was cut off is left out. What cannot be written (full
 * disk) waits in memory instead.
 */
export class Backlog {
  readonly #path: string;
  readonly #log: Log;
  #waiting: WaitingReport[] = [];
  #file: FileHandle | undefined;
  #length = 0;
  #last = 0;
  #dropped = 0;
  #cannotWrite = false;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** Opens the journal with what an earlier process left in it. */
  static async open(path: string, log: Log): Promise<Backlog> {
    const backlog = new Backlog(path, log);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    backlog.#read(await readFile(path, "utf8").catch(() => ""));
    await backlog.#rewrite();
    return backlog;
  }

  /** Oldest first. */
  get waiting(): readonly WaitingReport[] {
    return this.#waiting;
  }

  /** Results that were thrown away since the process started. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Keeps a result until it is removed; durable when this resolves, unless the disk refuses. */
  async add(report: CheckReport): Promise<void> {
    this.#last += 1;
    const entry = { number: this.#last, report };
    this.#waiting.push(entry);
    await this.#append({ n: entry.number, report });
    if (this.#waiting.length > backlogLimit) await this.#drop(surplusOf(this.#waiting));
  }

  /** Forgets results: the server has them, or will never take them. */
  async remove(numbers: ReadonlySet<number>): Promise<void> {
    if (numbers.size === 0) return;
    this.#waiting = this.#waiting.filter((entry) => !numbers.has(entry.number));
    await this.#append({ done: [...numbers] });
    if (this.#length > 0 && (this.#waiting.length === 0 || this.#length > journalLimit)) await this.#serially(() => this.#rewrite());
  }

  /** Forgets what became too old for the server. */
  async expire(now: UnixSeconds): Promise<void> {
    await this.#drop(new Set(this.#waiting.filter(({ report }) => report.occurredAt <= now - oldest).map((entry) => entry.number)));
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
  }

  async #drop(numbers: ReadonlySet<number>): Promise<void> {
    if (numbers.size === 0) return;
    this.#log.warn("Results of checks that wait for the server were dropped: too many, or older than six hours.", {
      dropped: numbers.size,
    });
    this.#dropped += numbers.size;
    await this.remove(numbers);
  }

  #read(text: string): void {
    const waiting = new Map<number, CheckReport>();
    for (const line of text.split("\n")) {
      const value = line === "" ? undefined : parseJson(line);
      if (!isJsonObject(value)) continue;
      const { n, report, done } = value;
      const parsed = typeof n === "number" ? parseReport(report) : undefined;
      if (typeof n === "number" && parsed) waiting.set(n, parsed);
      for (const number of Array.isArray(done) ? done : []) waiting.delete(Number(number));
    }
    // Their order is all that the numbers say: they begin anew with each process.
    this.#waiting = [...waiting.values()].map((report, index) => ({ number: index + 1, report }));
    this.#last = this.#waiting.length;
  }

  /** The journal with nothing but what waits. */
  async #rewrite(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    try {
      const text = this.#waiting.map(({ number, report }) => `${JSON.stringify({ n: number, report })}\n`).join("");
      await writeDurably(this.#path, text);
      this.#length = Buffer.byteLength(text);
      this.#file = await open(this.#path, "a", 0o600);
      await syncFolder(dirname(this.#path));
      if (this.#cannotWrite) this.#log.info("The journal of check results can be written again.");
      this.#cannotWrite = false;
    } catch (error) {
      this.#tell(error);
    }
  }

  #append(line: unknown): Promise<void> {
    return this.#serially(async () => {
      if (!this.#file) return this.#rewrite(); // it failed before: now with everything
      try {
        const text = `${JSON.stringify(line)}\n`;
        await this.#file.appendFile(text);
        await this.#file.datasync();
        this.#length += Buffer.byteLength(text);
      } catch (error) {
        await this.#file.close().catch(() => undefined);
        this.#file = undefined;
        this.#tell(error);
      }
    });
  }

  #tell(error: unknown): void {
    if (!this.#cannotWrite)
      this.#log.error(`Check results cannot be written down and wait in memory only: ${messageOf(error)}`, { path: this.#path });
    this.#cannotWrite = true;
  }

  /** One write after the other. */
  #serially(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

/** What goes when there is no room: of results in a row with the same status, those between the attempts that count and the last; then the oldest. */
export function surplusOf(waiting: readonly WaitingReport[]): ReadonlySet<number> {
  const surplus = new Set<number>();
  const runs = new Map<string, { status: string; numbers: number[] }>();
  for (const { number, report } of waiting) {
    const key = JSON.stringify([report.customIdentifier, report.name]);
    const run = runs.get(key);
    if (!run || run.status !== report.status) {
      runs.set(key, { status: report.status, numbers: [number] });
      continue;
    }
    run.numbers.push(number);
    const beforeLast = run.numbers.length - 2;
    const spare = beforeLast >= (report.maxCheckAttempts ?? 1) ? run.numbers.splice(beforeLast, 1)[0] : undefined;
    if (spare !== undefined) surplus.add(spare);
  }
  const left = waiting.filter((entry) => !surplus.has(entry.number));
  for (const entry of left.slice(0, Math.max(left.length - backlogLimit, 0))) surplus.add(entry.number);
  return surplus;
}

/** A result as the journal holds it. */
export function parseReport(value: unknown): CheckReport | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, status, message, occurredAt, maxCheckAttempts, notificationInterval, customIdentifier } = value;
  const known = checkStatuses.find((each) => each === status);
  if (typeof name !== "string" || known === undefined || typeof message !== "string" || typeof occurredAt !== "number") return undefined;
  return {
    name,
    status: known,
    message,
    occurredAt: unixSeconds(occurredAt),
    ...(typeof maxCheckAttempts === "number" ? { maxCheckAttempts } : {}),
    ...(typeof notificationInterval === "number" ? { notificationInterval } : {}),
    ...(typeof customIdentifier === "string" ? { customIdentifier } : {}),
  };
}
