import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock";
import { millis, seconds, unixSeconds, type Millis, type UnixMs } from "#base/duration";
import { messageOf } from "#base/errors";
import { ApiClient, type HostRecord } from "./api.ts";
import { Backlog } from "./checks/backlog.ts";
import { Reporter } from "./checks/reporter.ts";
import { collectorsFor } from "./collectors/index.ts";
import { changedSettings, demandServer, type AgentConfig } from "./config.ts";
import { Deliverer } from "./deliverer.ts";
import { Describer } from "./describer.ts";
import { describeHost } from "./hostinfo/describe.ts";
import { openHttpClient } from "./http.ts";
import type { Log } from "./log.ts";
import { OtherHosts } from "./other-hosts.ts";
import type { CommandRunner } from "./plugins/command.ts";
import { ProbeResults } from "./probes/results.ts";
import { ProbeWatch } from "./probes/probe-watch.ts";
import { changesSentence } from "./reconcile.ts";
import { register } from "./registration.ts";
import { Sampler } from "./sampler.ts";
import { keepMinutes } from "./schedule.ts";
import { ServiceDeliverer } from "./service-deliverer.ts";
import { Sources } from "./sources.ts";
import { Spool } from "./spool.ts";
import { StateFolder } from "./state.ts";
import type { SystemReader } from "./system.ts";
import { agentVersion } from "./version.ts";
import { Watches } from "./watches.ts";

export interface RuntimeDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly reader: SystemReader;
  readonly platform: string;
  /** Runs the programs of plugins and checks. */
  readonly runner: CommandRunner;
  /** Reads the configuration again, for SIGHUP. */
  readonly reload: () => AgentConfig;
}

/** A stop takes at most 10 s: this much for unsent minutes and results, the rest for the status. */
const flushWithin: Millis = seconds(5);
const flushReportsWithin: Millis = seconds(2);
const statusWithin: Millis = seconds(2);

/** The running agent: samples each minute, delivers, and keeps the server's description of this host true. */
export class AgentRuntime {
  readonly #deps: RuntimeDeps;
  #config: AgentConfig;
  readonly #state: StateFolder;
  readonly #sources: Sources;
  #watches: Watches | undefined;
  #describer: Describer | undefined;
  #host: HostRecord | undefined;
  #trouble: string | undefined;
  #lastSampleAt: UnixMs | undefined;

  constructor(config: AgentConfig, deps: RuntimeDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#state = new StateFolder(config.stateDir);
    this.#sources = new Sources(deps.clock, deps.log);
  }

  /**
   * Takes over the configuration as it stands now and describes the host again. What did not change in it goes on undisturbed. A file that cannot be
   * read or is wrong changes nothing; the log says why.
   */
  reload(): void {
    const { log, reload } = this.#deps;
    try {
      const config = reload();
      const prepared = this.#watches?.prepare(config, true);
      for (const warning of config.warnings) log.warn(warning);
      const settings = changedSettings(this.#config, config);
      this.#config = config;
      const sections = prepared && this.#watches ? changesSentence(this.#watches.apply(config, prepared)) : "";
      const now = [...settings.now, ...(sections === "" ? [] : [sections])].join("; ");
      log.info(`Read the configuration again: ${now === "" ? "nothing changed" : now}.`);
      if (settings.later.length > 0) log.warn(`These count only after a restart: ${settings.later.join(", ")}.`);
    } catch (error) {
      log.error(`The configuration was not taken over, the old one stays: ${messageOf(error)}`);
    }
    this.#watches?.defineGraphs();
    this.#describer?.ask();
  }

  /**
   * Runs until `stop` is aborted, then sends what is left and the stop status.
   * @throws HinobanError "gone" for a retired host, "conflict" for a second agent, "forbidden" for a folder that cannot be used
   */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, log, random } = this.#deps;
    const { server, key } = demandServer(this.#config);
    await this.#state.make();
    const unlock = this.#state.lock();
    const { ca, httpProxy, keepsAlive } = this.#config;
    const api = new ApiClient(await openHttpClient(server, clock, ca, { proxy: httpProxy, keepsAlive }), key);
    try {
      const spool = await Spool.open(this.#state.spoolPath, log);
      const hosts = new OtherHosts(api, clock, log);
      const startedAt = new Date(clock.now()).toISOString();
      const onRecovered = (): void => this.#describeSoon();
      const onPosted = (): void => void this.#report(parts);
      const deliverer = new Deliverer({ spool, api, hosts, clock, log, random, onRecovered, onPosted });
      const services = new ServiceDeliverer({ spool: await Spool.open(this.#state.servicesPath, log), api, clock, log, random });
      const backlog = await Backlog.open(this.#state.reportsPath, log);
      const reporter = new Reporter({ backlog, api, hosts, clock, log, random });
      const parts: Parts = { api, spool, deliverer, services, backlog, reporter, server, startedAt };
      log.info(`hinoban-agent ${agentVersion} watches this machine.`, {
        server: server.origin,
        state: this.#state.path,
        waiting: spool.size,
      });
      const watches = this.#watch(reporter, hosts);
      try {
        await this.#work(parts, stop);
      } finally {
        await watches.end();
        await this.#goodbye(parts);
        await backlog.close();
      }
    } finally {
      api.close();
      await unlock();
    }
  }

  /** Starts what the configuration's sections ask for. */
  #watch(reporter: Reporter, hosts: OtherHosts): Watches {
    const watches = new Watches({
      ...this.#deps,
      sources: this.#sources,
      stateDir: this.#state.path,
      report: (report, isChange) => reporter.add(report, isChange),
      allowHost: (customIdentifier, host) => hosts.allow(customIdentifier, host),
      onDescription: () => this.#describer?.ask(),
    });
    this.#watches = watches;
    watches.apply(this.#config, watches.prepare(this.#config, false));
    return watches;
  }

  async #work(parts: Parts, stop: AbortSignal): Promise<void> {
    const end = new AbortController(); // stopped from outside, or one half failed and takes the other along
    const { signal } = end;
    stop.addEventListener("abort", () => end.abort(), { once: true });
    if (stop.aborted) end.abort();
    const ended = [this.#sample(parts, signal), this.#serve(parts, signal)].map((work) =>
      work.catch((error: unknown) => {
        end.abort();
        throw error;
      }),
    );
    const outcomes = await Promise.allSettled(ended);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  /** Sampling does not wait for the server: what is found before registration waits in the spool. */
  async #sample(parts: Parts, signal: AbortSignal): Promise<void> {
    const { spool, deliverer, services } = parts;
    const { clock, log, reader, platform } = this.#deps;
    const devices = (): AgentConfig["devices"] => this.#config.devices;
    const sampler = new Sampler(collectorsFor(platform, { reader, mono: () => clock.mono(), devices }), clock, log);
    await sampler.sample(); // counters begin here
    await keepMinutes(
      {
        clock,
        log,
        firstInterval: this.#config.firstInterval,
        take: async (time, isFirst) => {
          const [values, found] = await Promise.all([sampler.sample(), this.#sources.collect(time, signal)]);
          this.#lastSampleAt = clock.now();
          const extra = found.extra.filter((point) => point.service === undefined);
          await spool.append({ time, values: { ...found.values, ...values }, ...(extra.length > 0 ? { extra } : {}) });
          await services.append(found.extra.filter((point) => point.service !== undefined));
          deliverer.minuteReady(isFirst);
          await this.#report(parts);
        },
      },
      signal,
    );
  }

  async #serve(parts: Parts, signal: AbortSignal): Promise<void> {
    const { api, deliverer, services, reporter } = parts;
    const { clock, log, random, reader, platform } = this.#deps;
    const describe = (instance: string): ReturnType<typeof describeHost> =>
      describeHost(this.#config, reader, platform, instance, this.#watches?.checks);
    const onTrouble = (trouble: string): void => {
      this.#trouble = trouble;
      void this.#report(parts);
    };
    const { customIdentifier, mackerelRoot } = this.#config;
    const inherited = (): Promise<string | undefined> => idIn(mackerelRoot);
    const host = await register({ api, state: this.#state, clock, log, random, customIdentifier, inherited, describe, onTrouble }, signal);
    if (!host) return;
    this.#host = host;
    this.#trouble = undefined;
    deliverer.setHost(host.id);
    await this.#setStartStatus(api, host);
    const { name: instance } = await this.#state.instance();
    const graphs = (): Watches["graphs"] => this.#watches?.graphs ?? [];
    this.#describer = new Describer({ api, clock, log, random, hostId: host.id, describe: () => describe(instance), graphs });
    this.#watches?.setHost(api, host.id);
    await Promise.all([
      deliverer.run(signal),
      services.run(signal),
      reporter.run(host.id, signal),
      this.#describer.run(signal),
      this.#config.probes ? this.#probeWatch().run(host.id, signal) : undefined,
    ]);
  }

  /** Probes for the server, over a connection of its own. */
  #probeWatch(): ProbeWatch {
    const { clock, log, random } = this.#deps;
    const { ca, httpProxy, keepsAlive, probeAllow } = this.#config;
    return new ProbeWatch({
      clock,
      log,
      random,
      openApi: async () => {
        const { server, key } = demandServer(this.#config);
        return new ApiClient(await openHttpClient(server, clock, ca, { proxy: httpProxy, keepsAlive }), key);
      },
      openProber: async () => {
        const { NodeProber } = await import("#adapters/prober/prober");
        return new NodeProber({ clock, allowedNetworks: probeAllow });
      },
      results: new ProbeResults(this.#state.probesPath, clock, log),
    });
  }

  async #setStartStatus(api: ApiClient, host: HostRecord): Promise<void> {
    const { onStart } = this.#config;
    if (onStart === undefined || onStart === host.status) return;
    const outcome = await api.setStatus(host.id, onStart);
    if (outcome.kind !== "ok") this.#deps.log.warn(`The status ${onStart} could not be set: ${outcome.why}`);
  }

  async #goodbye({ api, deliverer, reporter, spool }: Parts): Promise<void> {
    const { log, clock } = this.#deps;
    const late = this.#sources.drain().filter((point) => point.service === undefined);
    if (late.length > 0) await spool.append({ time: unixSeconds(Math.floor(clock.now() / 60_000) * 60), values: {}, extra: late });
    await deliverer.flush(flushWithin);
    await reporter.flush(flushReportsWithin);
    const { onStop } = this.#config;
    if (onStop !== undefined && this.#host) {
      const outcome = await api.setStatus(this.#host.id, onStop, statusWithin);
      if (outcome.kind !== "ok") log.warn(`The status ${onStop} could not be set: ${outcome.why}`);
    }
    log.info("Stopped.", { waiting: spool.size });
  }

  /** Not at once: a whole fleet sees its server come back in the same second. */
  #describeSoon(): void {
    const { clock, random } = this.#deps;
    clock.after("agent.describe-soon", millis(Math.round(random() * 60_000)), () => this.#describer?.ask());
  }

  async #report({ server, spool, deliverer, backlog, reporter, startedAt }: Parts): Promise<void> {
    const text = (at: UnixMs | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());
    await this.#state
      .writeReport({
        pid: process.pid,
        version: agentVersion,
        server: server.origin,
        hostId: this.#host?.id,
        startedAt,
        lastSampleAt: text(this.#lastSampleAt),
        lastDeliveryAt: text(deliverer.lastDeliveryAt),
        waiting: spool.size,
        dropped: spool.dropped,
        reportsWaiting: backlog.waiting.length,
        trouble: deliverer.trouble ?? reporter.trouble ?? this.#trouble,
      })
      .catch(() => undefined); // a full disk must not end the agent
  }
}

/** The host id in mackerel-agent's folder, if it left one. */
async function idIn(folder: string | undefined): Promise<string | undefined> {
  const text = folder === undefined ? "" : await readFile(join(folder, "id"), "utf8").catch(() => "");
  return /^[A-Za-z0-9]{1,64}$/u.test(text.trim()) ? text.trim() : undefined;
}

interface Parts {
  readonly api: ApiClient;
  readonly spool: Spool;
  readonly deliverer: Deliverer;
  readonly services: ServiceDeliverer;
  readonly backlog: Backlog;
  readonly reporter: Reporter;
  readonly server: URL;
  readonly startedAt: string;
}
