import type { Clock } from "#base/clock";
import { hours, minutes, seconds, type Millis } from "#base/duration";
import type { ApiClient, Outcome } from "./api.ts";
import { backoff } from "./backoff.ts";
import { graphDefinitions } from "./graph-defs.ts";
import type { JsonObject } from "./json.ts";
import type { Log } from "./log.ts";
import type { GraphSource } from "./watches.ts";
import { Waker } from "./waker.ts";

export interface DescriberDeps {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly hostId: string;
  readonly describe: () => Promise<JsonObject>;
  /** Definitions beside the agent's own, by who made them. */
  readonly graphs?: () => readonly GraphSource[];
}

const every: Millis = hours(1);
const retry = { first: seconds(10), longest: minutes(10) };

/**
 * Keeps the server's description of this host and its graph definitions true: at the start, each hour, and when asked to. Both are
 * repeatable, so a server that lost them has them again after an hour at most.
 */
export class Describer {
  readonly #deps: DescriberDeps;
  readonly #waker: Waker;
  #isAsked = false;

  constructor(deps: DescriberDeps) {
    this.#deps = deps;
    this.#waker = new Waker(deps.clock, "agent.describe");
  }

  /** Describe soon, whatever the hour. */
  ask(): void {
    this.#isAsked = true;
    this.#waker.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    let tries = 0;
    while (!signal.aborted) {
      this.#isAsked = false;
      const isDone = await this.#describe();
      tries = isDone ? 0 : tries + 1;
      if (!this.#isAsked) await this.#waker.sleep(isDone ? every : backoff(tries, retry, this.#deps.random), signal);
    }
  }

  async #describe(): Promise<boolean> {
    const { api, hostId, describe, log } = this.#deps;
    const updated = await api.updateHost(hostId, await describe());
    const defined = updated.kind === "ok" ? await this.#define() : updated;
    if (updated.kind !== "ok") log.warn(`The description of this host could not be sent: ${updated.why}`);
    else if (defined.kind !== "ok") log.warn(`The graph definitions could not be sent: ${defined.why}`);
    return isSettled(updated) && isSettled(defined);
  }

  /** All definitions in one post. When that is refused each source goes alone, so that a bad plugin costs only its own graphs. */
  async #define(): Promise<Outcome> {
    const { api, graphs, log } = this.#deps;
    const sources = graphs?.() ?? [];
    const all = await api.createGraphDefinitions([...graphDefinitions, ...sources.flatMap((source) => source.definitions)]);
    if (all.kind !== "refused" || sources.length === 0) return all;
    let last = await api.createGraphDefinitions(graphDefinitions);
    for (const { name, definitions } of sources) {
      const outcome = await api.createGraphDefinitions(definitions);
      if (outcome.kind === "refused") log.warn(`The server refuses the graph definitions of ${name} (${outcome.why}).`);
      else last = outcome;
    }
    return last;
  }
}

/** A refusal is an answer, too: the same text will not be taken ten seconds later. */
const isSettled = (outcome: Outcome): boolean => outcome.kind === "ok" || outcome.kind === "refused";
