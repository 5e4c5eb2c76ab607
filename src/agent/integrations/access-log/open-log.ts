import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { digest, longestHead, type Place } from "./place.ts";
import type { LineCounter } from "./lines.ts";

/** A log file that is held open, so that what is written to it is counted even after it was renamed or removed. */
export class OpenLog {
  readonly id: string;
  readonly #file: FileHandle;
  #offset = 0;
  #head = "";
  #headLength = 0;

  private constructor(file: FileHandle, id: string) {
    this.#file = file;
    this.id = id;
  }

  /** @throws what the system says (ENOENT, EACCES), or EISDIR for something that is no file */
  static async open(path: string): Promise<OpenLog> {
    // Without O_NONBLOCK a named pipe would hold a thread until somebody writes to it. Windows has no such flag.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = await file.stat({ bigint: true });
      if (!stat.isFile()) throw Object.assign(new Error(`${path} is no file`), { code: "EISDIR" });
      return new OpenLog(file, `${stat.dev}:${stat.ino}`);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get place(): Place {
    return { id: this.id, offset: this.#offset, head: this.#head, headLength: this.#headLength };
  }

  /** Goes on at `place` if this file is the one that was read up to there, or a copy of it. */
  async resume(place: Place): Promise<boolean> {
    if ((await this.#size()) < place.offset || digest(await this.#readHead(place.headLength)) !== place.head) return false;
    this.#offset = place.offset;
    await this.#remember();
    return true;
  }

  /** Leaves out what stands there already. */
  async skipToEnd(): Promise<void> {
    this.#offset = await this.#size();
    await this.#remember();
  }

  /** False once the file was cut, or cut and written again. */
  async isSame(): Promise<boolean> {
    return (await this.#size()) >= this.#offset && digest(await this.#readHead(this.#headLength)) === this.#head;
  }

  /** Begins anew at the first byte. */
  rewind(): void {
    this.#offset = 0;
    this.#headLength = 0;
    this.#head = digest(new Uint8Array());
  }

  /** Counts what came since the last time. @param isLast see {@link LineCounter.drain} */
  async drain(counter: LineCounter, isLast: boolean, signal: AbortSignal): Promise<void> {
    const readAt = async (target: Uint8Array, offset: number, length: number, position: number): Promise<number> =>
      (await this.#file.read(target, offset, length, position)).bytesRead;
    this.#offset = await counter.drain(readAt, this.#offset, isLast, signal);
    if (this.#headLength < longestHead || this.#head === "") await this.#remember();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  /** Only bytes that were counted belong to the head: those behind may still be half written. */
  async #remember(): Promise<void> {
    const head = await this.#readHead(Math.min(longestHead, this.#offset));
    this.#headLength = head.length;
    this.#head = digest(head);
  }

  async #readHead(length: number): Promise<Uint8Array> {
    const head = new Uint8Array(length);
    const { bytesRead } = await this.#file.read(head, 0, length, 0);
    return head.subarray(0, bytesRead);
  }
}
