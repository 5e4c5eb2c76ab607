import type { UnixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { CheckResult } from "../../checks/check.ts";
import { segment } from "../../collectors/collector.ts";
import { agentName } from "../../version.ts";
import type { Collected, Integration, IntegrationConfig, IntegrationDeps, IntegrationMaker, TimedValue } from "../integration.ts";
import type { Options } from "../options.ts";
import { graphDefsOf, metricsOf } from "./catalogue.ts";
import { AwsClient, type ClientDeps, type CredentialSource } from "./client.ts";
import { assumedRole, instanceRole, keptCredentials } from "./credentials.ts";
import type { CloudResource } from "./discover.ts";
import { Outbox, type HostOfValues } from "./outbox.ts";
import { RegionWatch, summarise, type RegionValues } from "./region.ts";
import { readSettings, type CloudwatchSettings } from "./settings.ts";
import { networkSend, type Send } from "./transport.ts";

/**
 * `[integrations.cloudwatch]`, or a section `[integrations.cloudwatch.ACCOUNT]` for each account: databases of RDS and load balancers, through
 * CloudWatch. Each is a host of its own, or a group of metrics of a service.
 */
export const cloudwatch: IntegrationMaker = (options, deps, config) =>
  makeCloudwatch(options, deps, config, { send: networkSend(deps.clock), random: Math.random });

/** How the outside is reached; tests hand in their own. */
export interface CloudOutside {
  readonly send: Send;
  readonly random: () => number;
}

type Deps = Pick<IntegrationDeps, "clock" | "reader">;

/** {@link cloudwatch} with the way requests are sent. */
export function makeCloudwatch(
  options: Options,
  deps: Deps,
  { name }: Pick<IntegrationConfig, "name">,
  outside: CloudOutside,
): Integration {
  const settings = readSettings(options, deps);
  const credentials = credentialsOf(settings, deps, outside);
  const { regions, everyMinutes, endpoint } = settings;
  const watches = regions.map((region) => {
    const client = new AwsClient(region, { clock: deps.clock, ...outside, credentials, endpoint });
    return { region, watch: new RegionWatch(client, deps.clock, settings) };
  });
  const outbox = new Outbox();
  let fetchedAt: UnixMs | undefined;
  let isBehind = false;
  return {
    kind: "cloudwatch",
    name,
    graphDefs: settings.service === undefined ? graphDefsOf(settings.kinds) : [],
    collect: async (signal) => {
      const now = deps.clock.now();
      const isDue = fetchedAt === undefined || isBehind || Math.abs(now - fetchedAt) >= everyMinutes * 60_000 - tolerance;
      if (!isDue) return { hosts: outbox.take(mostInMinute) };
      fetchedAt = now;
      const rounds = await Promise.all(
        watches.map(async ({ region, watch }) => ({ region, outcome: await watch.round(signal).catch((error: unknown) => error) })),
      );
      isBehind = rounds.some(({ outcome }) => isFound(outcome) && outcome.isBehind);
      const { checks, serviceMetrics } = gather(rounds, name, settings, outbox);
      return { checks, hosts: outbox.take(mostInMinute), ...(serviceMetrics ? { serviceMetrics } : {}) };
    },
  };
}

// A round comes each minute, but not to the second.
const tolerance = 20_000;

/** The agent keeps 8,000 values of plugins and integrations a minute; others need room, too. */
const mostInMinute = 4000;

function credentialsOf(
  { findKey, role, regions, endpoint, metadataEndpoint }: CloudwatchSettings,
  { clock }: Deps,
  outside: CloudOutside,
): CredentialSource {
  const base = findKey ? keptCredentials(clock, findKey) : instanceRole(metadataEndpoint, clock, outside.send);
  if (!role) return base;
  const deps: ClientDeps = { clock, ...outside, credentials: base, endpoint };
  return assumedRole(role, regions[0] ?? "us-east-1", deps);
}

interface Round {
  readonly region: string;
  /** What was found, or why nothing was. */
  readonly outcome: unknown;
}

const isFound = (outcome: unknown): outcome is RegionValues => typeof outcome === "object" && outcome !== null && "leftOut" in outcome;

function gather(
  rounds: readonly Round[],
  name: string,
  settings: CloudwatchSettings,
  outbox: Outbox,
): Pick<Collected, "serviceMetrics"> & { readonly checks: readonly CheckResult[] } {
  const checks: CheckResult[] = [];
  const ofService: Record<string, number> = {};
  for (const { region, outcome } of rounds) {
    const check = `${name} ${region}`;
    if (!isFound(outcome)) {
      checks.push({ name: check, status: isDenied(outcome) ? "CRITICAL" : "WARNING", message: messageOf(outcome) });
      continue;
    }
    checks.push({ name: check, status: outcome.leftOut > 0 ? "WARNING" : "OK", message: summarise(outcome) });
    for (const { resource, points } of outcome.values) {
      if (settings.service === undefined) outbox.add(hostOf(resource, region, settings), points);
      else Object.assign(ofService, newest(resource, points));
    }
  }
  return { checks, ...(settings.service === undefined ? {} : { serviceMetrics: { [settings.service]: ofService } }) };
}

/** A key that is not taken needs a person; an answer that did not come may come in five minutes. */
const isDenied = (error: unknown): boolean => error instanceof HinobanError && (error.code === "forbidden" || error.code === "not-found");

function hostOf(resource: CloudResource, region: string, { identifierSuffix, roles }: CloudwatchSettings): HostOfValues {
  const suffix = identifierSuffix === "" ? "" : `.${identifierSuffix}`;
  const { kind, id, facts } = resource;
  const meta = { "agent-name": agentName, cloud: { provider: kind, metadata: { region, ...facts } } };
  return { customIdentifier: `${id}.${kind}.${region}${suffix}`, register: { name: id, roles, meta } };
}

/** The latest value of each metric, as `rds.ReadIOPS.<identifier>`: the lines of one graph are the things. */
function newest(resource: CloudResource, points: readonly TimedValue[]): Readonly<Record<string, number>> {
  const { kind, id } = resource;
  const latest = new Map<string, { readonly time: number; readonly value: number }>();
  for (const { name, time, value } of points) {
    const known = latest.get(name);
    if (!known || known.time < time) latest.set(name, { time, value });
  }
  const lines = new Set(metricsOf[kind].map(({ line, metric }) => line ?? metric));
  const values: Record<string, number> = {};
  for (const [name, { value }] of latest) {
    const parts = name.split(".").slice(3); // behind custom.<kind>.<graph>
    const line = parts[parts.length - 1] ?? "";
    const title = lines.has(line) ? line : `targets_${line}`;
    const thing = [segment(id), ...parts.slice(0, -1)].join("_");
    values[`${kind}.${title}.${thing}`] = value;
  }
  return values;
}
