import { HinobanError } from "#base/errors";
import type { CarrierHooks, HookAnswer, HookEvent, HookRequest, HookSaid } from "#ports/phone/hooks";
import type { Turn } from "#ports/phone/port";
import type { LineSecrets, LineSettings } from "#wire/line-settings";
import { jsonOf, textOf } from "../answers.ts";
import { demandSignedBody } from "../signed-body.ts";
import { endOf } from "./outcome.ts";
import { turnJson } from "./turn-json.ts";

const isWhole = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 1e9;

/** A signed body as JSON. @throws HinobanError "unauthenticated" */
export function signedJson({ header, body, at }: HookRequest, signingKey = ""): Readonly<Record<string, unknown>> {
  if (signingKey === "") throw new HinobanError("unauthenticated", "The line has no signing key.");
  demandSignedBody(signingKey, header("x-hinoban-signature"), body, at);
  return jsonOf(Buffer.from(body).toString("utf8"));
}

/** What a generic provider posts: signed as our own webhooks are. */
export class HttpHooks implements CarrierHooks {
  readonly hangUp: HookAnswer = answer({ hangUp: true });
  readonly noted: HookAnswer = { status: 204, type: "application/json", body: "" };

  read(request: HookRequest, _settings: LineSettings, { signingKey }: LineSecrets): HookSaid {
    const body = signedJson(request, signingKey);
    const id = textOf(body, "id");
    if (id === "" || id.length > 200) throw new HinobanError("bad-request", "id: must name the call");
    const event = eventOf(body);
    const { seq } = body;
    if (event.kind !== "ringing" && event.kind !== "ended") return { id, once: undefined, event };
    if (!isWhole(seq)) throw new HinobanError("bad-request", "seq: must be a number that grows with each message about the call");
    return { id, once: `${id}:${seq}`, event };
  }

  say(turn: Turn, { step }: { readonly step: number; readonly url: string }): HookAnswer {
    return answer({ step, turn: turnJson(turn) });
  }
}

const answer = (body: object): HookAnswer => ({ status: 200, type: "application/json; charset=utf-8", body: JSON.stringify(body) });

function eventOf(body: Readonly<Record<string, unknown>>): HookEvent {
  const { step } = body;
  const digits = textOf(body, "digits");
  switch (textOf(body, "event")) {
    case "ringing":
      return { kind: "ringing" };
    case "answered":
      return { kind: "answered" };
    case "keys":
      if (!isWhole(step) || !/^[0-9*#]{1,20}$/u.test(digits))
        throw new HinobanError("bad-request", "step and digits: must tell what was pressed");
      return { kind: "keys", step, digits };
    case "silent":
      if (!isWhole(step)) throw new HinobanError("bad-request", "step: must be the step of the turn");
      return { kind: "silent", step };
    case "ended":
      return { kind: "ended", end: endOf(body) };
    default:
      throw new HinobanError("bad-request", "event: must be ringing, answered, keys, silent or ended");
  }
}
