import type { Clock } from "#base/clock";
import { minutes, seconds, type Millis } from "#base/duration";
import type { ApiClient } from "./api.ts";
import { backoff } from "./backoff.ts";
import type { ExtraPoint } from "./extra-points.ts";
import type { Log } from "./log.ts";
import type { Spool, SpoolEntry } from "./spool.ts";
import { Waker } from "./waker.ts";

export interface ServiceDelivererDeps {
  readonly spool: Spool;
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** A server takes about one post a minute for a service: a backlog goes in few large ones. */
const minutesInPost = 60;
const pointsInPost = 4000;
const betweenPosts: Millis = seconds(50);
const retry = { first: seconds(15), longest: minutes(2) };

/** Sends what belongs to services, from a spool of its own. A minute is removed when every service in it has answered; one that refuses loses its values. */
export class ServiceDeliverer {
  readonly #deps: ServiceDelivererDeps;
  readonly #waker: Waker;
  #refused = "";

  constructor(deps: ServiceDelivererDeps) {
    this.#deps = deps;
    this.#waker = new Waker(deps.clock, "agent.services");
  }

  /** Keeps a minute's values for services. */
  async append(points: readonly ExtraPoint[]): Promise<void> {
    const [first] = points;
    if (!first) return;
    await this.#deps.spool.append({ time: first.time, values: {}, extra: points });
    this.#waker.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      if (this.#deps.spool.size === 0) await this.#waker.sleep(undefined, signal);
      if (signal.aborted) return;
      const isDone = await this.#deliver();
      failures = isDone ? 0 : failures + 1;
      await this.#deps.clock
        .sleep("agent.services-pause", isDone ? betweenPosts : backoff(failures, retry, this.#deps.random), signal)
        .catch(() => undefined);
    }
  }

  async #deliver(): Promise<boolean> {
    const { spool, api, log } = this.#deps;
    const { batch, byService } = await this.#read();
    for (const [service, points] of byService) {
      const outcome = await api.postServiceMetrics(service, `[${points.join(",")}]`);
      if (outcome.kind === "refused") {
        const sentence = `The service ${service} does not take its metrics (${outcome.why}); they are dropped.`;
        if (sentence !== this.#refused) log.warn(sentence);
        this.#refused = sentence;
      } else if (outcome.kind !== "ok") return false;
    }
    await spool.remove(batch);
    return true;
  }

  async #read(): Promise<{ readonly batch: readonly SpoolEntry[]; readonly byService: ReadonlyMap<string, readonly string[]> }> {
    const { spool } = this.#deps;
    const batch: SpoolEntry[] = [];
    const byService = new Map<string, string[]>();
    let count = 0;
    for (const entry of spool.entries.slice(0, minutesInPost)) {
      const minute = await spool.read(entry);
      if (!minute) continue;
      for (const { name, time, value, service = "" } of minute.extra ?? []) {
        const points = byService.get(service) ?? [];
        points.push(JSON.stringify({ name, time, value }));
        byService.set(service, points);
        count += 1;
      }
      batch.push(entry);
      if (count >= pointsInPost) break;
    }
    return { batch, byService };
  }
}
