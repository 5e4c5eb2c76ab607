import http from "node:http";
import type { AddressInfo } from "node:net";

/** One request as it came. */
export interface Call {
  readonly method: string;
  /** Without what stands behind the question mark. */
  readonly path: string;
  /** What stands behind it, or nothing. */
  readonly query: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** The same as it came. */
  readonly bytes: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | object;
}

export const json = (body: object, status = 200): Reply => ({ status, body });

/** What a real service does when it is asked too often. */
export const tooMany = (retryAfter: number, body: string | object = ""): Reply => ({
  status: 429,
  headers: { "retry-after": String(retryAfter) },
  body,
});

/** A service on a port of its own. What a test puts in `next` is answered first, once each, whatever is asked. */
export abstract class HttpFake {
  readonly calls: Call[] = [];
  /** Answers that come before the usual ones; "drop" cuts the connection after the request was read, "hang" never answers. */
  readonly next: (Reply | "drop" | "hang")[] = [];
  readonly #server: http.Server;

  protected constructor() {
    this.#server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const call = {
          method: request.method ?? "",
          path: (request.url ?? "").split("?")[0] ?? "",
          query: (request.url ?? "").split("?")[1] ?? "",
          headers: request.headers,
          body: Buffer.concat(chunks).toString("utf8"),
          bytes: Buffer.concat(chunks),
        };
        this.calls.push(call);
        const forced = this.next.shift();
        if (forced === "hang") return;
        if (forced === "drop") return void request.socket.destroy();
        void this.#reply(forced ?? this.answer(call), request, response);
      });
    });
  }

  async #reply(
    given: Reply | "drop" | Promise<Reply | "drop">,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const reply = await given;
    if (reply === "drop") request.socket.destroy();
    else write(response, reply);
  }

  /** "drop": it was done, but the answer is lost. */
  protected abstract answer(call: Call): Reply | "drop" | Promise<Reply | "drop">;

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  clear(): void {
    this.calls.length = 0;
    this.next.length = 0;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function write(response: http.ServerResponse, { status, headers = {}, body = "" }: Reply): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
  response.writeHead(status, { "content-type": type, ...headers }).end(text);
}

/** A body as JSON; undefined for what is none. */
export function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
