import { millis, seconds, type Millis } from "#base/duration";
import type { CallCause, CallEnd } from "#ports/phone/port";
import type { Looked } from "../carrier-api.ts";

/** What Twilio tells about a call, in a callback or when it is asked. */
interface TwilioFacts {
  readonly status: string;
  /** Seconds, as text. */
  readonly duration: string;
  /** Of a callback; empty where there is none. */
  readonly sipCode?: string;
}

const wrongNumberCodes: ReadonlySet<number> = new Set([404, 410, 484, 604]);

/** @returns undefined while the call goes on (https://www.twilio.com/docs/voice/api/call-resource#call-status-values) */
export function endOf({ status, duration, sipCode = "" }: TwilioFacts): CallEnd | undefined {
  const talked: Millis = /^\d{1,6}$/u.test(duration) ? seconds(Number(duration)) : millis(0);
  const code = /^[1-6]\d\d$/u.test(sipCode) ? Number(sipCode) : undefined;
  const cause = causeOf(status, code);
  return (
    cause && {
      cause,
      talked,
      ...(code === undefined ? {} : { sipCode: code }),
      ...(cause === "line-failed" ? { problem: "Twilio could not connect the call." } : {}),
    }
  );
}

function causeOf(status: string, sipCode: number | undefined): CallCause | undefined {
  if ((status === "busy" || status === "failed") && sipCode === 603) return "declined";
  if (status === "failed" && sipCode !== undefined && wrongNumberCodes.has(sipCode)) return "wrong-number";
  return causes[status];
}

const causes: Readonly<Record<string, CallCause>> = {
  // Who ended it is not told. `completed` never means that anybody took anything.
  completed: "hung-up",
  busy: "busy",
  "no-answer": "no-answer",
  canceled: "cancelled",
  failed: "line-failed",
};

export function lookedOf(facts: TwilioFacts): Looked {
  const end = endOf(facts);
  if (end) return { phase: "over", end };
  if (facts.status === "in-progress") return { phase: "talking" };
  return { phase: facts.status === "ringing" ? "ringing" : "queued" };
}
