import { existsSync, renameSync, statSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";

const rotateAt = 4 * 1024 * 1024; // bytes; with the one older file, at most 8 MiB of log
const mostWaiting = 2_000; // lines

/** What PostgreSQL prints: kept in a file that is rotated once it is 4 MiB, the last lines also in memory. */
export class PostgresLog {
  readonly #file: string;
  readonly #last: string[] = [];
  #waiting: string[] = [];
  #dropped = 0;
  #size: number;
  #writing: Promise<void> | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** The last lines, oldest first. */
  get lastLines(): readonly string[] {
    return this.#last;
  }

  /** Forgets the lines in memory: a new process starts. */
  forget(): void {
    this.#last.length = 0;
  }

  /** Reads `stream` to its end, line by line; `onLine` sees each as well. */
  follow(stream: Readable, onLine: (line: string) => void): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on("line", (line) => {
      this.add(line);
      onLine(line);
    });
  }

  add(line: string): void {
    this.#last.push(line);
    if (this.#last.length > 30) this.#last.shift();
    if (this.#waiting.length < mostWaiting) this.#waiting.push(line);
    else this.#dropped += 1;
    this.#writing ??= this.#write();
  }

  /** Resolves when everything so far stands in the file. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #write(): Promise<void> {
    await Promise.resolve(); // lets the lines of one chunk come together
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      if (this.#dropped > 0) lines.push(`(${this.#dropped} lines were dropped because they came faster than they could be written)`);
      this.#dropped = 0;
      const text = `${lines.join("\n")}\n`;
      try {
        if (this.#size > rotateAt) this.#rotate();
        await appendFile(this.#file, text, { mode: 0o600 });
        this.#size += Buffer.byteLength(text);
      } catch {
        this.#size = 0; // a full disk must not end the supervisor; the lines in memory remain
      }
    }
    this.#writing = undefined;
  }

  #rotate(): void {
    if (existsSync(this.#file)) renameSync(this.#file, `${this.#file}.1`);
    this.#size = 0;
  }
}
