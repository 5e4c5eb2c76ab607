import type { Clock } from "#base/clock";
import { seconds } from "#base/duration";
import { messageOf } from "#base/errors";
import { AddressRules, deniedNetworks, loopbackNetworks } from "#base/ip-networks";
import { version } from "#base/version";
import type { ProbeOptions, Prober } from "#ports/prober/port";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";
import { defaultProbeTimeout } from "#wire/probe-words";
import { probeBanner } from "./banners.ts";
import { probeDns } from "./dns.ts";
import type { Answered, Findings, Ground } from "./ground.ts";
import { TrustStore } from "./handshake.ts";
import { probeHttp } from "./http.ts";
import { shown } from "./known-greetings.ts";
import { Names } from "./names.ts";
import { probePath } from "./path.ts";
import { probePing } from "./ping.ts";
import { tlsOf, verdictOf } from "./failure.ts";
import { probeSsh } from "./ssh.ts";
import { probeTcp } from "./tcp.ts";
import { rounded, Trace } from "./trace.ts";

export interface NodeProberOptions {
  readonly clock: Clock;
  /** Networks that may be probed although they are the machine itself, its own wire or a cloud's metadata service. */
  readonly allowedNetworks?: readonly string[];
  /** Networks that may not be probed besides those. */
  readonly deniedNetworks?: readonly string[];
  /** Authorities beside the system's, PEM. */
  readonly authorities?: readonly string[];
  /** What stands in User-Agent unless a header says otherwise. */
  readonly userAgent?: string;
}

const usualUserAgent = `hinoban-http-checker/${version}`;

/** Asks the network with Node's own sockets, and the system's `ping`. */
export class NodeProber implements Prober {
  readonly #ground: Ground;

  constructor({ clock, allowedNetworks = [], deniedNetworks: more = [], authorities, userAgent = usualUserAgent }: NodeProberOptions) {
    const rules = new AddressRules({ denied: [...deniedNetworks, ...loopbackNetworks, ...more], allowed: allowedNetworks });
    this.#ground = { clock, names: new Names(), rules, trust: new TrustStore(authorities), userAgent };
  }

  async probe(spec: ProbeSpec, options: ProbeOptions = {}): Promise<ProbeOutcome> {
    const trace = new Trace(this.#ground.clock, seconds(spec.timeoutSeconds ?? defaultProbeTimeout), options);
    const findings: Findings = {};
    try {
      const { message, millis } = await run(this.#ground, trace, findings, spec);
      return outcome(trace, findings, { verdict: "ok", message, millis: millis ?? trace.elapsed });
    } catch (error) {
      const verdict = verdictOf(error);
      if (verdict === undefined) throw error;
      const facts = tlsOf(error);
      if (facts) findings.tls ??= facts;
      return outcome(trace, findings, { verdict, message: messageOf(error), millis: trace.elapsed });
    } finally {
      trace.end();
    }
  }
}

function run(ground: Ground, trace: Trace, findings: Findings, spec: ProbeSpec): Promise<Answered> {
  switch (spec.kind) {
    case "http":
      return probeHttp(ground, trace, findings, spec);
    case "ping":
      return probePing(ground, trace, findings, spec);
    case "tcp":
      return probeTcp(ground, trace, findings, spec);
    case "dns":
      return probeDns(ground, trace, findings, spec);
    case "ssh":
      return probeSsh(ground, trace, findings, spec);
    case "path":
      return probePath(ground, trace, findings, spec);
    case "smtp":
    case "imap":
    case "pop3":
    case "ldap":
      return probeBanner(ground, trace, findings, spec);
  }
}

function outcome(trace: Trace, { wire, ...found }: Findings, end: Pick<ProbeOutcome, "verdict" | "message" | "millis">): ProbeOutcome {
  const seen = wire && wire.received > 0 && !found.tls ? { seen: shown(wire.head), seenBytes: wire.received } : {};
  return { ...end, message: end.message.slice(0, 1000), millis: rounded(end.millis), steps: trace.steps, ...seen, ...found };
}
