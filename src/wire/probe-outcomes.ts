import { Type, type Static } from "typebox";
import { UnixMsNumber } from "./shapes.ts";

/**
 * How a probe ended. Everything but `ok` is a failure. Which one decides what somebody looks at next, so they are told apart as far as
 * the wire shows it.
 */
export const verdicts = [
  "ok",
  "name-unknown", // the name does not exist, or has no address of that family
  "name-unanswered", // no name server answered
  "refused",
  "unreachable", // a router or the own machine said that there is no way
  "connect-timed-out", // nobody said anything at all
  "reset-on-accept", // TCP opens, then a reset before a byte was said
  "reset-after-hello", // the reset comes on the first TLS message
  "reset-after-request", // the reset comes on the first request in the clear
  "reset-after-bytes", // something was answered before the reset
  "closed-on-accept", // TCP opens, then closes in order without a word
  "closed-early", // closed in order in the middle
  "silent", // TCP opens, then nothing comes
  "tls-not-spoken", // the answer to a TLS hello is no TLS
  "tls-version", // no version of TLS that both speak
  "tls-alert", // the other side refused with an alert
  "tls-broken",
  "certificate-expired",
  "certificate-not-yet-valid",
  "certificate-name",
  "certificate-issuer", // issued by somebody whom nobody here knows, or the intermediate is missing
  "certificate-self-signed",
  "certificate-wrong",
  "protocol-wrong", // something else is spoken there
  "answer-wrong", // the right protocol, not the right answer
  "no-reply", // ping: nothing came back
  "packet-loss",
  "answer-timed-out", // it spoke, but was not done in time
  "address-denied", // the setting does not allow this address
  "cannot-probe", // the prober lacks something: a program, a permission
  "cancelled",
] as const;
export const Verdict = Type.Union(verdicts.map((verdict) => Type.Literal(verdict)));
export type Verdict = (typeof verdicts)[number];

/** The stages that a probe passes, in order; not every probe has all. */
export const phases = [
  "resolve",
  "connect",
  "listen",
  "greeting",
  "starttls",
  "tls",
  "request",
  "wait",
  "answer",
  "query",
  "ping",
] as const;
export const Phase = Type.Union(phases.map((phase) => Type.Literal(phase)));
export type Phase = (typeof phases)[number];

export const ProbeStep = Type.Object({
  phase: Phase,
  /** Since the beginning of the probe. */
  startMillis: Type.Number({ minimum: 0 }),
  millis: Type.Number({ minimum: 0 }),
  verdict: Verdict,
  detail: Type.String({ maxLength: 1000, description: "What was found, in a few technical words." }),
  address: Type.Optional(
    Type.Union([Type.String({ maxLength: 100 })], { description: "The IP address and port that the step talked to." }),
  ),
});
export type ProbeStep = Omit<Static<typeof ProbeStep>, "phase" | "verdict"> & { phase: Phase; verdict: Verdict };

export const CertificateFacts = Type.Object({
  subject: Type.String({ maxLength: 1000 }),
  issuer: Type.String({ maxLength: 1000 }),
  names: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 100 }),
  serial: Type.String({ maxLength: 100 }),
  sha256: Type.String({ maxLength: 100, description: "Fingerprint: 64 lower-case hexadecimal digits." }),
  notBefore: UnixMsNumber,
  notAfter: UnixMsNumber,
  key: Type.String({ maxLength: 50, description: "`RSA 2048`, `EC P-256` …" }),
  signature: Type.String({ maxLength: 100 }),
  chainLength: Type.Integer({ minimum: 1, description: "Certificates that the server sent." }),
  /** All that is wrong with it, the weightiest first; empty when it is trusted. */
  problems: Type.Array(Verdict, { maxItems: 10 }),
});
export type CertificateFacts = Omit<Static<typeof CertificateFacts>, "problems"> & { problems: Verdict[] };

export const TlsFacts = Type.Object({
  version: Type.String({ maxLength: 20, description: "`TLSv1.3`" }),
  cipher: Type.String({ maxLength: 100 }),
  alpn: Type.Optional(Type.String({ maxLength: 50 })),
  certificate: Type.Optional(CertificateFacts),
});
export type TlsFacts = Omit<Static<typeof TlsFacts>, "certificate"> & { certificate?: CertificateFacts };

export const HttpFacts = Type.Object({
  status: Type.Integer(),
  url: Type.String({ maxLength: 2000, description: "The last address, without user and password." }),
  redirects: Type.Integer({ minimum: 0 }),
  bodyBytes: Type.Integer({ minimum: 0, description: "Bytes that were read, at most 1 MiB." }),
});
export type HttpFacts = Static<typeof HttpFacts>;

export const PingFacts = Type.Object({
  sent: Type.Integer({ minimum: 0 }),
  received: Type.Integer({ minimum: 0 }),
  lossPercent: Type.Number({ minimum: 0, maximum: 100 }),
  minMillis: Type.Optional(Type.Number()),
  averageMillis: Type.Optional(Type.Number()),
  maxMillis: Type.Optional(Type.Number()),
});
export type PingFacts = Static<typeof PingFacts>;

/** What one probe found. */
export const ProbeOutcome = Type.Object({
  verdict: Verdict,
  /** One line for people and for alerts, at most 1000 characters: `503` for a status alone, as Mackerel writes it. */
  message: Type.String({ maxLength: 1000 }),
  /** How long the answer took: for HTTP from the first look-up to the last byte, for ping the average. */
  millis: Type.Number({ minimum: 0 }),
  steps: Type.Array(ProbeStep, { maxItems: 60 }),
  address: Type.Optional(
    Type.Union([Type.String({ maxLength: 100 })], { description: "The IP address and port that answered or was tried last." }),
  ),
  /** What the other side said first, at most 256 bytes, printable as it is and the rest as \xNN. */
  seen: Type.Optional(Type.String({ maxLength: 1100 })),
  seenBytes: Type.Optional(Type.Integer({ minimum: 0 })),
  tls: Type.Optional(TlsFacts),
  http: Type.Optional(HttpFacts),
  ping: Type.Optional(PingFacts),
  answers: Type.Optional(Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 100, description: "Of a DNS query." })),
  /** The protocol that was found, when it was not asked for or another one. */
  protocol: Type.Optional(Type.String({ maxLength: 50 })),
});
export type ProbeOutcome = Omit<Static<typeof ProbeOutcome>, "verdict" | "steps" | "tls"> & {
  verdict: Verdict;
  steps: ProbeStep[];
  tls?: TlsFacts;
};

export const isGood = (outcome: Pick<ProbeOutcome, "verdict">): boolean => outcome.verdict === "ok";
