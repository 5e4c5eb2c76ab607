import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { Verdict } from "#wire/probe-outcomes";
import { defaultProbeTimeout, serverVantage, type ProbeSpec } from "#wire/probe-specs";
import type { ExternalRule, ProbeRule } from "#wire/monitor-settings";
import type { Monitor } from "./model.ts";
import { readMonitors } from "./store.ts";

/** A rule whose target is asked over the network, as whoever asks needs it. */
export interface ProbedMonitor {
  readonly id: string;
  /** Counts every change: what was found by an older one is not judged by a newer one's rules for long. */
  readonly version: number;
  readonly name: string;
  readonly spec: ProbeSpec;
  /** `server` or `host:<id>`. */
  readonly vantages: readonly string[];
  readonly intervalSeconds: number;
  /** A probe that ends otherwise failed. */
  readonly expectedVerdicts: readonly Verdict[];
  /** The service whose metric keeps the response time, by name. */
  readonly service: string | undefined;
}

/** What one probe of a rule found, from one place. */
export interface JudgedProbe {
  /** `server` or `host:<id>`. */
  readonly vantage: string;
  readonly status: "ok" | "failed";
  /** One line for people; for an HTTP status that is wrong the bare status, as Mackerel has it. */
  readonly message: string;
  readonly responseMillis?: number;
  /** When it was found: the same moment again is the same probe again. */
  readonly at?: UnixMs;
  readonly certificateExpiresAt?: UnixMs;
  readonly httpStatus?: number;
  readonly diagnosis?: Verdict;
}

const everyMinute = 60;

/** All rules of the transaction's organisation that ask over the network, the muted ones too: their alerts exist, nobody is told. */
export async function probedMonitors(tx: Tx): Promise<ProbedMonitor[]> {
  return (await readMonitors(tx)).flatMap((monitor) => probedMonitor(monitor) ?? []);
}

/** What one rule asks over the network; undefined for a rule that does not. */
export function probedMonitor({ id, version, settings }: Pick<Monitor, "id" | "version" | "settings">): ProbedMonitor | undefined {
  if (settings.type === "external") return { id, version, ...externalProbe(settings) };
  return "probe" in settings ? { id, version, ...ownProbe(settings) } : undefined;
}

type Probed = Omit<ProbedMonitor, "id" | "version">;

function externalProbe(rule: ExternalRule): Probed {
  return {
    name: rule.name,
    spec: {
      kind: "http",
      url: rule.url,
      method: rule.method ?? "GET",
      headers: rule.headers ?? [{ name: "Cache-Control", value: "no-cache" }],
      followRedirect: rule.followRedirect ?? false,
      skipCertificateVerification: rule.skipCertificateVerification ?? false,
      family: rule.dualstack ?? "ipv4",
      timeoutSeconds: defaultProbeTimeout,
      ...(rule.requestBody ? { requestBody: rule.requestBody } : {}),
      ...(rule.expectedStatusCode ? { expectedStatusCode: rule.expectedStatusCode } : {}),
      ...(rule.containsString ? { containsString: rule.containsString } : {}),
    },
    vantages: [serverVantage],
    intervalSeconds: everyMinute,
    expectedVerdicts: ["ok"],
    service: rule.service ?? undefined,
  };
}

function ownProbe(rule: ProbeRule): Probed {
  return {
    name: rule.name,
    spec: rule.probe,
    vantages: rule.vantages ?? [serverVantage],
    intervalSeconds: rule.intervalSeconds ?? everyMinute,
    expectedVerdicts: rule.expectedVerdicts ?? ["ok"],
    service: rule.service,
  };
}
