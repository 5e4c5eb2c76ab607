import http from "node:http";
import { minutes, seconds, type Millis } from "#base/duration";
import { messageOf, type ErrorCode } from "#base/errors";
import type { Clock } from "#base/clock";
import type { Secret } from "#base/secret";
import { version } from "#base/version";
import { CliFailure, exitCodes, plain, type ExitCode } from "./text.ts";

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Query parameters; a list is a repeated key, undefined is left out. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface ApiSettings {
  readonly base: URL;
  readonly key: Secret;
  readonly clock: Clock;
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
      if (isReply(outcome) && outcome.status < 400) return outcome;
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
    const { base, key, clock } = this.#settings;
    const isSecure = base.protocol === "https:";
    const { request, Agent } = isSecure ? await import("node:https") : http;
    this.#agent ??= new Agent({ keepAlive: true, maxSockets: 8 });
    const headers = {
      "x-api-key": key.reveal(),
      "user-agent": `hinoban-cli/${version}`,
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, base), { method, headers, agent: this.#agent }, (incoming) => {
        read(incoming)
          .then(resolve, reject)
          .finally(() => deadline.cancel());
      });
      const deadline = clock.after("cli.call", longestCall, () => outgoing.destroy(new Error(`no answer within ${longestCall / 1000} s`)));
      outgoing.on("error", (error) => {
        deadline.cancel();
        reject(error);
      });
      outgoing.end(body);
    });
  }
}

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

function refusal(method: Method, path: string, { status, text }: Reply): ApiFailure {
  const [place = path] = path.split("?");
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
