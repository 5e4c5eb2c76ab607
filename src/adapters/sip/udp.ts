import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { Clock } from "#base/clock";
import { millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { plainAddress, type Hop, type Transport, type TransportListener } from "./transport.ts";

export interface UdpOptions {
  readonly clock: Clock;
  /** Address to be bound; every one when absent. */
  readonly host?: string;
  /** 0 or absent: any that is free. */
  readonly port?: number;
  readonly family: 4 | 6;
}

/** How long the network has to say that nobody listens. */
const refusalWithin = millis(300);

const typeOf = (address: string): "udp4" | "udp6" => (isIPv6(address) ? "udp6" : "udp4");

/** One UDP socket for all of a line. */
export class UdpTransport implements Transport {
  readonly kind = "udp";
  readonly isReliable = false;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #boundHost: string | undefined;

  private constructor(socket: Socket, clock: Clock, boundHost: string | undefined) {
    this.#socket = socket;
    this.#clock = clock;
    this.#boundHost = boundHost;
  }

  /** @throws HinobanError "unavailable" when the port is taken */
  static async open({ clock, host, port = 0, family }: UdpOptions, listener: TransportListener): Promise<UdpTransport> {
    const socket = createSocket({ type: family === 6 ? "udp6" : "udp4" });
    const transport = new UdpTransport(socket, clock, host);
    try {
      socket.bind(port, host);
      await once(socket, "listening");
    } catch (error) {
      socket.close();
      throw new HinobanError("unavailable", `UDP port ${port} could not be opened: ${messageOf(error)}`, {}, { cause: error });
    }
    socket.on("error", () => undefined); // what a datagram met on its way concerns only that one
    socket.on("message", (bytes, from) => listener.message(bytes, { address: plainAddress(from.address), port: from.port }));
    return transport;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async localFor(hop: Hop): Promise<{ readonly host: string; readonly port: number }> {
    // Asked each time: the machine's address may change while the line is open.
    return { host: this.#boundHost ?? (await ourAddressTo(hop)), port: this.port };
  }

  send(bytes: Buffer, to: Hop): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown): void => reject(unreachable(to, error));
      try {
        this.#socket.send(bytes, to.port, to.address, (error) => (error ? failed(error) : resolve()));
      } catch (error) {
        failed(error);
      }
    });
  }

  isQuiet(): boolean {
    return false; // there are no connections
  }

  reset(): void {
    // nothing is kept of the way to anybody
  }

  /** Knocks from a socket that is connected, since only those are told; an empty line pair is nothing that a server acts on (RFC 5626). */
  async isRefused(hop: Hop): Promise<boolean> {
    const socket = createSocket(typeOf(hop.address));
    const over = new AbortController();
    const timer = this.#clock.after("sip.knock", refusalWithin, () => over.abort());
    const refused = once(socket, "error", { signal: over.signal }).then(
      () => true,
      () => false,
    );
    socket.connect(hop.port, hop.address, (...told: readonly unknown[]) => {
      if (told[0] === undefined) socket.send("\r\n\r\n");
    });
    const isRefused = await refused;
    timer.cancel();
    socket.on("error", () => undefined);
    socket.close();
    return isRefused;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      try {
        this.#socket.close(() => resolve());
      } catch {
        resolve(); // it was closed already
      }
    });
  }
}

/** The address that the machine would send from. */
async function ourAddressTo(hop: Hop): Promise<string> {
  const socket = createSocket(typeOf(hop.address));
  try {
    socket.connect(hop.port, hop.address);
    await once(socket, "connect");
    return plainAddress(socket.address().address);
  } catch (error) {
    throw unreachable(hop, error);
  } finally {
    socket.close();
  }
}

const unreachable = (hop: Hop, error: unknown): HinobanError =>
  new HinobanError("unavailable", `${hop.address}:${hop.port} could not be reached over UDP: ${messageOf(error)}`, {}, { cause: error });
