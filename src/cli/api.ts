import http from "node:http";
import type { Duplex } from "node:stream";
import { minutes, seconds, type Millis } from "#base/duration";
import { messageOf, type ErrorCode } from "#base/errors";
import type { Clock } from "#base/clock";
import type { Secret } from "#base/secret";
import { version } from "#base/version";
import { proxyFor, proxyHeaders, tunnel, type Proxies } from "./proxy.ts";
import { CliFailure, exitCodes, plain, type ExitCode } from "./text.ts";

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Query parameters; a list is a repeated key, undefined is left out. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface ApiSettings {
  readonly base: URL;
  readonly key: Secret;
  readonly clock: Clock;
  readonly proxies: Proxies;
  /** PEM text of the authority that signed the server's certificate, besides those that Node knows. */
  readonly ca?: string | undefined;
  /** How often a call is tried again after 429, 5xx and network failures; 0 = not at all. */
  readonly retries?: number;
  /** Told before each wait. */
  readonly onWait?: (why: string, wait: Millis) => void;
}

interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

const longestCall = seconds(60);
const mostBytes = 256 * 1024 * 1024;
const firstWait = seconds(1);
const longestWait = minutes(2);

/** The server refused a call, or could not be reached. */
export class ApiFailure extends CliFailure {
  /** HTTP status; 0 when there was no answer. */
  readonly answered: number;

  constructor(answered: number, message: string, options?: { cause?: unknown }) {
    super(plain(message), exitFor(answered), codeFor(answered), options);
    this.answered = answered;
  }
}

const exitFor = (status: number): ExitCode =>
  status === 0 || status >= 500 ? exitCodes.unreachable : status === 401 || status === 403 ? exitCodes.refused : exitCodes.failed;

const codes: Readonly<Record<number, ErrorCode>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not-found",
  409: "conflict",
  410: "gone",
  413: "too-large",
  429: "too-many-requests",
};
const codeFor = (status: number): ErrorCode => codes[status] ?? (status === 0 || status >= 500 ? "unavailable" : "bad-request");

/** The public API of one server: Mackerel's v0 and the own v1, over one kept connection. */
export class Api {
  readonly base: URL;
  readonly #settings: ApiSettings;
  #agent: http.Agent | undefined;

  constructor(settings: ApiSettings) {
    this.base = settings.base;
    this.#settings = settings;
  }

  /** @throws ApiFailure */
  get(path: string, query: Query = {}): Promise<unknown> {
    return this.call("GET", path, undefined, query);
  }

  /** The answer's text as it came, for documents that must not be respelled. @throws ApiFailure */
  async getText(path: string): Promise<string> {
    return (await this.#tried("GET", path, undefined)).text;
  }

  /** @param body sent as JSON; a string as it is. @throws ApiFailure */
  async call(method: Method, path: string, body?: unknown, query: Query = {}): Promise<unknown> {
    const { text } = await this.#tried(
      method,
      withQuery(path, query),
      typeof body === "string" || body === undefined ? body : JSON.stringify(body),
    );
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new ApiFailure(
        0,
        `${this.base.origin} answered ${method} ${path} with something that is not JSON: is it a Hinoban or Mackerel server?`,
        {
          cause,
        },
      );
    }
  }

  close(): void {
    this.#agent?.destroy();
  }

  async #tried(method: Method, path: string, body: string | undefined): Promise<Reply> {
    const { retries = 0, clock, onWait } = this.#settings;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#once(method, path, body).catch((error: unknown) => error);
      if (isReply(outcome) && outcome.status < 300) return outcome;
      const failure = isReply(outcome)
        ? refusal(method, path, outcome)
        : new ApiFailure(0, `${this.base.origin} cannot be reached: ${messageOf(outcome)}.`, { cause: outcome });
      const isTemporary = failure.answered === 0 || failure.answered === 429 || failure.answered >= 500;
      if (!isTemporary || attempt >= retries) throw failure;
      const wait = waitBefore(attempt, isReply(outcome) ? outcome.headers["retry-after"] : undefined);
      onWait?.(failure.message, wait);
      await clock.sleep("cli.retry", wait);
    }
  }

  async #once(method: Method, path: string, body: string | undefined): Promise<Reply> {
    const { key, clock } = this.#settings;
    const headers = {
      "x-api-key": key.reveal(),
      "user-agent": `hinoban-cli/${version}`,
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    };
    const send = await this.#sender(new URL(path, this.base));
    return new Promise((resolve, reject) => {
      const outgoing = send({ method, headers });
      const deadline = clock.after("cli.call", longestCall, () => outgoing.destroy(new Error(`no answer within ${longestCall / 1000} s`)));
      outgoing.on("response", (incoming) => {
        read(incoming)
          .then(resolve, reject)
          .finally(() => deadline.cancel());
      });
      outgoing.on("error", (error) => {
        deadline.cancel();
        reject(error);
      });
      outgoing.end(body);
    });
  }

  /** The way to an address: over a kept connection, or through a proxy. */
  async #sender(url: URL): Promise<(options: http.RequestOptions) => http.ClientRequest> {
    const { proxies, ca } = this.#settings;
    const proxy = proxyFor(url, proxies);
    if (url.protocol === "http:") {
      this.#agent ??= new http.Agent(kept);
      if (!proxy) return (options) => http.request(url, { ...options, agent: this.#agent });
      const { hostname: host, port } = proxy;
      return ({ method, headers }) =>
        http.request({
          host,
          port,
          path: url.href,
          method,
          headers: { ...headers, host: url.host, ...proxyHeaders(proxy) },
          agent: this.#agent,
        });
    }
    const [https, tls] = await Promise.all([import("node:https"), import("node:tls")]);
    const trusted = ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] };
    if (!proxy) {
      this.#agent ??= new https.Agent({ ...kept, ...trusted });
      return (options) => https.request(url, { ...options, agent: this.#agent });
    }
    const socket = await tunnel(proxy, `${url.hostname}:${url.port === "" ? 443 : url.port}`);
    const createConnection = (): Duplex => tls.connect({ socket, servername: url.hostname, ...trusted });
    return (options) => https.request(url, { ...options, createConnection });
  }
}

const kept = { keepAlive: true, maxSockets: 8 };

const isReply = (outcome: unknown): outcome is Reply =>
  typeof outcome === "object" && outcome !== null && "status" in outcome && "text" in outcome;

async function read(incoming: http.IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > mostBytes) throw new Error(`the answer is larger than ${mostBytes} bytes`);
    chunks.push(bytes);
  }
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(chunks).toString("utf8") };
}

/** Doubling from a second, or what the server asks for. */
function waitBefore(attempt: number, retryAfter: string | undefined): Millis {
  const asked = /^\d{1,4}$/u.test(retryAfter ?? "") ? seconds(Number(retryAfter)) : undefined;
  const doubled = seconds((firstWait / 1000) * 2 ** attempt);
  const wait = asked ?? doubled;
  return wait < longestWait ? wait : longestWait;
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of typeof value === "object" ? value : [String(value)]) search.append(name, one);
  }
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

function refusal(method: Method, path: string, { status, headers, text }: Reply): ApiFailure {
  const [place = path] = path.split("?");
  if (status < 400)
    return new ApiFailure(
      status,
      `The server sends on to ${headers.location ?? "nowhere"}: give the address behind that. (${status}, ${method} ${place})`,
    );
  return new ApiFailure(status, `${sentenceIn(text) ?? `HTTP ${status}`} (${status}, ${method} ${place})`);
}

/** The sentence of Mackerel's error shape, or of problem details. */
function sentenceIn(text: string): string | undefined {
  try {
    const { error, detail, title } = asObject(JSON.parse(text));
    const message = asObject(error)["message"];
    return [message, error, detail, title].find((one) => typeof one === "string" && one !== "")?.toString();
  } catch {
    return undefined; // a proxy's page
  }
}

/** An object's members, or none for anything else. */
export const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};

/** The list that an answer holds under a name, or none. */
export function listIn(answer: unknown, name: string): readonly unknown[] {
  const list = asObject(answer)[name];
  return Array.isArray(list) ? list : [];
}

/** The text that an object holds under a name, or an empty one. */
export function textIn(value: unknown, name: string): string {
  const text = asObject(value)[name];
  return typeof text === "string" ? text : "";
}

/** A path from parts that are encoded: `` v0`hosts/${id}/metadata` ``. */
export const v0 = (strings: TemplateStringsArray, ...parts: readonly string[]): string =>
  `/api/v0/${String.raw({ raw: strings.raw }, ...parts.map((part) => encodeURIComponent(part)))}`;
