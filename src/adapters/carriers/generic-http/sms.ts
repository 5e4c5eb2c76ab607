import type { Clock } from "#base/clock";
import { HinobanError, messageOf } from "#base/errors";
import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import type { HookRequest } from "#ports/phone/hooks";
import type { SmsHandedOver, SmsMessage, SmsNews, SmsSecrets, SmsSender, SmsSettings } from "#ports/sms/port";
import { jsonOf, quote, retryAfterOf, textOf } from "../answers.ts";
import { HttpAccount, problemOf } from "./account.ts";
import { signedJson } from "./hooks.ts";

/** Short messages by a service that somebody wrote to our rules. */
export class HttpSms implements SmsSender {
  readonly #http: OutgoingHttp;
  readonly #clock: Clock;

  constructor(http: OutgoingHttp, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
  }

  async send({ to, text, key, callbackUrl }: SmsMessage, { from, url = "" }: SmsSettings, secrets: SmsSecrets): Promise<SmsHandedOver> {
    const account = new HttpAccount({ http: this.#http, clock: this.#clock, url, signingKey: secrets.signingKey ?? "" });
    const body = { version: 1, ref: key, to, from, text, callbackUrl: callbackUrl ?? null };
    let answer: OutgoingResponse;
    try {
      answer = await account.ask("POST", "", body, `sms-${key}`);
    } catch (error) {
      const isForGood = error instanceof HinobanError && error.code === "invalid-input";
      return { kind: "failed", problem: messageOf(error), isForGood, blame: "sender" };
    }
    return handedOver(answer);
  }

  read(request: HookRequest, _settings: SmsSettings, secrets: SmsSecrets): SmsNews {
    const body = signedJson(request, secrets.signingKey);
    const id = textOf(body, "id");
    const state = textOf(body, "state");
    if (id === "") throw new HinobanError("bad-request", "id: must name the message");
    if (state !== "sent" && state !== "delivered" && state !== "failed")
      throw new HinobanError("bad-request", "state: must be sent, delivered or failed");
    const problem = quote(textOf(body, "problem"));
    return { id, state, ...(problem === "" ? {} : { problem }) };
  }
}

function handedOver(answer: OutgoingResponse): SmsHandedOver {
  const body = jsonOf(answer.text);
  if (answer.status >= 200 && answer.status < 300) return { kind: "sent", id: textOf(body, "id") };
  const isForGood = answer.status < 500 && ![408, 425, 429].includes(answer.status);
  const retryAfter = retryAfterOf(answer);
  return {
    kind: "failed",
    problem: problemOf(answer),
    isForGood,
    blame: isForGood && textOf(body, "field") === "to" ? "number" : "sender",
    ...(retryAfter === undefined || isForGood ? {} : { retryAfterSeconds: retryAfter / 1000 }),
  };
}
