import { seconds } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import type { LineHealth } from "#ports/phone/port";
import { below, jsonOf, quote, textOf } from "../answers.ts";

const twilioApi = "https://api.twilio.com";
const studioApi = "https://studio.twilio.com";

interface TwilioAccountOptions {
  readonly http: OutgoingHttp;
  readonly accountSid: string;
  readonly authToken: string;
  /** Of a compatible provider; Twilio's own when empty. */
  readonly baseUrl: string;
}

export type Form = readonly (readonly [string, string])[];

/** An account at Twilio, or at whoever speaks like it: requests with its SID and token. */
export class TwilioAccount {
  readonly #http: OutgoingHttp;
  readonly #accountSid: string;
  readonly #authorization: string;
  readonly #base: string;
  readonly #studio: string;

  constructor({ http, accountSid, authToken, baseUrl }: TwilioAccountOptions) {
    this.#http = http;
    this.#accountSid = accountSid;
    this.#authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`, "utf8").toString("base64")}`;
    this.#base = baseUrl === "" ? twilioApi : baseUrl;
    this.#studio = baseUrl === "" || baseUrl === twilioApi ? studioApi : baseUrl;
  }

  /** A path below the account, such as `/Calls.json`. */
  ask(method: "GET" | "POST", path: string, form?: Form): Promise<OutgoingResponse> {
    return this.#send(method, below(this.#base, `/2010-04-01/Accounts/${encodeURIComponent(this.#accountSid)}${path}`), form);
  }

  /** A path of Studio's interface, such as `/v2/Flows/…`. */
  askStudio(method: "GET" | "POST", path: string, form?: Form): Promise<OutgoingResponse> {
    return this.#send(method, below(this.#studio, path), form);
  }

  #send(method: "GET" | "POST", url: string, form?: Form): Promise<OutgoingResponse> {
    return this.#http.send({
      method,
      url,
      headers: {
        authorization: this.#authorization,
        accept: "application/json",
        ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      },
      ...(form ? { body: new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])).toString() } : {}),
      timeout: seconds(10),
      connectTimeout: seconds(5),
      mostBytes: 1024 * 1024,
    });
  }

  /**
   * Ends a call. `canceled` is for calls that nobody answered, and does nothing to one that was answered, perhaps in this very moment: that
   * is `completed` (https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource).
   */
  async hangUp(sid: string): Promise<void> {
    const path = `/Calls/${encodeURIComponent(sid)}.json`;
    const cancelled = await this.ask("POST", path, [["Status", "canceled"]]);
    if (cancelled.status !== 400 && textOf(bodyOf(cancelled), "status") !== "in-progress") return;
    bodyOf(await this.ask("POST", path, [["Status", "completed"]]));
  }

  /** Whether the account exists, knows the token and is not suspended. */
  async health(): Promise<LineHealth> {
    try {
      const answer = await this.ask("GET", ".json");
      if (answer.status === 401 || answer.status === 403)
        return { state: "failed", problem: "Twilio refuses the account SID or the auth token." };
      if (answer.status === 404) return { state: "failed", problem: "Twilio does not know the account SID." };
      if (answer.status !== 200) return { state: "failed", problem: problemOf(answer) };
      const status = textOf(jsonOf(answer.text), "status");
      return status === "active" ? { state: "ready" } : { state: "failed", problem: `The account at Twilio is ${status || "unknown"}.` };
    } catch (error) {
      return { state: "failed", problem: messageOf(error) };
    }
  }
}

/** What Twilio says about a request that it did not take. */
export function problemOf(answer: OutgoingResponse): string {
  const message = quote(textOf(jsonOf(answer.text), "message"));
  return `Twilio: ${message === "" ? `HTTP ${answer.status}` : message}`;
}

/** The body of an answer. @throws HinobanError "unavailable" for a status outside 2xx */
export function bodyOf(answer: OutgoingResponse): Readonly<Record<string, unknown>> {
  if (answer.status >= 200 && answer.status < 300) return jsonOf(answer.text);
  throw new HinobanError("unavailable", problemOf(answer), { status: answer.status });
}

/** The number of the error; 0 when there is none. */
export const codeOf = (answer: OutgoingResponse): number => Number(textOf(jsonOf(answer.text), "code")) || 0;
