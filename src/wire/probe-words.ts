/** Words and numbers about probes without any schema: the agent and its prober carry no validator. */

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
export type Phase = (typeof phases)[number];

/** Where nothing else is said, in seconds. */
export const defaultProbeTimeout = 15;

/** The port that a protocol has when none is given. */
export const defaultPorts = {
  smtp: { plain: 25, implicit: 465 },
  imap: { plain: 143, implicit: 993 },
  pop3: { plain: 110, implicit: 995 },
  ldap: { plain: 389, implicit: 636 },
  ssh: { plain: 22, implicit: 22 },
} as const;

/** The server as a vantage; the agent of a host is `host:<id>`. */
export const serverVantage = "server";

/** The host whose agent probes; undefined for the server. */
export const hostOfVantage = (vantage: string): string | undefined => (vantage.startsWith("host:") ? vantage.slice(5) : undefined);

/** At most so many vantages of one monitor. */
export const mostVantages = 20;
