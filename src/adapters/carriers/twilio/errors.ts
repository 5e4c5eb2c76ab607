import { millis } from "#base/duration";
import type { OutgoingResponse } from "#ports/outgoing-http/port";
import type { CallEnd } from "#ports/phone/port";
import type { CreatedAs } from "../created.ts";
import { codeOf, problemOf } from "./account.ts";

/** Errors of https://www.twilio.com/docs/api/errors that are about the number: it is none, or cannot be called or written to. */
const numberErrors: ReadonlySet<number> = new Set([13223, 13224, 13225, 13226, 21201, 21211, 21214, 21217, 21401, 21407, 21421, 21614]);

function refusalOf(answer: OutgoingResponse): CallEnd {
  const code = codeOf(answer);
  const problem = code > 0 ? `${problemOf(answer)} (${code})` : problemOf(answer);
  return { cause: numberErrors.has(code) ? "wrong-number" : "line-failed", talked: millis(0), problem };
}

/** How Twilio answers a request for something new. */
export const asTwilio: CreatedAs = { id: "sid", problemOf, refusalOf };
