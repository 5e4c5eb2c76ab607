import { lookup, type LookupAddress } from "node:dns";
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Clock } from "#base/clock";
import { HinobanError, messageOf } from "#base/errors";
import { AddressRules, deniedNetworks } from "#base/ip-networks";
import type { Page, PageReader, PageRequest } from "#ports/page-reader/port";

const mostHeaderBytes = 16 * 1024;

/**
 * Reads pages with Node's own client. The address is judged when the connection is made, after the name was looked up: a name that leads
 * somewhere else the second time gains nothing.
 */
export class NodePageReader implements PageReader {
  readonly #clock: Clock;
  readonly #rules: AddressRules;

  constructor(clock: Clock, rules = new AddressRules({ denied: deniedNetworks })) {
    this.#clock = clock;
    this.#rules = rules;
  }

  async read(request: PageRequest): Promise<Page> {
    const url = this.#urlOf(request.url);
    return new Promise((resolve, reject) => {
      const ask = url.protocol === "https:" ? https.request : http.request;
      const outgoing = ask(url, {
        method: "GET",
        agent: false,
        headers: { "accept-encoding": "gzip", "user-agent": "hinoban", ...request.headers, connection: "close" },
        lookup: this.#lookup,
        maxHeaderSize: mostHeaderBytes,
        ...(url.protocol === "https:" ? { rejectUnauthorized: request.verifiesTls } : {}),
      });
      const fail = (error: HinobanError): void => {
        reject(error);
        outgoing.destroy();
      };
      const late = new HinobanError("timeout", `No answer within ${request.timeout / 1000} s.`);
      const deadline = this.#clock.after("page-reader.timeout", request.timeout, () => fail(late));
      outgoing.on("close", () => deadline.cancel());
      outgoing.on("error", (error: Error) => fail(asUnavailable(error, url)));
      outgoing.on("response", (incoming) => {
        collect(incoming, request.mostBytes).then(
          (text) => resolve({ status: incoming.statusCode ?? 0, contentType: incoming.headers["content-type"] ?? "", text }),
          (error: unknown) => fail(error instanceof HinobanError ? error : asUnavailable(error, url)),
        );
      });
      outgoing.end();
    });
  }

  #urlOf(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
      throw new HinobanError("invalid-input", "The address must be a URL that begins with http:// or https://.");
    }
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

const denied = (address: string): HinobanError =>
  new HinobanError("invalid-input", `Requests to the address ${address} are not allowed.`, { address });

function asUnavailable(error: unknown, url: URL): HinobanError {
  if (error instanceof HinobanError) return error;
  return new HinobanError("unavailable", `${url.host} cannot be reached: ${messageOf(error)}`, { host: url.host }, { cause: error });
}

async function collect(incoming: http.IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Neither stream has an encoding set: they give Buffers.
  for await (const chunk of inflated(incoming) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new HinobanError("too-large", `The page has more than ${mostBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The body as it was before it was compressed. Inflating goes on only as fast as somebody reads, so a bomb never unfolds. */
function inflated(incoming: http.IncomingMessage): AsyncIterable<unknown> {
  const inflaters = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress } as const;
  const encoding = incoming.headers["content-encoding"] ?? "";
  if (encoding === "" || encoding === "identity") return incoming;
  if (!(encoding in inflaters)) throw new HinobanError("unavailable", `The page is encoded in a way that is unknown here: ${encoding}.`);
  const inflater = inflaters[encoding as keyof typeof inflaters](); // it is one of the keys
  incoming.on("error", (error) => inflater.destroy(error));
  return incoming.pipe(inflater);
}
