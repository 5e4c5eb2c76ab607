import type { Socket } from "node:net";
import type { Clock, Timer } from "#base/clock";
import { seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { headerBytes, readBody, readHeader, type PacketHeader } from "./packet.ts";

/** What all connections together may hold in memory while they are read. */
export class Budget {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there is room for so many bytes more; they are taken then. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#most) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }

  get used(): number {
    return this.#used;
  }
}

/** How long a client may take. */
export const deadlines = {
  /** From the connection to the end of the header, a TLS handshake included. */
  header: seconds(10),
  /** From the header to the end of the body. */
  body: seconds(30),
  /** From the answer until the client closes. */
  farewell: seconds(5),
} as const;

/**
 * Reads the one packet of a connection. Memory is taken as bytes come, not as they are announced; a header that does not come, a body
 * that does not end and bytes behind it end the reading.
 * @throws "bad-request" | "too-large" | "timeout" | "unavailable" when all connections together hold too much; the caller closes
 */
export function readPacket(socket: Socket, clock: Clock, budget: Budget): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let header: PacketHeader | undefined;
    let timer: Timer = clock.after("zabbix.header", deadlines.header, () => fail("timeout", "The header did not come in time."));
    const finish = (): void => {
      timer.cancel();
      socket.off("data", onData).off("end", onEnd).off("error", onError).off("close", onEnd);
      budget.give(size);
    };
    const stop = (error: unknown): void => {
      finish();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const fail = (code: "bad-request" | "timeout" | "unavailable", message: string): void => stop(new HinobanError(code, message));
    const onEnd = (): void => fail("bad-request", "The connection ended before the packet did.");
    const onError = (error: Error): void => stop(new HinobanError("bad-request", error.message, {}, { cause: error }));
    const onHeader = (): void => {
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      chunks.splice(0, chunks.length, bytes);
      header = readHeader(bytes);
      timer.cancel();
      timer = clock.after("zabbix.body", deadlines.body, () => fail("timeout", "The packet did not end in time."));
    };
    const onData = (chunk: Buffer): void => {
      if (!budget.take(chunk.length)) return fail("unavailable", "Too many packets are being read at this moment.");
      chunks.push(chunk);
      size += chunk.length;
      try {
        if (!header && size >= headerBytes) onHeader();
      } catch (error) {
        return stop(error);
      }
      if (!header || size < headerBytes + header.length) return undefined;
      if (size > headerBytes + header.length) return fail("bad-request", "There are bytes behind the packet.");
      const complete = header;
      const body = Buffer.concat(chunks).subarray(headerBytes);
      finish();
      readBody(complete, body).then(resolve, reject);
      return undefined;
    };
    socket.on("data", onData).on("end", onEnd).on("error", onError).on("close", onEnd);
  });
}
