import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from "node:tls";
import type { Clock } from "#base/clock";
import { HinobanError } from "#base/errors";
import type { Access, Visitor } from "./access.ts";
import { plainAddress } from "./access.ts";
import { Budget, deadlines, readPacket } from "./intake.ts";
import { readMessage, type Message } from "./message.ts";
import { encodePacket } from "./packet.ts";
import { failed, type Answer } from "./receive.ts";
import type { Refusals } from "./refusals.ts";

export interface ListenerOptions {
  readonly clock: Clock;
  readonly access: Access;
  readonly refusals: Refusals;
  readonly answer: (visitor: Visitor, message: Message) => Promise<Answer>;
  /** A key was used. */
  readonly onPsk: (id: string) => void;
  readonly onProblem: (problem: string, error: unknown) => void;
  /** Smaller in tests. */
  readonly limits?: Partial<Limits>;
}

/** What the listener may be made to hold. */
export interface Limits {
  /** Connections at a time. */
  readonly connections: number;
  /** Of these, connections from networks of nobody's, which may only be trying keys. */
  readonly strangers: number;
  /** Connections at a time from one address. */
  readonly perAddress: number;
  /** Bytes that are being read at a time. */
  readonly bytes: number;
}

const usualLimits: Limits = { connections: 2000, strangers: 200, perAddress: 500, bytes: 128 * 1024 * 1024 };

/**
 * What GnuTLS and OpenSSL of agents can do with a pre-shared key, those with forward secrecy first. Agent 2 takes TLS 1.3,
 * whose key exchange always has it.
 */
const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "ECDHE-PSK-CHACHA20-POLY1305",
  "ECDHE-PSK-AES128-CBC-SHA256",
  "PSK-AES128-GCM-SHA256",
  "PSK-AES256-GCM-SHA384",
  "PSK-CHACHA20-POLY1305",
  "PSK-AES128-CBC-SHA256",
].join(":");

const tlsHandshake = 0x16;
const packetStart = 0x5a; // "Z"

/** Listens for Zabbix agents and senders: with and without encryption on one port, told apart by the first byte. One request a connection. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #limits: Limits;
  readonly #budget: Budget;
  readonly #server: Server;
  readonly #tls: TlsServer;
  readonly #sockets = new Map<Socket, string>();
  readonly #byAddress = new Map<string, number>();
  readonly #identities = new WeakMap<object, string>();
  /** Requests that came whole and are being answered. */
  readonly #answering = new Map<Socket, Promise<unknown>>();
  #strangers = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = { ...usualLimits, ...options.limits };
    this.#budget = new Budget(this.#limits.bytes);
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server.on("error", (error) => options.onProblem("the listener for Zabbix agents had an error", error));
    this.#tls = createTlsServer(
      {
        ciphers,
        minVersion: "TLSv1.2",
        // Never asked for: whoever names no key is refused by the ciphers. Without a hint the client's own identity counts.
        pskCallback: (socket, identity) => this.#keyFor(socket, identity),
        handshakeTimeout: deadlines.header,
      },
      (socket) => this.#welcome(socket),
    );
    this.#tls.on("tlsClientError", (error, socket) => this.#refuseTls(error, socket));
  }

  /** @returns the port. @throws what the system says when the port cannot be had */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off("error", reject);
        resolve((this.#server.address() as AddressInfo).port); // it listens on a port, not on a socket file
      });
    });
  }

  /** Connections at this moment. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Bytes that are being read at this moment. */
  get bytes(): number {
    return this.#budget.used;
  }

  /** Takes no more connections, lets requests that came be answered, and ends the others. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    const answered = [...this.#answering.values()];
    for (const socket of this.#sockets.keys()) if (!this.#isAnswering(socket)) socket.destroy();
    await Promise.allSettled(answered);
    await Promise.resolve(); // the last answers are written
    for (const socket of this.#sockets.keys()) socket.destroySoon();
    await closed;
  }

  /** A TLS socket stands for the one below it. */
  #isAnswering(socket: Socket): boolean {
    return [...this.#answering.keys()].some((one) => one.remotePort === socket.remotePort && one.remoteAddress === socket.remoteAddress);
  }

  #accept(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? "");
    const visitor = this.#options.access.visitorAt(address);
    if (!this.#hasRoom(address, visitor)) {
      socket.destroy();
      return;
    }
    this.#count(socket, address, visitor);
    const { clock } = this.#options;
    const late = clock.after("zabbix.first-byte", deadlines.header, () => socket.destroy());
    socket.on("error", () => undefined); // whoever reads the connection is told, too
    socket.once("close", () => late.cancel());
    socket.once("readable", () => {
      const first: unknown = socket.read(1);
      late.cancel();
      if (!(first instanceof Buffer)) {
        socket.destroy(); // it left without a word
        return;
      }
      socket.unshift(first);
      this.#begin(socket, first[0], address, visitor);
    });
  }

  #begin(socket: Socket, first: number | undefined, address: string, visitor: Visitor | undefined): void {
    if (first === tlsHandshake) {
      socket.allowHalfOpen = false; // whoever hangs up during the handshake is gone
      this.#tls.emit("connection", socket);
    } else if (first !== packetStart) {
      this.#options.refusals.add(visitor?.organisationId, address, "bad-packet", "");
      socket.destroy();
    } else if (visitor) {
      this.#work(socket, visitor);
    } else {
      this.#options.refusals.add(undefined, address, "network", "");
      socket.resume();
      this.#say(socket, failed(`${address} may not report without encryption`));
    }
  }

  #hasRoom(address: string, visitor: Visitor | undefined): boolean {
    if (this.#sockets.size >= this.#limits.connections) return false;
    if ((this.#byAddress.get(address) ?? 0) >= this.#limits.perAddress) return false;
    return visitor !== undefined || this.#strangers < this.#limits.strangers;
  }

  #count(socket: Socket, address: string, visitor: Visitor | undefined): void {
    const change = (by: 1 | -1): void => {
      const count = (this.#byAddress.get(address) ?? 0) + by;
      if (count === 0) this.#byAddress.delete(address);
      else this.#byAddress.set(address, count);
      if (!visitor) this.#strangers += by;
    };
    change(1);
    this.#sockets.set(socket, address);
    socket.once("close", () => {
      change(-1);
      this.#sockets.delete(socket);
    });
  }

  #keyFor(socket: TLSSocket, identity: string): Buffer | null {
    this.#identities.set(socket, identity);
    const psk = this.#options.access.pskOf(identity);
    return psk ? Buffer.from(psk.key.reveal(), "hex") : null;
  }

  /** The handshake is done: the client has the key of the identity that it named. */
  #welcome(socket: TLSSocket): void {
    socket.on("error", () => undefined);
    const identity = this.#identities.get(socket);
    const psk = identity === undefined ? undefined : this.#options.access.pskOf(identity);
    if (!psk) {
      socket.destroy(); // revoked during the handshake
      return;
    }
    this.#options.onPsk(psk.id);
    this.#work(socket, this.#options.access.visitorWith(psk, socket.remoteAddress ?? ""));
  }

  #refuseTls(error: Error, socket: TLSSocket): void {
    const address = plainAddress(socket.remoteAddress ?? "");
    const { access, refusals } = this.#options;
    const identity = this.#identities.get(socket);
    const psk = identity === undefined ? undefined : access.pskOf(identity);
    const owner = psk?.organisationId ?? access.visitorAt(address)?.organisationId;
    if (psk && identity !== undefined) {
      if (!isHangUp(error)) refusals.add(owner, address, "wrong-key", identity);
    } else if (identity !== undefined) refusals.add(owner, address, "unknown-identity", identity);
    else if (!isHangUp(error)) refusals.add(owner, address, "bad-packet", "TLS");
    socket.destroy();
  }

  #work(socket: Socket, visitor: Visitor): void {
    const { clock, refusals, onProblem } = this.#options;
    readPacket(socket, clock, this.#budget)
      .then(readMessage)
      .then(
        (message) => this.#answer(socket, visitor, message),
        (error: unknown) => {
          refusals.add(visitor.organisationId, visitor.address, "bad-packet", "");
          if (error instanceof HinobanError && error.code === "bad-request") this.#say(socket, failed(error.message));
          else socket.destroy();
        },
      )
      .catch((error: unknown) => onProblem("a Zabbix agent's connection could not be served", error));
  }

  async #answer(socket: Socket, visitor: Visitor, message: Message): Promise<void> {
    const { answer, onProblem } = this.#options;
    const answering = answer(visitor, message).catch((error: unknown) => {
      onProblem("a Zabbix agent's request could not be answered", error);
      return failed("the server has a problem, see its log"); // the agent keeps its values and tries again
    });
    this.#answering.set(socket, answering);
    this.#say(socket, await answering);
    this.#answering.delete(socket);
  }

  /** Answers and closes; a client that does not close is left. */
  #say(socket: Socket, what: Answer): void {
    if (socket.destroyed) return;
    const late = this.#options.clock.after("zabbix.farewell", deadlines.farewell, () => socket.destroy());
    socket.once("close", () => late.cancel());
    socket.resume();
    socket.end(encodePacket(what));
  }
}

const isHangUp = (error: Error): boolean => "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
