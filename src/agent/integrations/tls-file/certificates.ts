import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { unixMs, type UnixMs } from "#base/duration";

/** What is looked at in a certificate. */
export interface CertificateFacts {
  readonly subject: string;
  readonly validFrom: UnixMs;
  readonly validTo: UnixMs;
  readonly isAuthority: boolean;
}

/** A file of certificates: the first is the server's own, the others are its chain. */
export interface CertificateFile {
  readonly certificates: readonly CertificateFacts[];
  /** What is wrong with the order, for the operator; undefined when each is issued by the next. */
  readonly orderProblem: string | undefined;
  /** Whether `key` belongs to the first certificate. */
  matches(key: KeyObject): boolean;
}

const mostCertificates = 300;
const block = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\sA-Za-z0-9+/=]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/gu;

/** Reads PEM with any number of certificates, or DER with one. @returns why not, as a sentence's end */
export function readCertificates(bytes: Buffer): CertificateFile | string {
  const text = bytes.toString("latin1");
  const blocks = (text.match(block) ?? []).slice(0, mostCertificates);
  if (blocks.length === 0 && text.includes("-----BEGIN")) return "holds no certificate";
  try {
    const parsed = (blocks.length > 0 ? blocks : [bytes]).map((one) => new X509Certificate(one));
    const [own] = parsed;
    if (!own) return "holds no certificate";
    return { certificates: parsed.map(factsOf), orderProblem: orderProblem(parsed), matches: (key) => own.checkPrivateKey(key) };
  } catch {
    return "is not a certificate in PEM or DER";
  }
}

const factsOf = (certificate: X509Certificate): CertificateFacts => ({
  subject: nameOf(certificate),
  validFrom: unixMs(Date.parse(certificate.validFrom)),
  validTo: unixMs(Date.parse(certificate.validTo)),
  isAuthority: certificate.ca,
});

/** The common name, or the first name it is for, or all of the subject. */
function nameOf({ subject, subjectAltName }: X509Certificate): string {
  const common = /^CN=(.*)$/mu.exec(subject ?? "")?.[1];
  const alternative = /DNS:([^,\s]+)/u.exec(subjectAltName ?? "")?.[1];
  return (common ?? alternative ?? (subject ?? "").replaceAll("\n", ", ")).slice(0, 100) || "without a name";
}

/** A file that begins with an authority is a collection of authorities, whose order means nothing. */
function orderProblem(chain: readonly X509Certificate[]): string | undefined {
  if (chain[0]?.ca === true) return undefined;
  for (const [index, certificate] of chain.entries()) {
    const next = chain[index + 1];
    if (next && !certificate.checkIssued(next)) return `${nameOf(certificate)} is not issued by ${nameOf(next)}, which follows it`;
  }
  return undefined;
}

/** Reads a private key in PEM or DER. @returns why not, as a sentence's end */
export function readKey(bytes: Buffer): KeyObject | string {
  const text = bytes.toString("latin1");
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/u.test(text)) return "is locked with a passphrase";
  try {
    return createPrivateKey(text.includes("-----BEGIN") ? { key: text, format: "pem" } : { key: bytes, format: "der", type: "pkcs8" });
  } catch {
    return "is not a private key in PEM or DER";
  }
}

/** Whole days until `end`, below 0 when it has passed. */
export const daysUntil = (end: UnixMs, now: UnixMs): number => Math.floor((end - now) / 86_400_000);
