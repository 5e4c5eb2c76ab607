import { millis } from "#base/duration";
import type { AddressFamily } from "#wire/probe-specs";
import { failure } from "./failure.ts";
import { handshake, type Secured, type Versions } from "./handshake.ts";
import { resolveHost, type Target } from "./names.ts";
import type { Findings, Ground } from "./ground.ts";
import type { Trace } from "./trace.ts";
import { endpoint, openWire, type Wire } from "./wire.ts";

/** Even when a name has many addresses, none gets less. */
const leastPerAddress = 1500;

export interface ReachInput {
  readonly host: string;
  readonly port: number;
  readonly family: AddressFamily | undefined;
  /** What `family` means when it is not given. */
  readonly usual?: AddressFamily;
}

/** Looks the name up and connects to the first of its addresses that lets us. @throws the verdict of the last address */
export async function reach(ground: Ground, trace: Trace, findings: Findings, input: ReachInput): Promise<Wire> {
  const { host, port, family, usual = "auto" } = input;
  const targets = await resolveHost(trace, ground.names, ground.rules, { host, family, usual });
  let last: unknown;
  for (const [index, target] of targets.entries()) {
    const share = Math.max(trace.left / (targets.length - index), leastPerAddress);
    try {
      return await connectTo(trace, findings, target, port, share);
    } catch (error) {
      last = error;
    }
  }
  throw last ?? failure("name-unknown", `${host} has no address`);
}

/** One address, as a step. @param within milliseconds; the probe's own deadline when absent */
export async function connectTo(trace: Trace, findings: Findings, target: Target, port: number, within?: number): Promise<Wire> {
  const address = endpoint(target, port);
  findings.address = address;
  let close = (): void => undefined;
  try {
    const wire = await trace.step(
      "connect",
      { late: () => "connect-timed-out", address },
      async () => {
        const opened = await openWire(target, port, (end) => {
          close = end;
          trace.onEnd(end);
        });
        return { value: opened, detail: "connected", address };
      },
      within === undefined ? undefined : millis(within),
    );
    findings.wire = wire;
    return wire;
  } catch (error) {
    close(); // the next address must not wait for a socket that still tries
    throw error;
  }
}

export interface SecureInput {
  readonly serverName: string;
  /** When the handshake is done, a certificate that is wrong ends the probe. */
  readonly verifies: boolean;
  readonly versions?: Versions;
  readonly alpn?: readonly string[];
}

/** TLS over the wire, as a step. @throws the verdict of a broken handshake, or of the certificate when it is to be verified */
export async function secure(ground: Ground, trace: Trace, findings: Findings, wire: Wire, input: SecureInput): Promise<Secured> {
  const { serverName, verifies, versions = "modern", alpn } = input;
  const late = (): "silent" | "answer-timed-out" => (wire.received === 0 ? "silent" : "answer-timed-out");
  return trace.step("tls", { late, address: wire.address }, async () => {
    const now = ground.clock.now();
    const secured = await handshake(wire, { serverName, trust: ground.trust, versions, now, ...(alpn ? { alpn } : {}) });
    findings.tls = secured.facts;
    const problem = secured.facts.certificate?.problems[0];
    if (verifies && problem !== undefined) throw failure(problem, problemDetail(secured, serverName));
    const { version, cipher } = secured.facts;
    return { value: secured, detail: `${version} ${cipher}`.trim(), address: wire.address };
  });
}

function problemDetail({ facts }: Secured, serverName: string): string {
  const { certificate } = facts;
  if (!certificate) return "no certificate";
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const texts = new Map([
    ["certificate-expired", `the certificate expired on ${day(certificate.notAfter)}`],
    ["certificate-not-yet-valid", `the certificate is valid only from ${day(certificate.notBefore)}`],
    [
      "certificate-name",
      `the certificate is for ${certificate.names.slice(0, 5).join(", ") || certificate.subject}, not for ${serverName}`,
    ],
    ["certificate-self-signed", `the certificate is signed by itself (${certificate.subject})`],
    ["certificate-issuer", `nobody here knows the issuer ${certificate.issuer}`],
  ]);
  return texts.get(certificate.problems[0] ?? "") ?? `the certificate is not trusted (${certificate.subject})`;
}
