import { createHash } from "node:crypto";
import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { CarrierHooks, HookAnswer, HookEvent, HookRequest, HookSaid } from "#ports/phone/hooks";
import type { Turn } from "#ports/phone/port";
import type { LineSecrets, LineSettings } from "#wire/line-settings";
import { jsonOf, memberOf, queryNumber, textOf, withQuery } from "../answers.ts";
import { claimsOfHs256 } from "../jwt.ts";
import { isSame } from "../signed-body.ts";
import { nccoOf } from "./ncco.ts";
import { endOf } from "./outcome.ts";

/** How far the time of a signed request may be from ours. */
const signedWithin = minutes(5);

const stateNames: ReadonlySet<string> = new Set(["started", "answered", "machine", "human", "disconnected", "transfer", "record", "input"]);

/**
 * Requests of Vonage about calls: signed with a token that holds the digest of the body
 * (https://developer.vonage.com/en/getting-started/concepts/webhooks#validating-signed-webhooks).
 */
export class VonageHooks implements CarrierHooks {
  readonly hangUp: HookAnswer = jsonAnswer([]);
  readonly noted: HookAnswer = { status: 204, type: "application/json", body: "" };

  read(request: HookRequest, { applicationId }: LineSettings, { signatureSecret = "" }: LineSecrets): HookSaid {
    const jti = demandSigned(request, signatureSecret, applicationId);
    const body = jsonOf(Buffer.from(request.body).toString("utf8"));
    const id = textOf(body, "uuid") || textOf(body, "call_uuid");
    if (id === "") throw new HinobanError("bad-request", "The request names no call.");
    // What Vonage asks is answered the same again by its step; only what it tells is told once.
    const event = eventOf(body, request.url);
    const isQuestion = event.kind === "answered" || event.kind === "keys" || event.kind === "silent";
    return { id, once: isQuestion ? undefined : jti, event };
  }

  say(turn: Turn, { step, url }: { readonly step: number; readonly url: string }): HookAnswer {
    return jsonAnswer(nccoOf(turn, withQuery(url, { about: "keys", step })));
  }
}

const jsonAnswer = (body: object): HookAnswer => ({ status: 200, type: "application/json; charset=utf-8", body: JSON.stringify(body) });

/** @returns the id of the token, which never comes twice */
function demandSigned({ header, body, at }: HookRequest, secret: string, applicationId: string | undefined): string {
  if (secret === "") throw new HinobanError("unauthenticated", "The line has no signature secret.");
  const token = /^Bearer\s+(\S+)$/iu.exec(header("authorization"))?.[1];
  if (token === undefined) throw new HinobanError("unauthenticated", "The request carries no signed token. Switch on signed webhooks.");
  const claims = claimsOfHs256(token, secret);
  const digest = createHash("sha256").update(body).digest("hex");
  if (!isSame(textOf(claims, "payload_hash").toLowerCase(), digest)) {
    throw new HinobanError("unauthenticated", "The token was made for another request.");
  }
  const issued = Number(textOf(claims, "iat")) * 1000;
  if (!(Math.abs(at - issued) <= signedWithin)) {
    throw new HinobanError("unauthenticated", "The request was signed more than five minutes ago, or the clocks differ.");
  }
  const application = textOf(claims, "application_id");
  if (application !== "" && application !== applicationId)
    throw new HinobanError("unauthenticated", "The request belongs to another application.");
  const jti = textOf(claims, "jti");
  if (jti === "" || jti.length > 200) throw new HinobanError("unauthenticated", "The token has no id.");
  return jti;
}

function eventOf(body: Readonly<Record<string, unknown>>, url: string): HookEvent {
  const about = URL.canParse(url) ? (new URL(url).searchParams.get("about") ?? "") : "";
  if (about === "") return { kind: "answered" };
  if (about === "state") return stateOf(body);
  const step = queryNumber(url, "step", 0);
  const digits = textOf(memberOf(body, "dtmf"), "digits");
  if (/^[0-9*#]{1,20}$/u.test(digits)) return { kind: "keys", step, digits };
  return { kind: "silent", step };
}

function stateOf(body: Readonly<Record<string, unknown>>): HookEvent {
  const status = textOf(body, "status");
  const sipCode = Number(textOf(body, "sip_code")) || 0;
  const end = endOf(status, textOf(body, "duration"), sipCode);
  if (end) return { kind: "ended", end };
  if (status === "ringing") return { kind: "ringing" };
  if (stateNames.has(status)) return { kind: "news" };
  throw new HinobanError("bad-request", "The request names a state that no call has.");
}
