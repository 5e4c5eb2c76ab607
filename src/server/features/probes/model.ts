import { unixMs, type UnixMs } from "#base/duration";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";
import { verdictTexts } from "#wire/probe-texts";
import type { Verdict } from "#wire/probe-words";

/** Results that are kept of each monitor and place. */
export const keptResults = 100;

/** What is to be probed for a monitor, as the task keeps it. */
export interface ProbePlan {
  readonly name: string;
  readonly spec: ProbeSpec;
  readonly intervalSeconds: number;
  readonly expectedVerdicts: readonly Verdict[];
  readonly service: string | undefined;
}

/** Where in the ring a result goes: one round, one row, so that a result which comes twice is there once. */
export const slotOf = (at: number, intervalSeconds: number): number => Math.floor(at / (intervalSeconds * 1000)) % keptResults;

/** A number that is the same for the same text and as good as random between texts (FNV-1a, 32 bits). */
export function spreadOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  // The last characters of similar texts must move the whole number.
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The first moment from `at` on for what is done every so often: each monitor has a moment of its own within the interval. */
export function firstDue(at: UnixMs, intervalSeconds: number, monitorId: string): UnixMs {
  const interval = intervalSeconds * 1000;
  const offset = spreadOf(monitorId) % interval;
  const begun = Math.floor((at - offset) / interval) * interval + offset;
  return unixMs(begun < at ? begun + interval : begun);
}

/** What a probe says to the rule that asked for it. */
export interface Said {
  readonly status: "ok" | "failed";
  readonly message: string;
  readonly responseMillis?: number;
  readonly certificateExpiresAt?: UnixMs;
  readonly httpStatus?: number;
  readonly diagnosis: Verdict;
}

/** One line for an alert: for a wrong HTTP status the bare status, as Mackerel writes it; else what it is called, and the details. */
export function saidBy(plan: Pick<ProbePlan, "spec" | "expectedVerdicts">, outcome: ProbeOutcome): Said {
  const { verdict, http, tls } = outcome;
  const isExpected = plan.expectedVerdicts.includes(verdict);
  const expiresAt = tls?.certificate?.notAfter;
  return {
    status: isExpected ? "ok" : "failed",
    message: messageFor(plan, outcome, isExpected).slice(0, 1000),
    diagnosis: verdict,
    ...(verdict === "ok" ? { responseMillis: outcome.millis } : {}),
    ...(expiresAt === undefined ? {} : { certificateExpiresAt: unixMs(expiresAt) }),
    ...(http === undefined ? {} : { httpStatus: http.status }),
  };
}

function messageFor(
  { spec, expectedVerdicts }: Pick<ProbePlan, "spec" | "expectedVerdicts">,
  outcome: ProbeOutcome,
  isExpected: boolean,
): string {
  const { verdict, message } = outcome;
  const { name } = verdictTexts[verdict].en;
  if (verdict === "ok" && !isExpected) return `${message}, although "${expectedNames(expectedVerdicts)}" is expected`;
  if (verdict === "ok" || (spec.kind === "http" && verdict === "answer-wrong")) return message;
  return message === "" ? name : `${name}: ${message}`;
}

const expectedNames = (expected: readonly Verdict[]): string => expected.map((verdict) => verdictTexts[verdict].en.name).join(" / ");

/** A result this old says nothing about the present: it is kept and judges nothing. Nor does one from tomorrow, by a clock that is wrong. */
export const isFresh = (at: number, now: number, intervalSeconds: number): boolean =>
  at > now - Math.max(300_000, 2 * intervalSeconds * 1000) && at < now + 120_000;

/** A spec without what must not be kept: passwords, headers and bodies. */
export function withoutSecrets(spec: ProbeSpec): ProbeSpec {
  if (spec.kind === "tcp" && spec.send !== undefined) {
    const { send: _send, ...rest } = spec;
    return rest;
  }
  if (spec.kind !== "http") return spec;
  const { headers: _headers, requestBody: _body, ...rest } = spec;
  return { ...rest, url: spec.url.replace(/^(https?:\/\/)[^/?#]*@/iu, "$1") };
}

/** What is asked, in one line without secrets. */
export function targetText(spec: ProbeSpec): string {
  const bare = withoutSecrets(spec);
  if (bare.kind === "http") return bare.url.slice(0, 500);
  if (bare.kind === "dns") return `${bare.name} ${bare.type}${bare.server === undefined ? "" : ` @${bare.server}`}`;
  return bare.kind === "ping" || bare.port === undefined ? bare.host : `${bare.host}:${bare.port}`;
}

/** What is found when nothing could be asked. */
export const cannotProbe = (message: string, took: number): ProbeOutcome => ({
  verdict: "cannot-probe",
  message: message.slice(0, 1000),
  millis: Math.max(took, 0),
  steps: [],
});
