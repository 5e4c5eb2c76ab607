import { millis, seconds, type Millis, type UnixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { oneLine } from "#base/mail-address";
import type { OutgoingHttp, OutgoingRequest, OutgoingResponse } from "#ports/outgoing-http/port";
import { failed, type Result } from "../driver.ts";

const totalTimeout = seconds(15);
const connectTimeout = seconds(7);
const mostAnswerBytes = 256 * 1024;
const longestQuote = 200;

export type Ask = Pick<OutgoingRequest, "method" | "url" | "headers" | "verifiesTls"> & { readonly body: string };

/** Asks, and lets `judge` say what an answer means; where nobody answers it is tried again. */
export async function asked(http: OutgoingHttp, ask: Ask, judge: (answer: OutgoingResponse) => Result): Promise<Result> {
  try {
    const { body, ...rest } = ask;
    const request = { ...rest, ...(body === "" ? {} : { body }), timeout: totalTimeout, connectTimeout, mostBytes: mostAnswerBytes };
    return judge(await http.send(request));
  } catch (error) {
    if (!(error instanceof HinobanError)) throw error;
    // An address that is not allowed or leads elsewhere stays so; an answer without end comes again without end.
    const isForGood = error.code === "invalid-input" || error.code === "too-large";
    return failed(messageOf(error), { isForGood, blame: "channel" });
  }
}

const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** What a status outside 2xx means everywhere: too early, too often and the server's own trouble pass, the rest stays. */
export function refusedBy(answer: OutgoingResponse, at: UnixMs, said: string, blame: "channel" | "message" = "channel"): Result {
  const { status } = answer;
  const isForGood = status < 500 && !passing.has(status);
  const retryAfter = retryAfterOf(answer, at);
  const quoted = quote(said);
  const problem = quoted === "" ? `HTTP ${status}` : `HTTP ${status}: ${quoted}`;
  return failed(problem, {
    isForGood,
    blame: isForGood ? blame : "channel",
    ...(retryAfter === undefined || isForGood ? {} : { retryAfter }),
  });
}

/** What somebody else said, in one short line. */
export const quote = (text: string): string => oneLine(text).slice(0, longestQuote);

/** Seconds or a date (RFC 9110, 10.2.3); undefined when nothing usable is there. */
export function retryAfterOf({ headers }: Pick<OutgoingResponse, "headers">, at: UnixMs): Millis | undefined {
  const text = headers["retry-after"]?.trim() ?? "";
  if (/^\d{1,9}(?:\.\d+)?$/u.test(text)) return millis(Math.ceil(Number(text) * 1000));
  const date = text === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : millis(Math.max(0, date - at));
}

/** An answer's body as a JSON object; empty for anything else. */
export function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}; // an object's members may be looked at
  } catch {
    return {};
  }
}

/** A base address and a path below it, whether or not the base ends in a slash. */
export const below = (base: string, path: string): string => `${base.replace(/\/+$/u, "")}${path}`;

export const jsonHeaders = { "content-type": "application/json; charset=utf-8" } as const;
