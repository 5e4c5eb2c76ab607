import type { Clock } from "#base/clock";
import { seconds } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import type { LineHealth } from "#ports/phone/port";
import { jsonOf, quote, textOf } from "../answers.ts";
import { signBody } from "../signed-body.ts";

interface HttpAccountOptions {
  readonly http: OutgoingHttp;
  readonly clock: Clock;
  /** Where calls or messages are posted. */
  readonly url: string;
  readonly signingKey: string;
}

/** Somebody's own service: every request is signed; one without a body over its method and address. */
export class HttpAccount {
  readonly #options: HttpAccountOptions;

  constructor(options: HttpAccountOptions) {
    this.#options = options;
  }

  /** @param path below the address; may begin with `?` */
  ask(method: "GET" | "POST" | "DELETE", path: string, body?: object, idempotencyKey?: string): Promise<OutgoingResponse> {
    const { http, clock, url, signingKey } = this.#options;
    const target = `${path.startsWith("?") ? url : url.replace(/\/+$/u, "")}${path}`;
    const text = body ? JSON.stringify(body) : "";
    return http.send({
      method,
      url: target,
      headers: {
        accept: "application/json",
        "x-hinoban-signature": signBody(signingKey, clock.now(), body ? text : `${method} ${target}`),
        ...(body ? { "content-type": "application/json; charset=utf-8" } : {}),
        ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
      },
      ...(body ? { body: text } : {}),
      timeout: seconds(10),
      connectTimeout: seconds(5),
      mostBytes: 256 * 1024,
    });
  }

  /** Any answer in the two hundreds to GET is good health. */
  async health(): Promise<LineHealth> {
    try {
      const answer = await this.ask("GET", "");
      if (answer.status >= 200 && answer.status < 300) return { state: "ready" };
      const isKey = answer.status === 401 || answer.status === 403;
      return { state: "failed", problem: isKey ? "The service refuses the signing key." : problemOf(answer) };
    } catch (error) {
      return { state: "failed", problem: messageOf(error) };
    }
  }
}

/** What the service says about a request that it did not take. */
export function problemOf(answer: OutgoingResponse): string {
  const body = jsonOf(answer.text);
  const said = quote(textOf(body, "problem") || textOf(body, "detail") || textOf(body, "message"));
  return said === "" ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${said}`;
}

/** The body of an answer. @throws HinobanError "unavailable" for a status outside 2xx */
export function bodyOf(answer: OutgoingResponse): Readonly<Record<string, unknown>> {
  if (answer.status >= 200 && answer.status < 300) return jsonOf(answer.text);
  throw new HinobanError("unavailable", problemOf(answer), { status: answer.status });
}
