import { millis, seconds } from "#base/duration";
import type { CallEnd } from "#ports/phone/port";
import type { Looked } from "../carrier-api.ts";

const wrongNumberCodes: ReadonlySet<number> = new Set([404, 410, 484, 604]);

/** @returns undefined while the call goes on (https://developer.vonage.com/en/voice/voice-api/webhook-reference#event-webhook) */
export function endOf(status: string, duration: string, sipCode = 0): CallEnd | undefined {
  const talked = /^\d{1,6}(?:\.\d+)?$/u.test(duration) ? seconds(Math.round(Number(duration))) : millis(0);
  const facts = { talked, ...(sipCode > 0 ? { sipCode } : {}) };
  switch (status) {
    case "completed":
      return { ...facts, cause: "hung-up" };
    case "busy":
      return { ...facts, cause: "busy" };
    case "rejected":
      return { ...facts, cause: "declined" };
    case "timeout":
    case "unanswered":
      return { ...facts, cause: "no-answer" };
    case "cancelled":
      return { ...facts, cause: "cancelled" };
    case "failed":
      if (wrongNumberCodes.has(sipCode)) return { ...facts, cause: "wrong-number" };
      return { ...facts, cause: "line-failed", problem: "Vonage could not connect the call." };
    default:
      return undefined;
  }
}

export function lookedOf(status: string, duration: string): Looked {
  const end = endOf(status, duration);
  if (end) return { phase: "over", end };
  if (status === "answered" || status === "machine" || status === "human") return { phase: "talking" };
  return { phase: status === "ringing" ? "ringing" : "queued" };
}
