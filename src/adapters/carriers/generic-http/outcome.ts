import { millis, seconds } from "#base/duration";
import type { CallCause, CallEnd } from "#ports/phone/port";
import { quote, textOf } from "../answers.ts";

const causes = ["busy", "declined", "no-answer", "wrong-number", "line-failed", "hung-up", "finished", "cancelled"] as const;
const isCause = (text: string): text is (typeof causes)[number] => causes.some((one) => one === text);

/** How a call ended, as the other side tells it: `cause`, `seconds`, `sipCode`, `problem`. What it does not tell is the line's fault. */
export function endOf(body: Readonly<Record<string, unknown>>): CallEnd {
  const told = textOf(body, "cause");
  const cause: CallCause = isCause(told) ? told : "line-failed";
  const duration = textOf(body, "seconds");
  const sipCode = textOf(body, "sipCode");
  const problem = quote(textOf(body, "problem"));
  return {
    cause,
    talked: /^\d{1,6}(?:\.\d+)?$/u.test(duration) ? seconds(Math.round(Number(duration))) : millis(0),
    ...(/^[1-6]\d\d$/u.test(sipCode) ? { sipCode: Number(sipCode) } : {}),
    ...(problem === "" ? {} : { problem }),
  };
}
