import { Type, type Static } from "typebox";
import { phases, verdicts, type Phase, type Verdict as VerdictWord } from "./probe-words.ts";
import { UnixMsNumber } from "./shapes.ts";

/** How a probe ended; {@link verdicts} says what each means. */
export const Verdict = Type.Unsafe<VerdictWord>(Type.Union(verdicts.map((verdict) => Type.Literal(verdict))));
export type Verdict = VerdictWord;

const AnyPhase = Type.Unsafe<Phase>(Type.Union(phases.map((phase) => Type.Literal(phase))));

export const ProbeStep = Type.Object({
  phase: AnyPhase,
  /** Since the beginning of the probe. */
  startMillis: Type.Number({ minimum: 0 }),
  millis: Type.Number({ minimum: 0 }),
  verdict: Verdict,
  detail: Type.String({ maxLength: 1000, description: "What was found, in a few technical words." }),
  address: Type.Optional(
    Type.Union([Type.String({ maxLength: 100 })], { description: "The IP address and port that the step talked to." }),
  ),
});
export type ProbeStep = Static<typeof ProbeStep>;

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
export type CertificateFacts = Static<typeof CertificateFacts>;

export const TlsFacts = Type.Object({
  version: Type.String({ maxLength: 20, description: "`TLSv1.3`" }),
  cipher: Type.String({ maxLength: 100 }),
  alpn: Type.Optional(Type.String({ maxLength: 50 })),
  certificate: Type.Optional(CertificateFacts),
});
export type TlsFacts = Static<typeof TlsFacts>;

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
export type ProbeOutcome = Static<typeof ProbeOutcome>;
