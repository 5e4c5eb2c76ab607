import { HinobanError } from "#base/errors";
import type { CarrierHooks, HookAnswer, HookEvent, HookRequest, HookSaid } from "#ports/phone/hooks";
import type { Turn } from "#ports/phone/port";
import type { LineSecrets, LineSettings } from "#wire/line-settings";
import { queryNumber, withQuery } from "../answers.ts";
import { endOf } from "./outcome.ts";
import { formOf, isTwilioSigned } from "./signature.ts";
import { hangUpTwiml, twimlOf } from "./twiml.ts";

type Fields = Readonly<Record<string, string>>;

/** The form of a request that Twilio signed. @throws HinobanError "unauthenticated" */
export function twilioForm(
  { url, header, body }: HookRequest,
  tokens: { readonly authToken?: string; readonly previousAuthToken?: string },
): Fields {
  const known = [tokens.authToken, tokens.previousAuthToken].filter((token): token is string => token !== undefined && token !== "");
  const signed = { url, signature: header("x-twilio-signature"), contentType: header("content-type"), body };
  if (!isTwilioSigned(known, signed)) {
    throw new HinobanError(
      "unauthenticated",
      "The request is not signed by this account, or the public address of this server is another.",
    );
  }
  return Object.fromEntries(formOf(body));
}

const states: ReadonlySet<string> = new Set(["queued", "initiated", "in-progress"]);

/** Requests of Twilio about calls: what is asked for is TwiML, what is told is a state. */
export class TwilioHooks implements CarrierHooks {
  readonly hangUp: HookAnswer = xmlAnswer(hangUpTwiml);
  // Twilio logs an empty answer without a content type as an error of its own.
  readonly noted: HookAnswer = { status: 200, type: "text/plain; charset=utf-8", body: "" };

  read(request: HookRequest, { accountSid }: LineSettings, secrets: LineSecrets): HookSaid {
    const form = twilioForm(request, secrets);
    const id = form["CallSid"] ?? "";
    if (id === "") throw new HinobanError("bad-request", "The request names no call.");
    if (form["AccountSid"] !== undefined && accountSid !== undefined && form["AccountSid"] !== accountSid)
      throw new HinobanError("unauthenticated", "The request belongs to another account.");
    if (aboutOf(request.url) === "state") return { id, once: onceOf(form, id), event: stateOf(form) };
    return { id, once: undefined, event: voiceOf(form, request.url) };
  }

  say(turn: Turn, { step, url }: { readonly step: number; readonly url: string }): HookAnswer {
    const urls = { keys: withQuery(url, { about: "keys", step }), silent: withQuery(url, { about: "silent", step }) };
    return xmlAnswer(twimlOf(turn, urls));
  }
}

const xmlAnswer = (body: string): HookAnswer => ({ status: 200, type: "text/xml; charset=utf-8", body });

const aboutOf = (url: string): string => (URL.canParse(url) ? (new URL(url).searchParams.get("about") ?? "") : "");

/** Callbacks are counted per call; one that comes again is a replay. */
const onceOf = (form: Fields, id: string): string =>
  `${id}:${form["SequenceNumber"] ?? ""}:${form["SequenceNumber"] === undefined ? (form["CallStatus"] ?? "") : ""}`;

function stateOf(form: Fields): HookEvent {
  const status = form["CallStatus"] ?? "";
  const sipCode = form["SipResponseCode"];
  const end = endOf({ status, duration: form["CallDuration"] ?? "", ...(sipCode === undefined ? {} : { sipCode }) });
  if (end) return { kind: "ended", end };
  if (status === "ringing") return { kind: "ringing" };
  if (states.has(status)) return { kind: "news" };
  throw new HinobanError("bad-request", "The request names a state that no call has.");
}

function voiceOf(form: Fields, url: string): HookEvent {
  const step = queryNumber(url, "step", 0);
  const about = aboutOf(url);
  if (about === "") return { kind: "answered" };
  const digits = form["Digits"] ?? "";
  if (about === "keys" && /^[0-9*#]{1,20}$/u.test(digits)) return { kind: "keys", step, digits };
  return { kind: "silent", step };
}
