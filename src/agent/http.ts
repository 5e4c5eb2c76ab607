import http, { type Agent, type IncomingMessage } from "node:http";
import type { Clock } from "#base/clock";
import { seconds, type Millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { Secret } from "#base/secret";

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

/** How the server is reached. */
export interface HttpRoute {
  /** The address of an HTTP proxy, which may hold a user and password. */
  readonly proxy?: Secret | undefined;
  /** False: a fresh connection for each request. */
  readonly keepsAlive?: boolean;
}

/**
 * Opens a client for `server`. `node:https` costs some MB of memory and is loaded only when it is needed.
 * @param ca PEM text of the authority that signed the server's certificate
 */
export async function openHttpClient(
  server: URL,
  clock: Clock,
  ca: string | undefined,
  { proxy, keepsAlive = true }: HttpRoute = {},
): Promise<HttpClient> {
  const kept = { keepAlive: keepsAlive, maxSockets: 2, maxFreeSockets: 1, scheduling: "lifo" } as const;
  const through = proxy === undefined ? undefined : new URL(proxy.reveal());
  if (server.protocol === "http:") return new NodeHttpClient(server, clock, new http.Agent(kept), http.request, through);
  const https = await import("node:https");
  const options = { ...kept, maxCachedSessions: 1, ...(ca === undefined ? {} : { ca }) };
  const agent = through
    ? new (await import("./tunnel.ts")).TunnelAgent({ server, proxy: through, credentials: proxyCredentials(through) }, options)
    : new https.Agent(options);
  return new NodeHttpClient(server, clock, agent, https.request);
}

type Requester = (options: http.RequestOptions, onReply: (reply: IncomingMessage) => void) => http.ClientRequest;

class NodeHttpClient implements HttpClient {
  readonly #server: URL;
  readonly #clock: Clock;
  readonly #agent: Agent;
  readonly #request: Requester;
  readonly #proxy: URL | undefined;

  /** @param proxy for plain HTTP: it gets the whole address of what is asked for */
  constructor(server: URL, clock: Clock, agent: Agent, request: Requester, proxy?: URL) {
    this.#proxy = proxy;
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
      const { origin } = this.#server;
      const { hostname, port } = this.#proxy ?? this.#server;
      const proxied = this.#proxy ? { host: this.#server.host, ...proxyCredentials(this.#proxy) } : {};
      const outgoing = this.#request(
        {
          agent: this.#agent,
          hostname: hostname.replace(/^\[|\]$/gu, ""),
          port,
          method,
          path: this.#proxy ? origin + path : path,
          headers: {
            ...headers,
            ...proxied,
            ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
          },
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

/** What a proxy with a password asks for. */
export function proxyCredentials({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
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
