import type { Clock } from "#base/clock";
import { hours, millis, minutes, seconds, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import type { Prober } from "#ports/prober/port";
import type { ProbeOutcome, ProbeStep } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";
import type { ApiClient, Outcome, ProbePlace } from "../api.ts";
import { backoff } from "../backoff.ts";
import { isJsonObject } from "../json.ts";
import type { Log } from "../log.ts";
import { reconcile, type Running } from "../reconcile.ts";
import { Waker } from "../waker.ts";
import { parseAssigned, type Assigned, type Assignment, type Order } from "./assignment.ts";
import type { ProbeResults } from "./results.ts";

/** What is asked of the server. */
export type ProbeApi = Pick<ApiClient, "findOrganisation" | "fetchProbes" | "postProbeResults" | "reportProbeRun" | "close">;

export interface ProbeWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** A client of its own: its questions are held open and must not keep metrics waiting. */
  readonly openApi: () => Promise<ProbeApi>;
  /** Loaded when there is something to probe: most agents never have it in memory. */
  readonly openProber: () => Promise<Prober>;
  readonly results: ProbeResults;
}

/** A whole fleet starts at once after a power cut. */
const firstWithin: Millis = seconds(60);
const askEvery: Millis = seconds(60);
/** A server that knows no probes is another product, or older. */
const askAgainWithout: Millis = hours(1);
const whileAway = { first: seconds(5), longest: minutes(1) };
const whileDenied = { first: seconds(30), longest: minutes(5) };
/** Results of the same moment go together. */
const gather: Millis = seconds(1);
const resultsInPost = 50;
const mostAtOnce = 20;

/** Probes from this host what the server asks for, and tells it what was found. */
export class ProbeWatch {
  readonly #deps: ProbeWatchDeps;
  readonly #running = new Map<string, Running<AbortController>>();
  readonly #waker: Waker;
  readonly #slots: (() => void)[] = [];
  #busy = 0;
  #prober: Promise<Prober> | undefined;
  #known = "";

  constructor(deps: ProbeWatchDeps) {
    this.#deps = deps;
    this.#waker = new Waker(deps.clock, "agent.probe-results");
  }

  /** Results that wait for the server. */
  get waiting(): number {
    return this.#deps.results.waiting.length;
  }

  async run(hostId: string, agentsEnd: AbortSignal): Promise<void> {
    const end = new AbortController(); // one of its own: a signal warns of more than ten listeners
    agentsEnd.addEventListener("abort", () => end.abort(), { once: true });
    if (agentsEnd.aborted) end.abort();
    const { signal } = end;
    const { clock, random, openApi, results } = this.#deps;
    await results.load();
    await clock.sleep("agent.probes-start", millis(Math.round(random() * firstWithin)), signal).catch(() => undefined);
    if (signal.aborted) return;
    const api = await openApi();
    try {
      const organisation = await this.#organisation(api, signal);
      if (organisation === undefined) return;
      const place = { organisation, hostId };
      await Promise.all([this.#ask(api, place, signal), this.#deliver(api, place, signal)]);
    } finally {
      for (const { item } of this.#running.values()) item.abort();
      this.#running.clear();
      await results.keep(true);
      api.close();
    }
  }

  async #organisation(api: ProbeApi, signal: AbortSignal): Promise<string | undefined> {
    for (let tries = 1; !signal.aborted; tries += 1) {
      const outcome = await api.findOrganisation();
      const name = outcome.kind === "ok" && isJsonObject(outcome.value) ? outcome.value["name"] : undefined;
      if (typeof name === "string" && name !== "") return name;
      await this.#pause(outcome, tries, signal);
    }
    return undefined;
  }

  /** Asks what to probe, again and again. */
  async #ask(api: ProbeApi, place: ProbePlace, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#deps;
    let hold = 0;
    for (let failures = 0; !signal.aborted;) {
      const outcome = await untilAborted(api.fetchProbes(place, { known: this.#known, hold }), signal);
      if (signal.aborted || !outcome) return;
      const assigned = outcome.kind === "ok" ? parseAssigned(outcome.value) : undefined;
      if (!assigned) {
        failures += 1;
        hold = 0;
        await this.#pause(outcome, failures, signal);
        continue;
      }
      failures = 0;
      hold = assigned.holdSeconds;
      this.#apply(assigned, api, place);
      // Held answers come when something changed: a second between them keeps a confused server from being asked without end.
      const wait = hold > 0 ? seconds(1) : millis(Math.round(askEvery * (0.9 + random() * 0.2)));
      await clock.sleep("agent.probes", wait, signal).catch(() => undefined);
    }
  }

  #pause(outcome: Outcome, tries: number, signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#deps;
    const wait =
      outcome.kind === "away"
        ? backoff(tries, whileAway, random)
        : outcome.kind === "denied"
          ? backoff(tries, whileDenied, random)
          : askAgainWithout;
    if (outcome.kind !== "ok" && tries === 1 && outcome.kind !== "away")
      log.debug(`The server has no probes for this host (${outcome.why}).`);
    return clock.sleep("agent.probes", wait, signal).catch(() => undefined);
  }

  #apply({ version, probes, orders }: Assigned, api: ProbeApi, place: ProbePlace): void {
    this.#known = version;
    if (probes) {
      const wanted = probes.map((config) => ({ name: config.monitorId, signature: JSON.stringify(config), config }));
      reconcile("probe.", this.#running, wanted, (config) => this.#start(config), stop);
    }
    for (const order of orders) void this.#obey(order, api, place).catch((error: unknown) => this.#tell(error));
  }

  #start(assignment: Assignment): AbortController {
    const end = new AbortController();
    void this.#repeat(assignment, end.signal).catch((error: unknown) => this.#tell(error));
    return end;
  }

  /** Probes at its interval, at a moment of its own within it. A probe that takes longer is followed at its next turn. */
  async #repeat({ monitorId, version, intervalSeconds, spec }: Assignment, signal: AbortSignal): Promise<void> {
    const { clock, random, results } = this.#deps;
    const interval = seconds(intervalSeconds);
    let next: number = clock.mono() + random() * Math.min(interval, seconds(60));
    while (!signal.aborted) {
      await clock.sleep("agent.probe", millis(Math.max(next - clock.mono(), 0)), signal).catch(() => undefined);
      if (signal.aborted) return;
      const at = clock.now();
      const outcome = await this.#probe(spec, { signal });
      if (signal.aborted) return;
      results.add({ monitorId, version, at, outcome });
      this.#waker.wake();
      next += Math.max(Math.ceil((clock.mono() - next) / interval), 1) * interval;
    }
  }

  /** Does what somebody asked for and tells each step while it goes. */
  async #obey({ id, spec }: Order, api: ProbeApi, place: ProbePlace): Promise<void> {
    const steps: ProbeStep[] = [];
    let told = 0;
    let telling: Promise<unknown> = Promise.resolve();
    const tell = async (): Promise<void> => {
      if (told === steps.length) return;
      told = steps.length;
      await api.reportProbeRun(place, id, { steps: steps.slice(0, told) });
    };
    const onStep = (step: ProbeStep): void => {
      steps.push(step);
      telling = telling.then(tell);
    };
    const outcome = await this.#probe(spec, { onStep });
    await telling;
    await api.reportProbeRun(place, id, { steps: outcome.steps, outcome });
  }

  /** One probe, when there is room for it. Never throws. */
  async #probe(spec: ProbeSpec, options: Parameters<Prober["probe"]>[1]): Promise<ProbeOutcome> {
    if (this.#busy >= mostAtOnce) await new Promise<void>((resolve) => this.#slots.push(resolve));
    else this.#busy += 1;
    try {
      this.#prober ??= this.#deps.openProber();
      return await (await this.#prober).probe(spec, options);
    } catch (error) {
      return { verdict: "cannot-probe", message: messageOf(error).slice(0, 1000), millis: 0, steps: [] };
    } finally {
      const next = this.#slots.shift();
      if (next) next();
      else this.#busy -= 1;
    }
  }

  /** Sends what was found, oldest first. */
  async #deliver(api: ProbeApi, place: ProbePlace, signal: AbortSignal): Promise<void> {
    const { clock, random, results, log } = this.#deps;
    let failures = 0;
    while (!signal.aborted) {
      if (results.waiting.length === 0) await this.#waker.sleep(undefined, signal);
      else
        await clock
          .sleep("agent.probe-results", failures === 0 ? gather : backoff(failures, whileAway, random), signal)
          .catch(() => undefined);
      const batch = signal.aborted ? [] : results.next(resultsInPost);
      if (batch.length === 0) continue;
      const outcome = await api.postProbeResults(place, batch);
      if (outcome.kind === "away" || outcome.kind === "denied") {
        failures += 1;
        if (failures === 1) log.warn(`What probes found waits: the server does not take it (${outcome.why}).`);
        await results.keep();
        continue;
      }
      if (failures > 0) log.info("The server takes what probes found again.", { waiting: results.waiting.length });
      failures = 0;
      if (outcome.kind === "refused")
        log.error(`The server refuses what probes found (${outcome.why}); it is dropped.`, { results: batch.length });
      await results.remove(batch);
    }
  }

  #tell(error: unknown): void {
    this.#deps.log.error(`A probe ended: ${messageOf(error)}`);
  }
}

const stop = (end: AbortController): void => end.abort();

/** The promise's value, or undefined as soon as the signal is aborted. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined);
    signal.addEventListener("abort", end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
  });
}
