import { seconds } from "#base/duration";
import type { CallCause, CallEnd } from "#ports/phone/port";
import type { SipResponse } from "./message.ts";

/** What a final response says about the person and the number; everything else is about the line. */
const aboutThem: Readonly<Record<number, CallCause>> = {
  404: "wrong-number",
  408: "no-answer",
  410: "wrong-number",
  480: "no-answer",
  484: "wrong-number",
  485: "wrong-number",
  486: "busy",
  487: "no-answer",
  600: "busy",
  603: "declined",
  604: "wrong-number",
  607: "declined",
};

/** Sentences for people about refusals that concern the line. */
const problems: Readonly<Record<number, string>> = {
  401: "The trunk refuses user or password.",
  403: "The trunk refuses the call: account, shown number or destination is not allowed.",
  407: "The trunk refuses user or password.",
  415: "The trunk takes neither PCMU nor PCMA, or wants encryption otherwise.",
  488: "The trunk takes neither PCMU nor PCMA, or wants encryption otherwise.",
  606: "The trunk takes neither PCMU nor PCMA, or wants encryption otherwise.",
  503: "The trunk is overloaded or out of service.",
};

/** `Retry-After` is believed up to an hour: a line must not be lost to a typing error. */
const longestPause = 3600;

/** What a final response to an INVITE means for whoever placed the call. */
export function endOf(response: SipResponse): Omit<CallEnd, "talked"> {
  const { status } = response;
  // A redirection that is not followed: whoever was called is not there, and to somebody else nothing is said.
  const cause = status >= 300 && status < 400 ? "no-answer" : aboutThem[status];
  if (cause) return { cause, sipCode: status };
  const after = response.headers.number("retry-after");
  return {
    cause: "line-failed",
    sipCode: status,
    problem: problems[status] ?? `The trunk answered ${answered(response)}.`,
    ...(after === undefined ? {} : { retryAfter: seconds(Math.min(after, longestPause)) }),
  };
}

/** Status and reason as they can be shown: what others wrote, cut and without control characters. */
export const answered = ({ status, reason }: SipResponse): string =>
  `${status} ${reason.replaceAll(/[\u0000-\u001f\u007f]/gu, " ").slice(0, 80)}`.trim();
