import type { X509Certificate } from "node:crypto";
import { unixMs } from "#base/duration";
import { parseIp } from "#base/ip-networks";
import type { CertificateFacts } from "#wire/probe-outcomes";
import type { Verdict } from "#wire/probe-words";

const mostNames = 100;
const mostChain = 10;

/** OpenSSL's words for why a chain is not trusted, as `authorizationError` gives them. What is not here is looked at below. */
const byTrustProblem: Readonly<Record<string, Verdict>> = {
  CERT_HAS_EXPIRED: "certificate-expired",
  CERT_NOT_YET_VALID: "certificate-not-yet-valid",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate-self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate-issuer",
  UNABLE_TO_GET_ISSUER_CERT: "certificate-issuer",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate-issuer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate-issuer",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate-name",
};

/** The weightiest first: what to mend first. */
const weight: readonly Verdict[] = [
  "certificate-expired",
  "certificate-not-yet-valid",
  "certificate-self-signed",
  "certificate-issuer",
  "certificate-wrong",
  "certificate-name",
];

export interface Judged {
  readonly x509: X509Certificate;
  /** The name that must stand in it. */
  readonly host: string;
  /** Why the chain is not trusted: a code of OpenSSL's; empty when it is. */
  readonly trustProblem: string;
  readonly now: number;
}

/** What a certificate says, and all that is wrong with it. */
export function certificateFacts({ x509, host, trustProblem, now }: Judged): CertificateFacts {
  const notBefore = Date.parse(x509.validFrom);
  const notAfter = Date.parse(x509.validTo);
  const problems = new Set<Verdict>();
  if (now > notAfter) problems.add("certificate-expired");
  if (now < notBefore) problems.add("certificate-not-yet-valid");
  if (trustProblem !== "") problems.add(byTrustProblem[trustProblem] ?? "certificate-wrong");
  // OpenSSL tells the first problem that it meets: an expired certificate may be self-signed besides.
  if (trustProblem !== "" && x509.issuer === x509.subject && problems.has("certificate-expired")) problems.add("certificate-self-signed");
  if (!isFor(x509, host)) problems.add("certificate-name");
  return {
    subject: oneLine(x509.subject),
    issuer: oneLine(x509.issuer),
    names: namesOf(x509),
    serial: x509.serialNumber.toLowerCase().slice(0, 100),
    sha256: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
    notBefore: unixMs(Math.max(notBefore, 0)),
    notAfter: unixMs(Math.max(notAfter, 0)),
    key: keyOf(x509),
    signature: signatureOf(x509.raw),
    chainLength: chainLength(x509),
    problems: [...problems].toSorted((a, b) => weight.indexOf(a) - weight.indexOf(b)),
  };
}

/** The names it is for, `*.example.com` and IP addresses as they are written. */
function namesOf(x509: X509Certificate): string[] {
  const text = x509.subjectAltName ?? "";
  // A name with a comma or a quotation mark in it is written as a JSON string.
  const parts = text.match(/(?:DNS|IP Address):(?:"(?:[^"\\]|\\.)*"|[^,]*)/gu) ?? [];
  return parts.slice(0, mostNames).map((part) => part.slice(part.indexOf(":") + 1, part.indexOf(":") + 301));
}

function isFor(x509: X509Certificate, host: string): boolean {
  try {
    return (parseIp(host) ? x509.checkIP(host) : x509.checkHost(host)) !== undefined;
  } catch {
    return false; // a name that cannot be one stands in no certificate
  }
}

const oneLine = (name: string): string => name.replaceAll("\n", ", ").slice(0, 1000);

function keyOf(x509: X509Certificate): string {
  try {
    const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details } = x509.publicKey;
    if (details?.modulusLength !== undefined) return `${type.toUpperCase()} ${details.modulusLength}`;
    return details?.namedCurve === undefined ? type : `EC ${details.namedCurve}`;
  } catch {
    return "unknown";
  }
}

const signatures: Readonly<Record<string, string>> = {
  "2a864886f70d010104": "RSA-MD5",
  "2a864886f70d010105": "RSA-SHA1",
  "2a864886f70d01010b": "RSA-SHA256",
  "2a864886f70d01010c": "RSA-SHA384",
  "2a864886f70d01010d": "RSA-SHA512",
  "2a864886f70d01010a": "RSA-PSS",
  "2a8648ce3d0401": "ECDSA-SHA1",
  "2a8648ce3d040302": "ECDSA-SHA256",
  "2a8648ce3d040303": "ECDSA-SHA384",
  "2a8648ce3d040304": "ECDSA-SHA512",
  "2b6570": "Ed25519",
};

/** The algorithm of the signature: the first element behind the signed part (RFC 5280, 4.1). */
export function signatureOf(der: Buffer): string {
  const certificate = element(der, 0);
  const signed = certificate && element(der, certificate.start);
  const algorithm = signed && element(der, signed.end);
  const oid = algorithm && element(der, algorithm.start);
  if (!oid || der[algorithm.start] !== 6) return "unknown";
  const hex = der.subarray(oid.start, oid.end).toString("hex");
  return signatures[hex] ?? `oid ${hex.slice(0, 60)}`;
}

/** Where the contents of the DER element at `at` begin and end. */
function element(der: Buffer, at: number): { readonly start: number; readonly end: number } | undefined {
  const first = der[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  if (count === 0 || count > 4 || at + 2 + count > der.length) return undefined;
  const start = at + 2 + count;
  return { start, end: start + der.readUIntBE(at + 2, count) };
}

/** From the server's own to the last that could be found. */
function chainLength(x509: X509Certificate): number {
  let length = 1;
  for (let above = issuerOf(x509); above && length < mostChain; above = issuerOf(above)) length += 1;
  return length;
}

function issuerOf(x509: X509Certificate): X509Certificate | undefined {
  // Node types leave it out; it is there since Node 15.9 and undefined for the last of a chain.
  const issuer = (x509 as { readonly issuerCertificate?: X509Certificate }).issuerCertificate; // see above
  return issuer && issuer.fingerprint256 !== x509.fingerprint256 ? issuer : undefined;
}
