import { connect, type Socket } from "node:net";
import type { HinobanError } from "#base/errors";
import { messageOf } from "#base/errors";
import { codeOf, connectFailure, failure, isReset, isTimedOut } from "./failure.ts";
import type { Target } from "./names.ts";

/** Bytes of the other side's first words that are kept to be shown. */
const keptHead = 256;

/** What the own side has said last: a reset right after it is the answer to it. */
type Said = "nothing" | "request" | "hello";

/**
 * A TCP connection that knows who spoke, how much came, and how it ended. TLS goes over the socket itself.
 */
export class Wire {
  readonly socket: Socket;
  /** IP address and port. */
  readonly address: string;
  #top: { destroy(): unknown };
  #head = Buffer.alloc(0);
  #said: Said = "nothing";
  #error: unknown;

  constructor(socket: Socket, address: string) {
    this.socket = socket;
    this.#top = socket;
    this.address = address;
    socket.on("error", (error) => (this.#error ??= error)); // never an uncaught one; read by whoever waits
  }

  /** Bytes that came, below TLS. */
  get received(): number {
    return this.socket.bytesRead;
  }

  /** The first bytes that came in the clear. */
  get head(): Buffer {
    return this.#head;
  }

  /** Bytes that came in the clear, for whoever wants to know what was said first. */
  hear(chunk: Buffer): void {
    if (this.#head.length < keptHead) this.#head = Buffer.concat([this.#head, chunk.subarray(0, keptHead - this.#head.length)]);
  }

  /** From now on a reset is an answer to what was said. */
  say(what: "request" | "hello"): void {
    this.#said = what;
  }

  /**
   * From now on TLS has the socket. Only TLS is destroyed then, and it ends the socket: Node 20 reads freed memory when the socket under an
   * unfinished handshake is destroyed by itself.
   */
  handOver(stream: { destroy(): unknown }): void {
    this.#top = stream;
  }

  close(): void {
    this.#top.destroy();
  }

  /** What it means that the connection is gone. @param error what whoever used it was told */
  broken(error?: unknown): HinobanError {
    const cause = this.#error ?? error;
    const heard = `${this.received} bytes received`;
    if (isTimedOut(cause)) return failure(this.received > 0 ? "answer-timed-out" : "silent", `ETIMEDOUT, ${heard}`);
    if (isReset(cause)) return failure(this.#resetVerdict(), `${codeOf(cause)}, ${heard}`);
    if (this.received === 0) return failure("closed-on-accept", `closed, ${heard}`);
    const why = cause === undefined || codeOf(cause) === "ECONNRESET" ? "closed" : messageOf(cause);
    return failure("closed-early", `${why}, ${heard}`);
  }

  #resetVerdict(): "reset-after-bytes" | "reset-on-accept" | "reset-after-hello" | "reset-after-request" {
    if (this.received > 0) return "reset-after-bytes";
    if (this.#said === "nothing") return "reset-on-accept";
    return this.#said === "hello" ? "reset-after-hello" : "reset-after-request";
  }
}

/** `192.0.2.1:443`, `[2001:db8::1]:443` */
export const endpoint = ({ address, family }: Target, port: number): string =>
  family === 6 ? `[${address}]:${port}` : `${address}:${port}`;

/**
 * Opens a TCP connection.
 * @param onSocket is handed the socket's end at once, for when time runs out
 * @throws verdicts refused, unreachable, connect-timed-out …
 */
export function openWire(target: Target, port: number, onSocket: (close: () => void) => void): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: target.address, port, family: target.family, noDelay: true });
    const wire = new Wire(socket, endpoint(target, port));
    onSocket(() => wire.close());
    const fail = (error: unknown): void => reject(connectFailure(error));
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.off("error", fail);
      resolve(wire);
    });
  });
}
