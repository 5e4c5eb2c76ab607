import type { Clock } from "#base/clock";
import { millis, seconds, type Millis, type UnixMs } from "#base/duration";
import { messageOf } from "#base/errors";
import { ApiClient, type HostRecord } from "./api.ts";
import { collectorsFor } from "./collectors/index.ts";
import { demandServer, type AgentConfig } from "./config.ts";
import { Deliverer } from "./deliverer.ts";
import { Describer } from "./describer.ts";
import { describeHost } from "./hostinfo/describe.ts";
import { openHttpClient } from "./http.ts";
import type { Log } from "./log.ts";
import { register } from "./registration.ts";
import { Sampler } from "./sampler.ts";
import { keepMinutes } from "./schedule.ts";
import { Spool } from "./spool.ts";
import { StateFolder } from "./state.ts";
import type { SystemReader } from "./system.ts";
import { agentVersion } from "./version.ts";

export interface RuntimeDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly reader: SystemReader;
  readonly platform: string;
  /** Reads the configuration again, for SIGHUP. */
  readonly reload: () => AgentConfig;
}

/** A stop takes at most 10 s: this much for unsent minutes, the rest for the status. */
const flushWithin: Millis = seconds(7);
const statusWithin: Millis = seconds(2);

/** The running agent: samples each minute, delivers, and keeps the server's description of this host true. */
export class AgentRuntime {
  readonly #deps: RuntimeDeps;
  #config: AgentConfig;
  readonly #state: StateFolder;
  #describer: Describer | undefined;
  #host: HostRecord | undefined;
  #trouble: string | undefined;
  #lastSampleAt: UnixMs | undefined;

  constructor(config: AgentConfig, deps: RuntimeDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#state = new StateFolder(config.stateDir);
  }

  /** Describes the host again with the configuration as it stands now; a wrong one is logged and the old one stays. */
  reload(): void {
    const { log, reload } = this.#deps;
    try {
      this.#config = reload();
      log.info("Read the configuration again. Server, key and state folder count only after a restart.");
    } catch (error) {
      log.error(`The configuration was not taken over: ${messageOf(error)}`);
    }
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
    const api = new ApiClient(await openHttpClient(server, clock, this.#config.ca), key);
    try {
      const spool = await Spool.open(this.#state.spoolPath, log);
      const startedAt = new Date(clock.now()).toISOString();
      const onRecovered = (): void => this.#describeSoon();
      const onPosted = (): void => void this.#report(parts);
      const deliverer = new Deliverer({ spool, api, clock, log, random, onRecovered, onPosted });
      const parts: Parts = { api, spool, deliverer, server, startedAt };
      log.info(`hinoban-agent ${agentVersion} watches this machine.`, {
        server: server.origin,
        state: this.#state.path,
        waiting: spool.size,
      });
      await this.#work(parts, stop);
      await this.#goodbye(api, deliverer, spool);
    } finally {
      api.close();
      await unlock();
    }
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
    const { spool, deliverer } = parts;
    const { clock, log, reader, platform } = this.#deps;
    const sampler = new Sampler(collectorsFor(platform, { reader, mono: () => clock.mono() }), clock, log);
    await sampler.sample(); // counters begin here
    await keepMinutes(
      {
        clock,
        log,
        firstInterval: this.#config.firstInterval,
        take: async (time, isFirst) => {
          const values = await sampler.sample();
          this.#lastSampleAt = clock.now();
          await spool.append({ time, values });
          deliverer.minuteReady(isFirst);
          await this.#report(parts);
        },
      },
      signal,
    );
  }

  async #serve(parts: Parts, signal: AbortSignal): Promise<void> {
    const { api, deliverer } = parts;
    const { clock, log, random, reader, platform } = this.#deps;
    const describe = (instance: string): ReturnType<typeof describeHost> => describeHost(this.#config, reader, platform, instance);
    const onTrouble = (trouble: string): void => {
      this.#trouble = trouble;
      void this.#report(parts);
    };
    const { customIdentifier } = this.#config;
    const host = await register({ api, state: this.#state, clock, log, random, customIdentifier, describe, onTrouble }, signal);
    if (!host) return;
    this.#host = host;
    this.#trouble = undefined;
    deliverer.setHost(host.id);
    await this.#setStartStatus(api, host);
    const { name: instance } = await this.#state.instance();
    this.#describer = new Describer({ api, clock, log, random, hostId: host.id, describe: () => describe(instance) });
    await Promise.all([deliverer.run(signal), this.#describer.run(signal)]);
  }

  async #setStartStatus(api: ApiClient, host: HostRecord): Promise<void> {
    const { onStart } = this.#config;
    if (onStart === undefined || onStart === host.status) return;
    const outcome = await api.setStatus(host.id, onStart);
    if (outcome.kind !== "ok") this.#deps.log.warn(`The status ${onStart} could not be set: ${outcome.why}`);
  }

  async #goodbye(api: ApiClient, deliverer: Deliverer, spool: Spool): Promise<void> {
    const { log } = this.#deps;
    await deliverer.flush(flushWithin);
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

  async #report({ server, spool, deliverer, startedAt }: Parts): Promise<void> {
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
        trouble: deliverer.trouble ?? this.#trouble,
      })
      .catch(() => undefined); // a full disk must not end the agent
  }
}

interface Parts {
  readonly api: ApiClient;
  readonly spool: Spool;
  readonly deliverer: Deliverer;
  readonly server: URL;
  readonly startedAt: string;
}
