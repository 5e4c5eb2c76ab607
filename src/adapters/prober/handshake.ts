import { readFileSync } from "node:fs";
import type { SecureContext, TLSSocket } from "node:tls";
import { HinobanError, messageOf } from "#base/errors";
import { parseIp } from "#base/ip-networks";
import type { TlsFacts } from "#wire/probe-outcomes";
import { certificateFacts } from "./certificate.ts";
import { codeOf, failure, tlsFailure, verdictOf } from "./failure.ts";
import type { Wire } from "./wire.ts";

/** Where systems keep the authorities that they trust: administrators add their own ones there. */
const systemStores = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

const legacyServerConnect = 0x4; // OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT

type Tls = typeof import("node:tls");

/** What every program of today speaks, or what old devices speak, too: only to read what they have to say. */
export type Versions = "modern" | "legacy";

/**
 * What a handshake trusts and which versions it speaks. Made once, when it is needed: a store of authorities costs more than a handshake,
 * and an agent that probes nothing shall not have it in memory.
 */
export class TrustStore {
  readonly #more: readonly string[];
  readonly #contexts = new Map<Versions, SecureContext>();

  /** @param more authorities beside the system's, PEM */
  constructor(more: readonly string[] = []) {
    this.#more = more;
  }

  context(tls: Tls, versions: Versions): SecureContext {
    let context = this.#contexts.get(versions);
    if (!context) {
      const old = { minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0", secureOptions: legacyServerConnect } as const;
      context = tls.createSecureContext({ ca: this.#authorities(tls), ...(versions === "legacy" ? old : { minVersion: "TLSv1.2" }) });
      this.#contexts.set(versions, context);
    }
    return context;
  }

  #authorities(tls: Tls): string[] {
    for (const file of systemStores) {
      try {
        return [readFileSync(file, "utf8"), ...this.#more];
      } catch {
        // The next one; Node's own list is the last.
      }
    }
    return [...tls.rootCertificates, ...this.#more];
  }
}

export interface HandshakeInput {
  /** The name that is asked for and must stand in the certificate. */
  readonly serverName: string;
  readonly trust: TrustStore;
  readonly versions: Versions;
  readonly alpn?: readonly string[];
  readonly now: number;
}

/** A connection with TLS over it. */
export interface Secured {
  readonly stream: TLSSocket;
  readonly facts: TlsFacts;
}

/**
 * Speaks TLS over the wire. Whatever certificate comes is taken: whether it may be trusted stands in the facts.
 * @throws verdicts tls-not-spoken, tls-version, tls-alert, tls-broken, reset-after-hello, closed-on-accept …
 */
export async function handshake(wire: Wire, input: HandshakeInput): Promise<Secured> {
  const tls = await import("node:tls"); // see TrustStore
  const secureContext = input.trust.context(tls, input.versions);
  return new Promise((resolve, reject) => {
    wire.say("hello");
    const stream = tls.connect({
      socket: wire.socket,
      secureContext,
      rejectUnauthorized: false,
      ...(parseIp(input.serverName) ? {} : { servername: input.serverName }),
      ...(input.alpn ? { ALPNProtocols: [...input.alpn] } : {}),
    });
    wire.handOver(stream);
    let isDone = false;
    const fail = (error: unknown): void => {
      if (isDone) return;
      isDone = true;
      const found = handshakeFailure(error, wire);
      const facts = factsFrom(stream, input); // the certificate may have been there to see
      reject(facts?.certificate ? failure(verdictOf(found) ?? "tls-broken", found.message, facts) : found);
    };
    stream.on("error", fail);
    stream.once("close", () => fail(undefined));
    stream.once("secureConnect", () => {
      if (isDone) return;
      isDone = true;
      resolve({ stream, facts: factsFrom(stream, input) ?? { version: "unknown", cipher: "" } });
    });
  });
}

function factsFrom(stream: TLSSocket, { serverName, now }: HandshakeInput): TlsFacts | undefined {
  const x509 = stream.getPeerX509Certificate();
  const version = stream.getProtocol();
  if (!x509 && version === null) return undefined;
  // Typed as an Error, it is the code as text.
  const problem: unknown = stream.authorizationError;
  const trustProblem = typeof problem === "string" ? problem : "";
  const alpn = typeof stream.alpnProtocol === "string" ? stream.alpnProtocol : undefined;
  return {
    version: version ?? "unknown",
    cipher: stream.getCipher()?.standardName ?? "",
    ...(alpn === undefined ? {} : { alpn }),
    ...(x509 ? { certificate: certificateFacts({ x509, host: serverName, trustProblem: chainProblem(trustProblem), now }) } : {}),
  };
}

/** Node judges the name into the same field; the name is judged anyway, so that an expired certificate with a wrong name shows both. */
const chainProblem = (problem: string): string => (problem === "ERR_TLS_CERT_ALTNAME_INVALID" ? "" : problem);

function handshakeFailure(error: unknown, wire: Wire): HinobanError {
  if (error instanceof HinobanError && verdictOf(error) !== undefined) return error;
  const code = codeOf(error);
  // What comes is so little like TLS that OpenSSL does not get as far as reading it.
  if (notTls.test(code)) return failure("tls-not-spoken", `the answer is no TLS (${code})`);
  const found = tlsFailure(error);
  if (found) return found;
  // Codes of the system (`ECONNRESET`) and of no code at all are about the connection, those of Node (`ERR_…`) about TLS.
  if (error === undefined || (code.startsWith("E") && !code.startsWith("ERR_"))) return wire.broken(error);
  return failure("tls-broken", code === "" ? messageOf(error) : code);
}

const notTls =
  /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|HTTPS_PROXY_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE)$/u;
