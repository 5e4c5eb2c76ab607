import type { Call } from "#wire/calls";
import { useMessages } from "#kit/messages";
import { StateCell, type Tone } from "../../kit/cells.tsx";
import { callMessages } from "./call-messages.ts";

const stateTones: Readonly<Record<Call["state"], Tone>> = {
  queued: "waiting",
  dialing: "waiting",
  ringing: "attention",
  talking: "attention",
  over: "off",
};

const goodResults: ReadonlySet<string> = new Set(["taken", "confirmed", "read"]);
const causeTones: Readonly<Record<NonNullable<Call["cause"]>, Tone>> = {
  busy: "attention",
  declined: "attention",
  "no-answer": "attention",
  "wrong-number": "bad",
  "line-failed": "bad",
  "hung-up": "attention",
  finished: "off",
  cancelled: "off",
  "answered-late": "attention",
  lost: "bad",
};

/** A text of these messages by a name that the server made up, or the name itself. */
export function labelled(m: object, prefix: string, code: string): string {
  const text: unknown = Reflect.get(m, `${prefix}-${code}`);
  return typeof text === "string" ? text : code;
}

/** How a call stands; what became of it when it is over. */
export function CallStateCell({ call: { state, cause, result } }: { readonly call: Call }) {
  const m = useMessages(callMessages);
  if (state !== "over") return <StateCell tone={stateTones[state]} label={m[`state-${state}`]} />;
  if (result !== undefined)
    return <StateCell tone={goodResults.has(result) ? "good" : "attention"} label={labelled(m, "result", result)} />;
  return cause === undefined ? (
    <StateCell tone="off" label={m["state-over"]} />
  ) : (
    <StateCell tone={causeTones[cause]} label={m[`cause-${cause}`]} />
  );
}
