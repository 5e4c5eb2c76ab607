import { HinobanError, messageOf } from "#base/errors";
import type { TlsFacts } from "#wire/probe-outcomes";
import type { Verdict } from "#wire/probe-words";

/** Ends a probe: what was found is its verdict, and `detail` says it in a few technical words. */
export const failure = (verdict: Verdict, detail: string, tls?: TlsFacts): HinobanError =>
  new HinobanError("unavailable", detail, { verdict, tls });

/** The verdict that an error carries; undefined for errors that are no finding about the network. */
export function verdictOf(error: unknown): Verdict | undefined {
  if (!(error instanceof HinobanError)) return undefined;
  return error.facts["verdict"] as Verdict | undefined; // only `failure` sets it
}

/** What TLS had shown before it failed. */
export function tlsOf(error: unknown): TlsFacts | undefined {
  return error instanceof HinobanError ? (error.facts["tls"] as TlsFacts | undefined) : undefined; // only `failure` sets it
}

export const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : "";

const byConnectCode: Readonly<Record<string, Verdict>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "connect-timed-out",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  EAFNOSUPPORT: "unreachable",
  EACCES: "unreachable",
  EPERM: "unreachable",
  EINVAL: "unreachable",
  ECONNRESET: "reset-on-accept",
  EMFILE: "cannot-probe",
  ENFILE: "cannot-probe",
  ENOBUFS: "cannot-probe",
};

/** What it means that a connection could not be made. */
export function connectFailure(error: unknown): HinobanError {
  const code = codeOf(error);
  return failure(byConnectCode[code] ?? "unreachable", code === "" ? messageOf(error) : code);
}

/** Whether the other side (or something between) threw the connection away, rather than ending it in order. */
export const isReset = (error: unknown): boolean =>
  ["ECONNRESET", "ECONNABORTED", "EPIPE", "ENOTCONN"].includes(codeOf(error)) && isOfSystem(error);

/** Node gives the code of a reset to orderly ends, too, where it did not expect them; only the system's own errors have a number. */
const isOfSystem = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "errno" in error && typeof error.errno === "number";

/** Whether the system gave up waiting for an acknowledgement. */
export const isTimedOut = (error: unknown): boolean => codeOf(error) === "ETIMEDOUT";

/** What an error of OpenSSL's means, in the handshake or after it; undefined for other errors. */
export function tlsFailure(error: unknown): HinobanError | undefined {
  const code = codeOf(error);
  if (!/^ERR_(?:SSL|OSSL)_/u.test(code)) return undefined;
  if (versionCodes.test(code)) return failure("tls-version", code);
  // These are OpenSSL's names for what the other side says in an alert; what goes wrong on this side has others.
  const alert = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?(.*)$/u.exec(code)?.[1];
  return alert === undefined ? failure("tls-broken", code) : failure("tls-alert", `alert ${alert.toLowerCase()}`);
}

const versionCodes = /UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW|INAPPROPRIATE_FALLBACK/u;
