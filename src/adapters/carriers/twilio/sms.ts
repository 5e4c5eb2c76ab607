import { HinobanError } from "#base/errors";
import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { HookRequest } from "#ports/phone/hooks";
import type { SmsHandedOver, SmsMessage, SmsNews, SmsSecrets, SmsSender, SmsSettings } from "#ports/sms/port";
import type { Created } from "../carrier-api.ts";
import { created } from "../created.ts";
import { TwilioAccount, type Form } from "./account.ts";
import { asTwilio } from "./errors.ts";
import { twilioForm } from "./hooks.ts";

const goneStates: ReadonlySet<string> = new Set(["undelivered", "failed", "canceled"]);

/** Short messages by Twilio's resource `Messages` (https://www.twilio.com/docs/messaging/api/message-resource). */
export class TwilioSms implements SmsSender {
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  async send({ to, text, callbackUrl }: SmsMessage, settings: SmsSettings, secrets: SmsSecrets): Promise<SmsHandedOver> {
    const { accountSid = "", baseUrl = "", from } = settings;
    const account = new TwilioAccount({ http: this.#http, accountSid, authToken: secrets.authToken ?? "", baseUrl });
    const form: Form = [
      ["To", to],
      [from.startsWith("MG") ? "MessagingServiceSid" : "From", from],
      ["Body", text],
      ...(callbackUrl === undefined ? [] : [["StatusCallback", callbackUrl] as const]),
    ];
    return handedOver(await created(() => account.ask("POST", "/Messages.json", form), asTwilio));
  }

  read(request: HookRequest, _settings: SmsSettings, secrets: SmsSecrets): SmsNews {
    const form = twilioForm(request, secrets);
    const id = form["MessageSid"] ?? form["SmsSid"] ?? "";
    const state = form["MessageStatus"] ?? form["SmsStatus"] ?? "";
    if (id === "" || state === "") throw new HinobanError("bad-request", "The request names no message.");
    if (state === "delivered" || state === "read") return { id, state: "delivered" };
    if (!goneStates.has(state)) return { id, state: "sent" };
    const code = /^\d{1,6}$/u.test(form["ErrorCode"] ?? "") ? ` (${form["ErrorCode"]})` : "";
    return { id, state: "failed", problem: `Twilio: ${state}${code}` };
  }
}

function handedOver(result: Created): SmsHandedOver {
  switch (result.kind) {
    case "created":
      return { kind: "sent", id: result.id };
    case "later": {
      const problem = "Twilio was asked too often.";
      return { kind: "failed", problem, isForGood: false, blame: "sender", retryAfterSeconds: result.after / 1000 };
    }
    // A second message tells the same once more; none tells nothing.
    case "not-sent":
    case "unknown":
      return { kind: "failed", problem: result.problem, isForGood: false, blame: "sender" };
    case "refused": {
      const { cause, problem = "" } = result.end;
      return { kind: "failed", problem, isForGood: true, blame: cause === "wrong-number" ? "number" : "sender" };
    }
  }
}
