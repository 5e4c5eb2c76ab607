import { lookup, type LookupAddress } from "node:dns";
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Clock, Timer } from "#base/clock";
import { millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { AddressRules, deniedNetworks, loopbackNetworks } from "#base/ip-networks";
import type { FailedWhen, OutgoingHttp, OutgoingRequest, OutgoingResponse } from "#ports/outgoing-http/port";

const mostHeaderBytes = 16 * 1024;
const mostRedirects = 3;

/** Where requests of people may not go unless the operator allows it: networks of the own wire, clouds' credentials, and this very machine. */
export const usualRules = (more: { readonly denied?: readonly string[]; readonly allowed?: readonly string[] } = {}): AddressRules =>
  new AddressRules({ denied: [...deniedNetworks, ...loopbackNetworks, ...(more.denied ?? [])], allowed: more.allowed ?? [] });

/**
 * Sends requests with Node's own client. The address is judged when the connection is made, after the name was looked up: a name that leads
 * somewhere else the second time gains nothing.
 */
export class NodeOutgoingHttp implements OutgoingHttp {
  readonly #clock: Clock;
  readonly #rules: AddressRules;

  constructor(clock: Clock, rules = usualRules()) {
    this.#clock = clock;
    this.#rules = rules;
  }

  async send(request: OutgoingRequest): Promise<OutgoingResponse> {
    const ends = this.#clock.mono() + request.timeout;
    let url = this.#urlOf(request.url);
    for (let redirects = 0; ; redirects++) {
      const left = ends - this.#clock.mono();
      const answer = await this.#once(url, request, Math.max(1, left));
      const target = redirectOf(url, answer);
      if (!target) return answer;
      if (redirects >= mostRedirects) throw refusal(`${url.host} redirects again and again.`, "before");
      demandSameHost(url, target, request.method, answer.status);
      url = this.#urlOf(target.href);
    }
  }

  #once(url: URL, request: OutgoingRequest, within: number): Promise<OutgoingResponse> {
    return new Promise((resolve, reject) => {
      const ask = url.protocol === "https:" ? https.request : http.request;
      const body = typeof request.body === "string" ? Buffer.from(request.body, "utf8") : request.body;
      let isConnected = false;
      const timers: Timer[] = [];
      const when = (): FailedWhen => (isConnected ? "after" : "before");
      const outgoing = ask(url, this.#optionsOf(url, request, body));
      const fail = (error: HinobanError): void => {
        for (const timer of timers) timer.cancel();
        reject(error);
        outgoing.destroy();
      };
      const finish = (incoming: http.IncomingMessage, bytes: Buffer): void => {
        for (const timer of timers) timer.cancel();
        resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), bytes, text: bytes.toString("utf8") });
      };
      const late = (what: string, length: number) => (): void =>
        fail(
          new HinobanError("timeout", `${url.host}: ${what} within ${Math.round(length / 100) / 10} s.`, { host: url.host, sent: when() }),
        );
      timers.push(this.#clock.after("outgoing-http.timeout", millis(within), late("no answer", within)));
      const connectWithin = Math.min(within, request.connectTimeout ?? within);
      const connecting = this.#clock.after("outgoing-http.connect", millis(connectWithin), late("no connection", connectWithin));
      timers.push(connecting);
      outgoing.on("socket", (socket) => {
        socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
          isConnected = true;
          connecting.cancel();
        });
      });
      outgoing.on("error", (error: Error) => fail(asUnavailable(error, url, when())));
      outgoing.on("response", (incoming) => {
        collect(incoming, request.mostBytes).then(
          (bytes) => finish(incoming, bytes),
          (error: unknown) => fail(error instanceof HinobanError ? error : asUnavailable(error, url, "after")),
        );
      });
      outgoing.end(body);
    });
  }

  #optionsOf(url: URL, request: OutgoingRequest, body: Uint8Array | undefined): https.RequestOptions {
    return {
      method: request.method,
      agent: false,
      headers: {
        "accept-encoding": "gzip",
        "user-agent": "hinoban",
        ...request.headers,
        ...(body ? { "content-length": String(body.length) } : {}),
        connection: "close",
      },
      lookup: this.#lookup,
      maxHeaderSize: mostHeaderBytes,
      ...(url.protocol === "https:" ? { rejectUnauthorized: request.verifiesTls !== false } : {}),
    };
  }

  #urlOf(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
      throw refusal("The address must be a URL that begins with http:// or https://.", "before");
    }
    if (url.username !== "" || url.password !== "") throw refusal("The address must not carry a user or a password.", "before");
    const host = url.hostname.replace(/^\[|\]$/gu, "");
    // Node asks nobody about an address that is written in digits, so it is judged here.
    if (isIP(host) !== 0 && !this.#rules.allows(host)) throw denied(host);
    return url;
  }

  readonly #lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const refused = addresses?.find(({ address }) => !this.#rules.allows(address));
      const [first] = addresses ?? [];
      if (error) callback(error, "");
      else if (refused) callback(denied(refused.address), "");
      else if (options.all) callback(null, addresses);
      else callback(null, first?.address ?? "", first?.family);
    });
  };
}

const refusal = (sentence: string, sent: FailedWhen, facts: Readonly<Record<string, unknown>> = {}): HinobanError =>
  new HinobanError("invalid-input", sentence, { ...facts, sent });

const denied = (address: string): HinobanError =>
  refusal(`Requests to the address ${address} are not allowed. The setting outgoingAllow names networks that are.`, "before", { address });

function asUnavailable(error: unknown, url: URL, sent: FailedWhen): HinobanError {
  if (error instanceof HinobanError) return error;
  return new HinobanError("unavailable", `${url.host} cannot be reached: ${messageOf(error)}`, { host: url.host, sent }, { cause: error });
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function redirectOf(url: URL, { status, headers }: OutgoingResponse): URL | undefined {
  const location = headers["location"];
  if (!redirects.has(status) || location === undefined || !URL.canParse(location, url.href)) return undefined;
  return new URL(location, url.href);
}

/** Whoever was asked may send us on only within its own house: elsewhere our secrets are none of anybody's business. */
function demandSameHost(from: URL, to: URL, method: OutgoingRequest["method"], status: number): void {
  const isSame = from.host === to.host && from.protocol === to.protocol;
  if (isSame && (method === "GET" || status === 307 || status === 308)) return;
  const where = `${to.protocol}//${to.host}${isSame ? to.pathname : ""}`;
  throw refusal(`${from.host} redirects to ${where}, which is not followed. Enter the address that it leads to.`, "before");
}

function headersOf(incoming: http.IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers[name] = first;
  }
  return headers;
}

async function collect(incoming: http.IncomingMessage, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Neither stream has an encoding set: they give Buffers.
  for await (const chunk of inflated(incoming) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new HinobanError("too-large", `The answer has more than ${mostBytes} bytes.`, { sent: "after" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The body as it was before it was compressed. Inflating goes on only as fast as somebody reads, so a bomb never unfolds. */
function inflated(incoming: http.IncomingMessage): AsyncIterable<unknown> {
  const inflaters = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress } as const;
  const encoding = incoming.headers["content-encoding"] ?? "";
  if (encoding === "" || encoding === "identity" || !(encoding in inflaters)) return incoming;
  const inflater = inflaters[encoding as keyof typeof inflaters](); // it is one of the keys
  incoming.on("error", (error) => inflater.destroy(error));
  return incoming.pipe(inflater);
}
