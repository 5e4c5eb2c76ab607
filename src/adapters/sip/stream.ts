import { connect as connectTcp, createServer, isIP, type Server, type Socket } from "node:net";
import { connect as connectTls, rootCertificates } from "node:tls";
import { once } from "node:events";
import type { Clock } from "#base/clock";
import { seconds } from "#base/duration";
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

const keyOf = ({ address, port }: Peer): string => `${plainAddress(address)} ${port}`;

/** TCP or TLS: one connection to each hop, opened when it is needed, used in both directions. */
export class StreamTransport implements Transport {
  readonly kind: "tcp" | "tls";
  readonly isReliable = true;
  readonly #options: StreamOptions;
  readonly #listener: TransportListener;
  readonly #connections = new Map<string, Promise<Socket>>();
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
      this.#connections.set(keyOf(peer), Promise.resolve(socket));
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
    for (const socket of this.#open) {
      socket.end(() => socket.destroy());
    }
    await Promise.allSettled([...this.#open].map((socket) => once(socket, "close")));
  }

  #connection(hop: Hop): Promise<Socket> {
    const key = keyOf(hop);
    const there = this.#connections.get(key);
    if (there) return there;
    if (this.#isClosed) return Promise.reject(unreachable(hop, this.kind, "the line is closed"));
    const made = this.#connect(hop);
    this.#connections.set(key, made);
    made.catch(() => {
      if (this.#connections.get(key) === made) this.#connections.delete(key);
    });
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
    const timer = clock.after("sip.connect", connectWithin, () => over.abort(new Error(`no connection within ${connectWithin / 1000} s`)));
    try {
      await once(socket, kind === "tls" ? "secureConnect" : "connect", { signal: over.signal });
    } catch (error) {
      socket.on("error", () => undefined);
      socket.destroy();
      throw unreachable(hop, kind, over.signal.aborted ? messageOf(over.signal.reason) : messageOf(error));
    } finally {
      timer.cancel();
    }
    this.#serve(socket, hop);
    return socket;
  }

  #serve(socket: Socket, peer: Peer): void {
    let problem = "the connection was closed";
    const framer = new Framer(
      (frame) => this.#listener.message(frame, { address: plainAddress(peer.address), port: peer.port }),
      () => socket.write("\r\n"),
    );
    this.#open.add(socket);
    socket.setKeepAlive(true, seconds(30));
    socket.on("error", (error) => (problem = messageOf(error)));
    socket.on("data", (chunk: Buffer) => {
      if (framer.take(chunk)) return;
      problem = "what came was no SIP";
      socket.destroy();
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      this.#open.delete(socket);
      this.#connections.delete(keyOf(peer));
      if (!this.#isClosed) this.#listener.lost({ address: plainAddress(peer.address), port: peer.port }, problem);
    });
  }
}

const unreachable = (hop: Hop, kind: string, why: string): HinobanError =>
  new HinobanError("unavailable", `${hop.address}:${hop.port} could not be reached over ${kind.toUpperCase()}: ${why}`);
