import { seconds } from "#base/duration";
import { messageOf } from "#base/errors";
import type { OutgoingResponse } from "#ports/outgoing-http/port";
import type { CallEnd } from "#ports/phone/port";
import { jsonOf, quote, retryAfterOf, textOf, wasNotSent } from "./answers.ts";
import type { Created } from "./carrier-api.ts";

/** What differs between providers. */
export interface CreatedAs {
  /** Member of the answer that holds the new id. */
  readonly id: string;
  readonly problemOf: (answer: OutgoingResponse) => string;
  readonly refusalOf: (answer: OutgoingResponse) => CallEnd;
}

/** What the answer to the request for a call or a message means. */
export async function created(ask: () => Promise<OutgoingResponse>, { id: idName, problemOf, refusalOf }: CreatedAs): Promise<Created> {
  let answer: OutgoingResponse;
  try {
    answer = await ask();
  } catch (error) {
    return { kind: wasNotSent(error) ? "not-sent" : "unknown", problem: quote(messageOf(error)) };
  }
  const isOk = answer.status >= 200 && answer.status < 300;
  const id = textOf(jsonOf(answer.text), idName);
  if (isOk && id !== "") return { kind: "created", id };
  if (answer.status === 429) return { kind: "later", after: retryAfterOf(answer) ?? seconds(1) };
  // Whoever fails in the middle may have done it; a gateway's word says nothing about those behind it.
  if (answer.status >= 500 || isOk) return { kind: "unknown", problem: problemOf(answer) };
  return { kind: "refused", end: refusalOf(answer) };
}
