import http, { type Agent, type IncomingMessage } from "node:http";
import type { Clock } from "#base/clock";
import { seconds, type Millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";

/** A question to the server. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Path and query, from the root of the host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text; absent for GET. */
  readonly body?: string;
  readonly within?: Millis;
  /** False when doing it twice would do more than doing it once. Default: true. */
  readonly isRepeatable?: boolean;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Speaks HTTP to one server over kept connections. */
export interface HttpClient {
  /** @throws HinobanError "unavailable" when the server cannot be reached, "timeout", or "too-large" for a reply over 1 MiB. */
  send(request: HttpRequest): Promise<HttpReply>;
  close(): void;
}

const requestWithin: Millis = seconds(30);
const longestReply = 1024 * 1024;

/** Opens a client for `server`. `node:https` costs some MB of memory and is loaded only when it is needed. */
export async function openHttpClient(server: URL, clock: Clock, ca: string | undefined): Promise<HttpClient> {
  const keptAlive = { keepAlive: true, maxSockets: 2, maxFreeSockets: 1, scheduling: "lifo" } as const;
  if (server.protocol === "http:") return new NodeHttpClient(server, clock, new http.Agent(keptAlive), http.request);
  const https = await import("node:https");
  const agent = new https.Agent({ ...keptAlive, maxCachedSessions: 1, ...(ca === undefined ? {} : { ca }) });
  return new NodeHttpClient(server, clock, agent, https.request);
}

type Requester = (options: http.RequestOptions, onReply: (reply: IncomingMessage) => void) => http.ClientRequest;

class NodeHttpClient implements HttpClient {
  readonly #server: URL;
  readonly #clock: Clock;
  readonly #agent: Agent;
  readonly #request: Requester;

  constructor(server: URL, clock: Clock, agent: Agent, request: Requester) {
    this.#server = server;
    this.#clock = clock;
    this.#agent = agent;
    this.#request = request;
  }

  async send(request: HttpRequest): Promise<HttpReply> {
    try {
      return await this.#once(request);
    } catch (error) {
      // A kept connection that the server closed just now: nothing was answered, and a fresh connection settles it.
      if (!(error instanceof ClosedWhileIdle) || request.isRepeatable === false) throw error;
      return await this.#once(request);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #once({ method, path, headers, body, within = requestWithin }: HttpRequest): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const { hostname, port, origin } = this.#server;
      const outgoing = this.#request(
        {
          agent: this.#agent,
          hostname: hostname.replace(/^\[|\]$/gu, ""),
          port,
          method,
          path,
          headers:
            body === undefined ? headers : { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        },
        (reply) => read(reply, settle, fail),
      );
      const deadline = this.#clock.after("agent.request", within, () => {
        fail(new HinobanError("timeout", `${origin} did not answer within ${within / 1000} s.`));
        outgoing.destroy();
      });
      const settle = (reply: HttpReply): void => {
        deadline.cancel();
        resolve(reply);
      };
      const fail = (error: Error): void => {
        deadline.cancel();
        reject(error);
      };
      outgoing.on("error", (cause: NodeJS.ErrnoException) => {
        const isStale = outgoing.reusedSocket && (cause.code === "ECONNRESET" || cause.code === "EPIPE");
        fail(isStale ? new ClosedWhileIdle() : new HinobanError("unavailable", `Cannot reach ${origin}: ${sayWhy(cause)}`, {}, { cause }));
      });
      outgoing.end(body);
    });
  }
}

class ClosedWhileIdle extends HinobanError {
  constructor() {
    super("unavailable", "The server closed the connection.");
  }
}

function read(reply: IncomingMessage, settle: (reply: HttpReply) => void, fail: (error: Error) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  reply.on("data", (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length <= longestReply) return;
    fail(new HinobanError("too-large", "The server's answer is longer than 1 MiB."));
    reply.destroy();
  });
  reply.on("end", () => settle({ status: reply.statusCode ?? 0, headers: reply.headers, text: Buffer.concat(chunks).toString("utf8") }));
  reply.on("error", (cause) => fail(new HinobanError("unavailable", "The server's answer broke off.", {}, { cause })));
  reply.on("close", () => {
    if (!reply.complete) fail(new HinobanError("unavailable", "The server's answer broke off."));
  });
}

/** Node reports a host with several addresses as an AggregateError with an empty message. */
const sayWhy = (cause: NodeJS.ErrnoException): string => messageOf(cause) || cause.code || "connection failed";
