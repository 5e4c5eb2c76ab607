import type { Duplex } from "node:stream";
import type { HinobanError } from "#base/errors";
import { failure, tlsFailure } from "./failure.ts";
import type { Wire } from "./wire.ts";

/** More than any greeting has. */
const mostWaiting = 64 * 1024;

/** Speaks and listens on a stream, plain or inside TLS. */
export class Conversation {
  readonly #stream: Duplex;
  readonly #wire: Wire;
  #data: Buffer = Buffer.alloc(0);
  #isOver = false;
  #error: unknown;
  #wake: (() => void) | undefined;
  readonly #onData = (chunk: Buffer): void => {
    if (this.#stream === this.#wire.socket) this.#wire.hear(chunk);
    this.#data = Buffer.concat([this.#data, chunk]);
    if (this.#data.length > mostWaiting) this.#stream.pause();
    this.#wake?.();
  };
  readonly #onEnd = (): void => {
    this.#isOver = true;
    this.#wake?.();
  };
  readonly #onError = (error: unknown): void => {
    this.#error ??= error;
    this.#isOver = true;
    this.#wake?.();
  };

  /** @param stream TLS over the wire; the wire itself when absent */
  constructor(wire: Wire, stream: Duplex = wire.socket) {
    this.#stream = stream;
    this.#wire = wire;
    stream.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onEnd).on("error", this.#onError);
    if (stream.destroyed) this.#isOver = true;
    stream.resume(); // somebody who let go of it has paused it
  }

  /** What came and was not taken yet. */
  get waiting(): Buffer {
    return this.#data;
  }

  say(bytes: string | Buffer): void {
    if (this.#stream === this.#wire.socket) this.#wire.say("request");
    if (!this.#stream.destroyed) this.#stream.write(bytes);
  }

  /**
   * Takes the next piece that `cut` finds at the beginning of what came.
   * @param cut gives how long the piece is, or undefined when it is not whole yet
   * @throws the verdict of a connection that broke; "protocol-wrong" when 64 KiB hold no such piece
   */
  async take(cut: (data: Buffer) => number | undefined): Promise<Buffer> {
    for (;;) {
      const length = cut(this.#data);
      if (length !== undefined) {
        const piece = this.#data.subarray(0, length);
        this.#data = this.#data.subarray(length);
        this.#stream.resume();
        return piece;
      }
      if (this.#data.length > mostWaiting) throw failure("protocol-wrong", `more than ${mostWaiting} bytes without an end`);
      if (this.#isOver) throw this.#broken();
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  /** Waits until anything came. @returns false when the stream ended in order without a byte */
  async heard(): Promise<boolean> {
    while (this.#data.length === 0) {
      if (this.#isOver) throw this.#broken();
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
    return true;
  }

  /** One line without its end. Bytes that are no UTF-8 are shown as replacement characters. */
  async line(): Promise<string> {
    const line = await this.take((data) => {
      const end = data.indexOf(10);
      return end < 0 ? undefined : end + 1;
    });
    return line.toString("utf8").replace(/\r?\n$/u, "");
  }

  #broken(): HinobanError {
    return tlsFailure(this.#error) ?? this.#wire.broken(this.#error);
  }

  /** Lets go of the stream, for TLS to take it over. */
  release(): void {
    this.#stream.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onEnd).off("error", this.#onError);
    this.#stream.pause();
  }
}
