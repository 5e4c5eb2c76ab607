import { createSocket, type Socket } from "node:dgram";
import { randomInt } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Clock } from "#base/clock";
import { HinobanError } from "#base/errors";
import type { MediaOptions, MediaSession } from "./media.ts";
import { Pacer } from "./pacer.ts";
import { RtpSession } from "./session.ts";

const everywhere = "0.0.0.0";
const everywhereOfIPv6 = "::";

export interface RtpPoolOptions {
  /** Address of this machine that media are received at. `0.0.0.0`: whichever each call's `advertise` names, IPv6 as well. */
  readonly host: string;
  /** First and last port of the range; the even ones are used. */
  readonly portFrom: number;
  readonly portTo: number;
  readonly clock: Clock;
}

/** Ports for calls, as firewalls let them through, and the timer that paces all of them. One for all lines of a process. */
export class RtpPool {
  readonly #options: RtpPoolOptions;
  readonly #pacer: Pacer;
  readonly #ports: readonly number[];
  readonly #sessions = new Map<number, MediaSession>();
  /** Ports are used in turn: what still comes for a call that is over does not disturb the next one. */
  #next: number;
  #isClosed = false;

  constructor(options: RtpPoolOptions) {
    this.#options = options;
    this.#pacer = new Pacer(options.clock);
    const first = options.portFrom + (options.portFrom % 2);
    this.#ports = Array.from({ length: Math.max(0, Math.floor((options.portTo - first) / 2) + 1) }, (_, index) => first + index * 2);
    this.#next = this.#ports.length === 0 ? 0 : randomInt(this.#ports.length);
  }

  /** How many calls have sound now. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Opens a port for a call. @throws HinobanError `unavailable` when no port of the range is free, or the address is not this machine's */
  async open(options: MediaOptions = {}): Promise<MediaSession> {
    const host = this.#hostFor(options);
    let problem = "all of them are in use";
    for (let tries = 0; tries < this.#ports.length && !this.#isClosed; tries += 1) {
      const port = this.#ports[this.#next] ?? 0;
      this.#next = (this.#next + 1) % this.#ports.length;
      if (this.#sessions.has(port)) continue;
      const bound = await bind(host, port);
      if (bound instanceof Error) {
        problem = bound.message;
        if (!bound.message.includes("EADDRINUSE")) break;
        continue;
      }
      return this.#keep(bound, port, options);
    }
    const { portFrom, portTo } = this.#options;
    throw new HinobanError("unavailable", `There is no free port for sound on ${host} between ${portFrom} and ${portTo}: ${problem}.`);
  }

  /** Ends the sound of all calls. */
  close(): void {
    this.#isClosed = true;
    for (const session of this.#sessions.values()) session.close();
  }

  #hostFor({ advertise }: MediaOptions): string {
    const { host } = this.#options;
    if (host !== everywhere) return host;
    if (advertise === undefined) throw new HinobanError("internal", `Sound at ${everywhere} needs an address to tell others.`);
    return isIPv6(advertise) ? everywhereOfIPv6 : host;
  }

  #keep(socket: Socket, port: number, options: MediaOptions): MediaSession {
    const deps = { clock: this.#options.clock, pacer: this.#pacer, socket, host: this.#options.host, port };
    const session = new RtpSession({ ...deps, closed: () => void this.#sessions.delete(port) }, options);
    this.#sessions.set(port, session);
    if (this.#isClosed) session.close();
    return session;
  }
}

function bind(host: string, port: number): Promise<Socket | Error> {
  const family = isIPv6(host) ? 6 : 4;
  return new Promise((resolve) => {
    const socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      ipv6Only: family === 6,
      // Only addresses are ever sent to: nothing has to be looked up, and nothing waits for it.
      lookup: (name, _options, found) => found(null, name, family),
    });
    socket.once("error", (error) => {
      socket.close();
      resolve(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      // A port that is not listened to any more answers by ICMP; what is lost shows by the media that do not come.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}
