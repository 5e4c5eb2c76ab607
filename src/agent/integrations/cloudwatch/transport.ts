import http, { type IncomingMessage } from "node:http";
import type { Clock } from "#base/clock";
import type { Millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";

/** A request to AWS or to the metadata service. */
export interface CloudRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly within: Millis;
}

export interface CloudReply {
  readonly status: number;
  readonly text: string;
}

/** Sends one request. @throws HinobanError "unavailable", "timeout", or "too-large" for a reply over 4 MiB */
export type Send = (request: CloudRequest, signal: AbortSignal) => Promise<CloudReply>;

const longestReply = 4 * 1024 * 1024;

/** {@link Send} over the network. `node:https` costs some MB of memory and is loaded only when it is needed. */
export function networkSend(clock: Clock): Send {
  return async ({ method, url, headers, body, within }, signal) => {
    const { request } = url.protocol === "http:" ? http : await import("node:https");
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers: { ...headers, connection: "close" }, agent: false }, (reply) =>
        read(reply, settle, fail),
      );
      const deadline = clock.after("cloudwatch.request", within, () => {
        fail(new HinobanError("timeout", `${url.host} did not answer within ${within / 1000} s.`));
      });
      const stop = (): void => fail(new HinobanError("timeout", `${url.host} did not answer in time.`));
      const end = (): void => {
        deadline.cancel();
        signal.removeEventListener("abort", stop);
      };
      const settle = (reply: CloudReply): void => {
        end();
        resolve(reply);
      };
      const fail = (error: Error): void => {
        end();
        reject(error);
        outgoing.destroy();
      };
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
      outgoing.on("error", (cause) => fail(new HinobanError("unavailable", `Cannot reach ${url.host}: ${sayWhy(cause)}`, {}, { cause })));
      outgoing.end(body);
    });
  };
}

function read(reply: IncomingMessage, settle: (reply: CloudReply) => void, fail: (error: Error) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  reply.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= longestReply) chunks.push(chunk);
    else fail(new HinobanError("too-large", "The answer is longer than 4 MiB."));
  });
  reply.on("end", () => settle({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }));
  reply.on("close", () => {
    if (!reply.complete) fail(new HinobanError("unavailable", "The answer broke off."));
  });
  reply.on("error", (cause) => fail(new HinobanError("unavailable", "The answer broke off.", {}, { cause })));
}

/** Node reports a host with several addresses as an AggregateError with an empty message. */
const sayWhy = (cause: NodeJS.ErrnoException): string => messageOf(cause) || cause.code || "connection failed";
