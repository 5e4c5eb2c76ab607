import { contentLength, headEnd, Headers, limits, type HeaderLine } from "./message.ts";

/**
 * Cuts a stream into messages by Content-Length (RFC 3261 18.3). Empty lines between messages are keep-alives (RFC 5626 3.5.1). A stream
 * that cannot be cut any more stays broken: nobody knows where its next message begins.
 */
export class Framer {
  #waiting: Buffer = Buffer.alloc(0);
  #isBroken = false;
  readonly #onFrame: (frame: Buffer) => void;
  readonly #onPing: () => void;

  /** @param onPing an empty line pair came: it wants one back */
  constructor(onFrame: (frame: Buffer) => void, onPing: () => void = () => undefined) {
    this.#onFrame = onFrame;
    this.#onPing = onPing;
  }

  /** Takes what came. @returns false when the stream is broken: close it */
  take(chunk: Buffer): boolean {
    if (this.#isBroken) return false;
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    while (!this.#isBroken && this.#cut());
    return !this.#isBroken;
  }

  /** @returns whether something was taken off the front */
  #cut(): boolean {
    if (this.#skipBlank()) return true;
    const head = headEnd(this.#waiting, 0);
    if (!head) {
      this.#isBroken = this.#waiting.length > limits.message;
      return false;
    }
    const length = lengthIn(this.#waiting.toString("latin1", 0, head.end));
    if (length === undefined || head.next + length > limits.message) {
      this.#isBroken = true;
      return false;
    }
    const end = head.next + length;
    if (this.#waiting.length < end) return false;
    const frame = this.#waiting.subarray(0, end);
    this.#waiting = this.#waiting.subarray(end);
    this.#onFrame(frame);
    return true;
  }

  #skipBlank(): boolean {
    let blank = 0;
    while (this.#waiting[blank] === 13 || this.#waiting[blank] === 10) blank += 1;
    if (blank === 0) return false;
    if (blank >= 4) this.#onPing();
    this.#waiting = this.#waiting.subarray(blank);
    return true;
  }
}

/** Length of the body by the headers alone; undefined when nothing usable says it. */
function lengthIn(head: string): number | undefined {
  const lines = head.split(/\r?\n/u).flatMap((line): readonly HeaderLine[] => {
    const match = /^(content-length|l)[ \t]*:(.*)$/iu.exec(line);
    return match?.[1] ? [[match[1], (match[2] ?? "").trim()]] : [];
  });
  const length = contentLength(new Headers(lines));
  // Required over streams (RFC 3261 20.14); some leave it out where there is no body.
  return length === "wrong" ? undefined : (length ?? 0);
}
