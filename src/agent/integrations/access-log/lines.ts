import { absent, code } from "./bytes.ts";
import type { Entry, LineReader } from "./entry.ts";
import type { Tally } from "./tally.ts";

/** A longer line is no request: it is counted as one that cannot be read and skipped. */
export const longestLine = 64 * 1024;
const chunkSize = 256 * 1024;

/** Reads `length` bytes at `position` into `target` at `offset`; returns how many there were. */
export type ReadAt = (target: Uint8Array, offset: number, length: number, position: number) => Promise<number>;

/** Counts the lines of files into a tally, with one buffer for all files. */
export class LineCounter {
  readonly #buffer = Buffer.allocUnsafeSlow(longestLine + chunkSize);
  readonly #entry: Entry = { status: 0, bytes: absent, time: absent, unit: 1 };
  readonly #tally: Tally;
  readonly #read: LineReader;

  constructor(tally: Tally, read: LineReader) {
    this.#tally = tally;
    this.#read = read;
  }

  /**
   * Counts whole lines from `position` to the end of the file.
   * @param isLast the file will not grow: a last line without line break counts, too
   * @returns the position behind the last line that was counted
   */
  async drain(readAt: ReadAt, position: number, isLast: boolean, signal: AbortSignal): Promise<number> {
    let held = 0; // bytes of an unfinished line at the beginning of the buffer
    let isTooLong = false; // that line is longer than any request
    let at = position; // place in the file of the first byte in the buffer
    for (;;) {
      const count = signal.aborted ? 0 : await readAt(this.#buffer, held, chunkSize, at + held);
      if (count === 0) break;
      const filled = held + count;
      const done = this.#count(filled, isTooLong);
      if (done > 0) isTooLong = false;
      held = filled - done;
      at += done;
      if (held > longestLine) {
        isTooLong = true;
        at += held;
        held = 0;
      } else this.#buffer.copyWithin(0, done, filled);
    }
    if (held === 0 || !isLast || signal.aborted) return at;
    this.#line(0, held, isTooLong);
    return at + held;
  }

  /** Counts the whole lines among the first `filled` bytes. @returns the position behind the last one */
  #count(filled: number, isFirstTooLong: boolean): number {
    const buffer = this.#buffer;
    let from = 0;
    let isTooLong = isFirstTooLong;
    for (;;) {
      const end = buffer.indexOf(code.newline, from);
      if (end < 0 || end >= filled) return from;
      this.#line(from, end, isTooLong);
      isTooLong = false;
      from = end + 1;
    }
  }

  #line(from: number, end: number, isTooLong: boolean): void {
    const to = end > from && this.#buffer[end - 1] === code.return ? end - 1 : end;
    if (to === from && !isTooLong) return; // an empty line is nothing
    if (!isTooLong && this.#read(this.#buffer, from, to, this.#entry)) this.#tally.add(this.#entry);
    else this.#tally.addUnread();
  }
}
