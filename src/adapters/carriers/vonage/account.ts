import { randomUUID, type KeyObject } from "node:crypto";
import type { Clock } from "#base/clock";
import { seconds, toSeconds } from "#base/duration";
import { messageOf } from "#base/errors";
import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import type { LineHealth } from "#ports/phone/port";
import { below, jsonOf, quote, textOf } from "../answers.ts";
import { jwtRs256, rsaKey } from "../jwt.ts";

const vonageApi = "https://api.nexmo.com";
const tokenFor = seconds(300);

interface VonageAccountOptions {
  readonly http: OutgoingHttp;
  readonly clock: Clock;
  readonly applicationId: string;
  /** PEM. */
  readonly privateKey: string;
  /** Vonage's own when empty. */
  readonly baseUrl: string;
}

/** An application at Vonage: every request carries a token of its own, signed with the application's key. */
export class VonageAccount {
  readonly #options: VonageAccountOptions;
  #key: KeyObject | undefined;

  constructor(options: VonageAccountOptions) {
    this.#options = options;
  }

  /** @throws HinobanError "invalid-input" when the key is none, and what sending throws */
  async ask(method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<OutgoingResponse> {
    const { http, baseUrl } = this.#options;
    return http.send({
      method,
      url: below(baseUrl === "" ? vonageApi : baseUrl, path),
      headers: {
        authorization: `Bearer ${this.#token()}`,
        accept: "application/json",
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      timeout: seconds(10),
      connectTimeout: seconds(5),
      mostBytes: 1024 * 1024,
    });
  }

  /** https://developer.vonage.com/en/getting-started/concepts/authentication#json-web-tokens */
  #token(): string {
    const { clock, applicationId, privateKey } = this.#options;
    this.#key ??= rsaKey(privateKey);
    const at = toSeconds(clock.now());
    return jwtRs256(this.#key, { application_id: applicationId, iat: at, nbf: at - 30, exp: at + tokenFor / 1000, jti: randomUUID() });
  }

  async health(): Promise<LineHealth> {
    try {
      const answer = await this.ask("GET", "/v1/calls?page_size=1");
      if (answer.status === 200) return { state: "ready" };
      if (answer.status === 401) return { state: "failed", problem: "Vonage refuses the application's id or its private key." };
      return { state: "failed", problem: problemOf(answer) };
    } catch (error) {
      return { state: "failed", problem: messageOf(error) };
    }
  }
}

/** What Vonage says about a request that it did not take (RFC 9457, or an older form). */
export function problemOf(answer: OutgoingResponse): string {
  const body = jsonOf(answer.text);
  const said = quote(textOf(body, "detail") || textOf(body, "error_title") || textOf(body, "title"));
  return `Vonage: ${said === "" ? `HTTP ${answer.status}` : said}`;
}
