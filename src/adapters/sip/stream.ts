import { connect as connectTcp, createServer, isIP, type Server, type Socket } from "node:net";
import { connect as connectTls, rootCertificates } from "node:tls";
import { once } from "node:events";
import type { Clock } from "#base/clock";
import { millis, seconds, type Millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { Framer } from "./framing.ts";
import { plainAddress, type Hop, type Peer, type Transport, type TransportListener } from "./transport.ts";

export interface StreamOptions {
  readonly clock: Clock;
  readonly kind: "tcp" | "tls";
  /** Listens there too, for trunks that open connections of their own (TCP only). */
  readonly port?: number;
  readonly host?: string;
  /** Authorities beside the system's, PEM. */
  readonly authorities?: readonly string[];
  /** Default true. */
  readonly verifiesTls?: boolean;
  /** Who may connect. */
  readonly accepts: (address: string) => boolean;
}

const connectWithin = seconds(5);
/** A trunk needs one or two; more are somebody's attack. */
const mostConnections = 32;
/** Bytes that wait to leave: whoever does not read them any more is let go. */
const mostUnsent = 1024 * 1024;
/** How long a connection that is closed has to hand over what was written. */
const closeWithin = millis(500);

const lineIsClosed = "the line is closed";

const keyOf = ({ address, port }: Peer): string => `${plainAddress(address)} ${port}`;

interface Connection {
  readonly socket: Socket;
  /** When something came last, by the monotonic clock. */
  heardAt: Millis;
  /** Why it ends, once that is known. */
  problem: string;
}

/** TCP or TLS: one connection to each hop, opened when it is needed, used in both directions. */
export class StreamTransport implements Transport {
  readonly kind: "tcp" | "tls";
  readonly isReliable = true;
  readonly #options: StreamOptions;
  readonly #listener: TransportListener;
  readonly #connections = new Map<string, Connection>();
  readonly #opening = new Map<string, Promise<Socket>>();
  readonly #attempts = new Set<AbortController>();
  readonly #open = new Set<Socket>();
  #server: Server | undefined;
  #isClosed = false;

  private constructor(options: StreamOptions, listener: TransportListener) {
    this.kind = options.kind;
    this.#options = options;
    this.#listener = listener;
  }

  /** @throws HinobanError "unavailable" when the port is taken */
  static async open(options: StreamOptions, listener: TransportListener): Promise<StreamTransport> {
    const transport = new StreamTransport(options, listener);
    if (options.kind === "tcp" && options.port) await transport.#listen(options.port);
    return transport;
  }

  async #listen(port: number): Promise<void> {
    const server = createServer((socket) => {
      const peer = { address: plainAddress(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 };
      if (!this.#options.accepts(peer.address) || this.#open.size >= mostConnections) {
        socket.destroy();
        return;
      }
      this.#serve(socket, peer);
    });
    try {
      server.listen(port, this.#options.host);
      await once(server, "listening");
    } catch (error) {
      throw new HinobanError("unavailable", `TCP port ${port} could not be opened: ${messageOf(error)}`, {}, { cause: error });
    }
    this.#server = server;
  }

  async localFor(hop: Hop): Promise<{ readonly host: string; readonly port: number }> {
    const socket = await this.#connection(hop);
    const host = plainAddress(socket.localAddress ?? "");
    return { host, port: this.#server ? (this.#options.port ?? 0) : (socket.localPort ?? 0) };
  }

  async send(bytes: Buffer, to: Hop): Promise<void> {
    const socket = await this.#connection(to);
    if (socket.writableLength > mostUnsent) {
      socket.destroy();
      throw unreachable(to, this.kind, "it takes nothing any more");
    }
    socket.write(bytes);
  }

  isRefused(): Promise<boolean> {
    return Promise.resolve(false); // a connection tells by itself
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#server?.close();
    for (const attempt of this.#attempts) attempt.abort(new Error(lineIsClosed));
    const open = [...this.#open];
    for (const socket of open) socket.end(() => socket.destroy());
    // A dead connection never hands over what was written.
    const timer = this.#options.clock.after("sip.close", closeWithin, () => open.forEach((socket) => socket.destroy()));
    await Promise.allSettled(open.map((socket) => once(socket, "close")));
    timer.cancel();
  }

  isQuiet(hop: Hop, since: Millis): boolean {
    const connection = this.#connections.get(keyOf(hop));
    return connection !== undefined && connection.heardAt <= since;
  }

  reset(hop: Hop, problem: string): void {
    const connection = this.#connections.get(keyOf(hop));
    if (!connection) return;
    connection.problem = problem;
    this.#forget(hop, connection);
    connection.socket.destroy();
  }

  #connection(hop: Hop): Promise<Socket> {
    const key = keyOf(hop);
    const there = this.#connections.get(key)?.socket;
    if (there) return Promise.resolve(there);
    if (this.#isClosed) return Promise.reject(unreachable(hop, this.kind, lineIsClosed));
    const made = this.#opening.get(key) ?? this.#connect(hop).finally(() => this.#opening.delete(key));
    this.#opening.set(key, made);
    return made;
  }

  async #connect(hop: Hop): Promise<Socket> {
    const { clock, kind, authorities = [], verifiesTls = true } = this.#options;
    const { address, port, name } = hop;
    const tls = {
      host: address,
      port,
      ...(name !== undefined && isIP(name) === 0 ? { servername: name } : {}),
      ...(authorities.length > 0 ? { ca: [...rootCertificates, ...authorities] } : {}),
      rejectUnauthorized: verifiesTls,
    };
    const socket = kind === "tls" ? connectTls(tls) : connectTcp({ host: address, port, noDelay: true });
    const over = new AbortController();
    this.#attempts.add(over);
    const timer = clock.after("sip.connect", connectWithin, () => over.abort(new Error(`no connection within ${connectWithin / 1000} s`)));
    try {
      await once(socket, kind === "tls" ? "secureConnect" : "connect", { signal: over.signal });
      over.signal.throwIfAborted();
    } catch (error) {
      socket.on("error", () => undefined);
      socket.destroy();
      throw unreachable(hop, kind, over.signal.aborted ? messageOf(over.signal.reason) : messageOf(error));
    } finally {
      timer.cancel();
      this.#attempts.delete(over);
    }
    this.#serve(socket, hop);
    return socket;
  }

  #serve(socket: Socket, peer: Peer): void {
    const { clock } = this.#options;
    const connection: Connection = { socket, heardAt: clock.mono(), problem: "the connection was closed" };
    this.#connections.set(keyOf(peer), connection);
    const framer = new Framer(
      (frame) => this.#listener.message(frame, { address: plainAddress(peer.address), port: peer.port }),
      () => socket.write("\r\n"),
    );
    this.#open.add(socket);
    socket.setKeepAlive(true, seconds(30));
    socket.on("error", (error) => (connection.problem = messageOf(error)));
    socket.on("data", (chunk: Buffer) => {
      connection.heardAt = clock.mono();
      if (framer.take(chunk)) return;
      connection.problem = "what came was no SIP";
      socket.destroy();
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      this.#open.delete(socket);
      this.#forget(peer, connection);
    });
  }

  /** Told once; another connection to the same peer may be there already when the old one is gone at last. */
  #forget(peer: Peer, connection: Connection): void {
    const key = keyOf(peer);
    if (this.#connections.get(key) !== connection) return;
    this.#connections.delete(key);
    if (!this.#isClosed) this.#listener.lost({ address: plainAddress(peer.address), port: peer.port }, connection.problem);
  }
}

const unreachable = (hop: Hop, kind: string, why: string): HinobanError =>
  new HinobanError("unavailable", `${hop.address}:${hop.port} could not be reached over ${kind.toUpperCase()}: ${why}`);
