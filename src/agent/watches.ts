import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock";
import { millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { ApiClient } from "./api.ts";
import { runCheck } from "./checks/check-runner.ts";
import type { CheckReport } from "./checks/check.ts";
import type { FileSections } from "./conf/file-sections.ts";
import type { IntegrationSection } from "./conf/integrations.ts";
import type { CheckPluginConfig, MetadataPluginConfig } from "./conf/plugins.ts";
import type { HostToMake } from "./extra-points.ts";
import { IntegrationSource, type Made } from "./integrations/integration-source.ts";
import type { IntegrationDeps } from "./integrations/integration.ts";
import { createIntegration } from "./integrations/registry.ts";
import type { JsonObject } from "./json.ts";
import type { Log } from "./log.ts";
import type { CommandRunner } from "./plugins/command.ts";
import { keepMetadata } from "./plugins/metadata-plugin.ts";
import { MetricPlugin } from "./plugins/metric-plugin.ts";
import { reconcile, type Changes, type Running } from "./reconcile.ts";
import type { Sources } from "./sources.ts";
import type { SystemReader } from "./system.ts";

export interface WatchesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly reader: SystemReader;
  readonly platform: string;
  readonly runner: CommandRunner;
  readonly sources: Sources;
  readonly stateDir: string;
  readonly report: (report: CheckReport, isChange: boolean) => Promise<void>;
  readonly allowHost: (customIdentifier: string, host: HostToMake) => void;
  /** What the server knows of this host should be told anew: graphs or names of checks changed. */
  readonly onDescription: () => void;
}

/** Integrations that were made from a configuration and do not run yet. */
export type Prepared = ReadonlyMap<string, Made>;

/** Graph definitions and who made them. */
export interface GraphSource {
  readonly name: string;
  readonly definitions: readonly JsonObject[];
}

/** Everything that the configuration's sections ask for: plugins, checks, metadata, integrations. */
export class Watches {
  readonly #deps: WatchesDeps;
  readonly #metrics = new Map<string, Running<{ readonly plugin: MetricPlugin; readonly end: AbortController }>>();
  readonly #checks = new Map<string, Running<AbortController>>();
  readonly #metadata = new Map<string, Running<AbortController>>();
  readonly #integrations = new Map<string, Running<IntegrationSource>>();
  #sections: Pick<FileSections, "plugins" | "integrations"> | undefined;
  #metadataHost: { readonly api: ApiClient; readonly hostId: string } | undefined;
  #hadChecks = false;
  #hasEnded = false;

  constructor(deps: WatchesDeps) {
    this.#deps = deps;
  }

  /**
   * Makes the integrations that a configuration changes, without starting anything.
   * @param isStrict a wrong option is an error (HinobanError "invalid-input") instead of an integration that only says what is wrong
   */
  prepare(sections: Pick<FileSections, "integrations">, isStrict: boolean): Prepared {
    const made = new Map<string, Made>();
    for (const { config, signature } of sections.integrations) {
      if (this.#integrations.get(config.name)?.signature === signature) continue;
      try {
        made.set(config.name, { integration: createIntegration(config, this.#integrationDeps(config.name)) });
      } catch (error) {
        if (isStrict || !(error instanceof HinobanError)) throw error;
        this.#deps.log.error(`The integration ${config.name} does not run: ${messageOf(error)}`);
        made.set(config.name, { name: config.name, why: messageOf(error) });
      }
    }
    return made;
  }

  /** Takes over a configuration. What did not change goes on undisturbed. */
  apply(sections: Pick<FileSections, "plugins" | "integrations">, prepared: Prepared): readonly Changes[] {
    this.#sections = sections;
    const { plugins, integrations } = sections;
    const changes = [
      reconcile("plugin.metrics.", this.#metrics, plugins.metrics.map(asWanted), (config) => this.#startPlugin(config), stopPlugin),
      reconcile("plugin.checks.", this.#checks, plugins.checks.map(asWanted), (config) => this.#startCheck(config), stop),
      reconcile(
        "integrations.",
        this.#integrations,
        integrations.map((section) => ({ name: section.config.name, signature: section.signature, config: section })),
        (section) => this.#startIntegration(section, prepared),
        (source) => this.#stopIntegration(source),
      ),
      this.#applyMetadata(),
    ];
    this.#deps.sources.set([
      ...[...this.#metrics.values()].map(({ item }) => item.plugin),
      ...[...this.#integrations.values()].map(({ item }) => item),
    ]);
    return changes;
  }

  /** The host is known: metadata can be sent. */
  setHost(api: ApiClient, hostId: string): void {
    this.#metadataHost = { api, hostId };
    this.#applyMetadata();
  }

  /** Asks plugins for graphs that did not tell them yet. */
  defineGraphs(): void {
    for (const { item } of this.#metrics.values()) this.#define(item);
  }

  get graphs(): readonly GraphSource[] {
    const plugins = [...this.#metrics.values()].map(({ item }) => item.plugin);
    const integrations = [...this.#integrations.values()].map(({ item }) => item);
    return [...plugins, ...integrations].filter(({ definitions }) => definitions.length > 0);
  }

  /** `checks` of the host's description; undefined while it is not known whole, or when there never were any: the server keeps what it has. */
  get checks(): readonly JsonObject[] | undefined {
    const own = (this.#sections?.plugins.checks ?? []).filter((check) => check.customIdentifier === undefined);
    const list: JsonObject[] = own.map(({ name, memo }) => ({ name, ...(memo === undefined ? {} : { memo }) }));
    for (const { item } of this.#integrations.values()) {
      const names = item.checkNames;
      if (!names) return undefined;
      list.push(...names.map((name) => ({ name })));
    }
    this.#hadChecks ||= list.length > 0;
    return this.#hadChecks ? list : undefined;
  }

  /** Ends everything; programs that run are ended with their groups. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    for (const { item } of this.#metrics.values()) item.end.abort();
    for (const { item } of [...this.#checks.values(), ...this.#metadata.values()]) item.abort();
    await Promise.allSettled([...this.#integrations.values()].map(({ item }) => item.close()));
  }

  #startPlugin(config: ConstructorParameters<typeof MetricPlugin>[0]): { readonly plugin: MetricPlugin; readonly end: AbortController } {
    const started = { plugin: new MetricPlugin(config, this.#deps), end: new AbortController() };
    this.#define(started);
    return started;
  }

  #define({ plugin, end }: { readonly plugin: MetricPlugin; readonly end: AbortController }): void {
    void (async () => {
      const isNew = await plugin.define(end.signal);
      if (isNew && !end.signal.aborted) this.#deps.onDescription();
    })();
  }

  #startCheck(config: CheckPluginConfig): AbortController {
    const { sources, report } = this.#deps;
    const spread = millis(Math.min((this.#sections?.plugins.checks.length ?? 0) * 300, 10_000));
    return this.#startLoop(`check ${config.name}`, (signal) =>
      runCheck(config, { ...this.#deps, spread, report, points: (points) => sources.add(points) }, signal),
    );
  }

  #applyMetadata(): Changes {
    const host = this.#metadataHost;
    const wanted = host && !this.#hasEnded ? (this.#sections?.plugins.metadata ?? []).map(asWanted) : [];
    const start = (config: MetadataPluginConfig): AbortController =>
      this.#startLoop(`metadata ${config.name}`, (signal) =>
        host ? keepMetadata(config, { ...this.#deps, ...host }, signal) : Promise.resolve(),
      );
    return reconcile("plugin.metadata.", this.#metadata, wanted, start, stop);
  }

  #startLoop(name: string, run: (signal: AbortSignal) => Promise<void>): AbortController {
    const end = new AbortController();
    if (this.#hasEnded) end.abort();
    else void run(end.signal).catch((error: unknown) => this.#deps.log.error(`${name} ended: ${messageOf(error)}`));
    return end;
  }

  #startIntegration({ config }: IntegrationSection, prepared: Prepared): IntegrationSource {
    const made = prepared.get(config.name) ?? { name: config.name, why: "it was not made" };
    const { clock, report, allowHost, onDescription } = this.#deps;
    return new IntegrationSource(made, { clock, report, allowHost, onChecks: onDescription });
  }

  #stopIntegration(source: IntegrationSource): void {
    void source.close().catch((error: unknown) => this.#deps.log.warn(`${source.name} did not close: ${messageOf(error)}`));
  }

  #integrationDeps(name: string): IntegrationDeps {
    const { clock, log, reader, platform, stateDir } = this.#deps;
    const folder = join(stateDir, "integrations", encodeURIComponent(name));
    return {
      clock,
      log,
      reader,
      platform,
      stateFolder: async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        return folder;
      },
    };
  }
}

const asWanted = <C extends { readonly name: string; readonly signature: string }>(
  config: C,
): { readonly name: string; readonly signature: string; readonly config: C } => ({
  name: config.name,
  signature: config.signature,
  config,
});

const stop = (end: AbortController): void => end.abort();

const stopPlugin = ({ end }: { readonly end: AbortController }): void => end.abort();
