import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import type { FastifyInstance } from "fastify";
import { Secret } from "#base/secret";
import { version } from "#base/version";
import * as identity from "#features/identity";
import * as inventory from "#features/inventory";
import { createApp, type Served } from "#http";
import type { Change } from "#store";
import { openFeatures, openPeople } from "./open-features.ts";
import type { Parts } from "./parts.ts";
import { startPeriodicWork } from "./periodic-work.ts";
import { registerFeatures } from "./register-features.ts";

/** The application with all features, ready to listen. */
export interface Composed {
  readonly app: FastifyInstance;
  readonly served: Served;
  /** To be called with every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void;
  /**
   * Makes what must exist before anybody set anything up.
   * @returns path of a fresh one-time set-up link, while nobody has used one.
   */
  prepare(): Promise<string | undefined>;
  /** Starts periodic work; the result ends it and writes what waits. */
  start(): Promise<() => Promise<void>>;
  /** The key of this machine's agent, kept in `file`; a new one when there is none or it is no longer valid. */
  localAgentKey(file: string): Promise<Secret>;
}

/** Joins the features. Asks the database nothing and starts nothing. */
export async function compose(parts: Parts): Promise<Composed> {
  const app = await createApp({ logger: parts.logger, version, trustProxy: parts.settings.trustProxy });
  const people = openPeople(parts);
  const served: Served = { app, gate: identity.createGate(people) };
  const features = await openFeatures(parts, people, served.gate);
  await registerFeatures(served, parts, features);
  const {
    hosts,
    quiet,
    incidents,
    handOvers,
    rules,
    receivers,
    exporters,
    telemetry,
    zabbixAgents,
    probes,
    notify,
    routes,
    ladders,
    others,
    speech,
  } = features;

  const local = () => identity.ensureLocalOrganisation(people, Intl.DateTimeFormat().resolvedOptions().timeZone);
  return {
    app,
    served,
    prepare: async () => {
      await local();
      zabbixAgents.onChange(undefined); // the first organisation may just have been made
      return identity.issueSetupLink(people, "");
    },
    onChange: (change) => {
      identity.onChange(people, change);
      inventory.onChange(hosts, change);
      quiet.onChange(change);
      incidents.onChange(change);
      handOvers.onChange(change);
      rules.onChange(change);
      receivers.onChange(change);
      exporters.onChange(change);
      telemetry.onChange(change);
      zabbixAgents.onChange(change);
      probes.onChange(change);
      notify.onChange(change);
      routes.onChange(change);
      ladders.onChange(change);
      others.onChange(change);
      features.reports.onChange(change);
      speech.onChange(change);
      features.calls.onChange(change);
      features.lineWatch.onChange(change);
    },
    start: () => startPeriodicWork(parts, features),
    localAgentKey: async (file) => localAgentKey(people, (await local()).organisationId, file),
  };
}

async function localAgentKey(people: identity.Identity, organisationId: string, file: string): Promise<Secret> {
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined && (await identity.isKeyValid(people, kept.trim()))) return new Secret(kept.trim());
  const secret = await identity.ensureAgentKey(people, { organisationId, name: `Agent on ${hostname()}`, purpose: "local-agent" });
  await writeFile(file, `${secret.reveal()}\n`, { mode: 0o600 });
  return secret;
}
