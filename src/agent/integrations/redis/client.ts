import net from "node:net";
import type { Clock } from "#base/clock";
import type { Millis } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Secret } from "#base/secret";
import { connectTrouble } from "../common/ask.ts";
import { encodeCommand, RedisRefusal, ReplyParser, type Reply } from "./resp.ts";

/** Where a Redis listens and as whom it is asked. */
export interface RedisTarget {
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, instead of host and port. */
  readonly socket: string | undefined;
  readonly tls: { readonly ca: string | undefined; readonly verify: boolean } | undefined;
  /** ACL user; without it the password alone is sent, which every version understands. */
  readonly user: string | undefined;
  readonly within: Millis;
}

/** One connection: commands are sent at once, the answers come in their order. */
export class RedisClient {
  readonly #socket: net.Socket;
  readonly #waiting: { readonly settle: (reply: Reply) => void; readonly fail: (error: Error) => void }[] = [];
  #broken: Error | undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    const parser = new ReplyParser();
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const reply of parser.push(chunk)) this.#waiting.shift()?.settle(reply);
      } catch (error) {
        this.#fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new HinobanError("unavailable", "Redis closed the connection.")));
  }

  /**
   * Connects and signs in.
   * @throws HinobanError "unavailable" when nobody answers, "wrong-credentials" for a wrong, missing or needless password, "timeout"
   */
  static async connect(target: RedisTarget, password: Secret | undefined, clock: Clock): Promise<RedisClient> {
    const place = target.socket ?? `${target.host}:${target.port}`;
    const socket = await openSocket(target, place);
    const client = new RedisClient(socket);
    const deadline = clock.after("agent.redis", target.within, () => {
      client.#fail(new HinobanError("timeout", `Redis at ${place} did not answer within ${target.within / 1000} s.`));
    });
    socket.once("close", () => deadline.cancel());
    try {
      await new Promise<void>((resolve, reject) => {
        client.#waiting.push({ settle: () => resolve(), fail: reject });
        socket.once(target.tls ? "secureConnect" : "connect", () => client.#waiting.shift()?.settle(undefined));
      });
      if (password) await client.#signIn(target.user, password);
      return client;
    } catch (error) {
      client.close();
      if (error instanceof HinobanError) throw error;
      throw new HinobanError("unavailable", connectTrouble(place, error), { place }, { cause: error });
    }
  }

  /** Sends a command. A refusal is an answer, too. @throws HinobanError when the connection breaks or its time is over */
  send(...words: readonly string[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#broken) {
        reject(this.#broken);
        return;
      }
      this.#waiting.push({ settle: resolve, fail: reject });
      this.#socket.write(encodeCommand(words));
    });
  }

  close(): void {
    this.#fail(new HinobanError("unavailable", "The connection to Redis was closed."));
  }

  async #signIn(user: string | undefined, password: Secret): Promise<void> {
    const reply = await this.send("AUTH", ...(user === undefined ? [] : [user]), password.reveal());
    if (!(reply instanceof RedisRefusal)) return;
    const why = reply.code === "WRONGPASS" || /invalid password/u.test(reply.text) ? "The user or password is wrong" : reply.text;
    throw new HinobanError("wrong-credentials", `Redis refused to sign in: ${why}.`);
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    this.#socket.destroy();
    for (const { fail } of this.#waiting.splice(0)) fail(this.#broken);
  }
}

/** `node:tls` costs memory and is loaded only when it is needed. */
async function openSocket({ host, port, socket, tls }: RedisTarget, place: string): Promise<net.Socket> {
  const where = socket === undefined ? { host, port } : { path: socket };
  if (!tls) return net.connect(where);
  const { connect } = await import("node:tls");
  const name = net.isIP(host) === 0 ? { servername: host } : {};
  try {
    return connect({ ...where, ...name, rejectUnauthorized: tls.verify, ...(tls.ca === undefined ? {} : { ca: tls.ca }) });
  } catch (cause) {
    throw new HinobanError("unavailable", `TLS to ${place} cannot begin; is ca_file a PEM file?`, { place }, { cause });
  }
}
