import type { Clock } from "#base/clock";
import { hours, millis, type Millis, type UnixMs } from "#base/duration";
import type { ApiClient, Outcome } from "./api.ts";
import { backoff } from "./backoff.ts";
import {
  chooseBatch,
  drainPause,
  earliestRetry,
  refusalLimit,
  refusalPause,
  spreadOf,
  whileAway,
  whileDenied,
  type Refusal,
} from "./delivery-plan.ts";
import type { Log } from "./log.ts";
import type { OtherHosts } from "./other-hosts.ts";
import { postBody } from "./post-body.ts";
import { deniedSentence } from "./registration.ts";
import type { Spool, SpoolEntry } from "./spool.ts";
import { Waker } from "./waker.ts";

export interface DelivererDeps {
  readonly spool: Spool;
  readonly api: ApiClient;
  readonly hosts: OtherHosts;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** The server took something again after it had been away. */
  readonly onRecovered: () => void;
  /** A post ended, whichever way. */
  readonly onPosted: () => void;
}

const shortPause: Millis = millis(1000);

/** Sends the spool's minutes, oldest first, and removes them when the server has acknowledged them. */
export class Deliverer {
  readonly #deps: DelivererDeps;
  readonly #refusals = new Map<string, Refusal>();
  #hostId: string | undefined;
  #notBefore: Millis;
  #failures = 0;
  #refusedInRow = 0;
  #troubleSince: Millis | undefined;
  #toldAt: Millis | undefined;
  #trouble: string | undefined;
  #lastDeliveryAt: UnixMs | undefined;
  readonly #waker: Waker;

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
    this.#notBefore = deps.clock.mono();
    this.#waker = new Waker(deps.clock, "agent.deliver");
  }

  /** Why delivery does not go on, if it does not. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  get lastDeliveryAt(): UnixMs | undefined {
    return this.#lastDeliveryAt;
  }

  /** Delivery begins when the host is known. */
  setHost(hostId: string): void {
    this.#hostId = hostId;
    this.#waker.wake();
  }

  /** A minute was put into the spool. `atOnce` for the first ones after a start, else it waits for this host's second. */
  minuteReady(atOnce: boolean): void {
    const { spool, clock } = this.#deps;
    if (!atOnce && this.#hostId !== undefined && spool.size <= 1) {
      this.#notBefore = millis(Math.max(this.#notBefore, clock.mono() + spreadOf(this.#hostId)));
    }
    this.#waker.wake();
  }

  /** Delivers until `signal` is aborted; a post that is under way is finished first. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = this.#waitFor();
      if (wait === 0) await this.#deliverNext();
      else await this.#waker.sleep(wait, signal);
    }
  }

  /** Sends what waits, without pauses, until all is sent, one post fails or `within` is over. What remains is sent after the next start. */
  async flush(within: Millis): Promise<void> {
    const { clock, spool } = this.#deps;
    const end = clock.mono() + within;
    while (this.#hostId !== undefined && clock.mono() < end) {
      const batch = chooseBatch(spool.entries, this.#refusals, clock.mono());
      if (batch.length === 0 || !(await this.#deliver(batch, this.#hostId, millis(end - clock.mono())))) return;
    }
  }

  /** Milliseconds until something may be sent; 0 for now; undefined while nothing can be. */
  #waitFor(): Millis | undefined {
    const { spool, clock } = this.#deps;
    if (this.#hostId === undefined || spool.size === 0) return undefined;
    const now = clock.mono();
    const hasWork = chooseBatch(spool.entries, this.#refusals, now).length > 0;
    const from = hasWork ? this.#notBefore : Math.max(this.#notBefore, earliestRetry(this.#refusals) ?? now + 1000);
    return millis(Math.max(from - now, 0));
  }

  async #deliverNext(): Promise<void> {
    const { spool, clock, random } = this.#deps;
    const batch = chooseBatch(spool.entries, this.#refusals, clock.mono());
    if (this.#hostId === undefined || batch.length === 0) return;
    const started = clock.mono();
    const isDelivered = await this.#deliver(batch, this.#hostId);
    if (isDelivered && spool.size > 0) this.#notBefore = millis(clock.mono() + drainPause(millis(clock.mono() - started), random));
  }

  async #deliver(wanted: readonly SpoolEntry[], hostId: string, within?: Millis): Promise<boolean> {
    const { api, hosts, spool } = this.#deps;
    const post = await postBody(wanted, hostId, spool, hosts);
    if ("outcome" in post) {
      this.#failed(post.outcome);
      return false;
    }
    const { body, batch } = post;
    if (batch.length === 0) return true; // all damaged, and removed
    const outcome = body === "[]" ? nothingToSay : await api.postMetrics(body, within);
    if (outcome.kind === "ok") await this.#delivered(batch);
    else if (outcome.kind === "refused") await this.#refused(batch, outcome.why);
    else this.#failed(outcome);
    this.#deps.onPosted();
    return outcome.kind === "ok";
  }

  async #delivered(batch: readonly SpoolEntry[]): Promise<void> {
    const { spool, clock, log, onRecovered } = this.#deps;
    await spool.remove(batch);
    for (const entry of batch) this.#refusals.delete(entry.key);
    this.#lastDeliveryAt = clock.now();
    const wasAway = this.#failures > 0;
    if (this.#troubleSince !== undefined) {
      log.info("The server takes metrics again.", {
        after: `${Math.round((clock.mono() - this.#troubleSince) / 1000)}s`,
        waiting: spool.size,
      });
    }
    this.#failures = 0;
    this.#refusedInRow = 0;
    this.#troubleSince = undefined;
    this.#trouble = undefined;
    if (wasAway) onRecovered();
  }

  #failed(outcome: Extract<Outcome, { kind: "away" | "denied" }>): void {
    const { clock, random } = this.#deps;
    this.#failures += 1;
    const isDenied = outcome.kind === "denied";
    const pause = backoff(this.#failures, isDenied ? whileDenied : whileAway, random);
    this.#notBefore = millis(clock.mono() + Math.max(pause, isDenied ? 0 : (outcome.retryAfter ?? 0)));
    this.#tell(isDenied ? deniedSentence(outcome.why) : `Metrics wait on disk: the server does not take them (${outcome.why}).`);
  }

  async #refused(batch: readonly SpoolEntry[], why: string): Promise<void> {
    const { clock, spool, log, random } = this.#deps;
    const now = clock.mono();
    this.#refusedInRow += 1;
    this.#notBefore = millis(now + (this.#refusedInRow < mergedTries ? shortPause : backoff(this.#refusedInRow, whileDenied, random)));
    if (batch.length > 1) {
      for (const entry of batch) this.#refusals.set(entry.key, { failures: 0, retryAt: now }); // one by one, to find the bad one
      return;
    }
    for (const entry of batch) {
      const failures = (this.#refusals.get(entry.key)?.failures ?? 0) + 1;
      if (failures > refusalLimit) {
        await spool.remove([entry]);
        this.#refusals.delete(entry.key);
        log.error("A minute was refused too often and was dropped.", { minute: new Date(entry.time * 1000).toISOString(), why });
      } else {
        this.#refusals.set(entry.key, { failures, retryAt: millis(now + refusalPause) });
        this.#tell(`The server refuses a minute of metrics (${why}); the others go on.`);
      }
    }
  }

  /** Logs a trouble when it begins or changes, and once an hour while it lasts. */
  #tell(trouble: string): void {
    const { clock, log, spool } = this.#deps;
    const now = clock.mono();
    this.#troubleSince ??= now;
    if (trouble !== this.#trouble || this.#toldAt === undefined || now - this.#toldAt >= hours(1)) {
      log.warn(trouble, { waiting: spool.size });
      this.#toldAt = now;
    }
    this.#trouble = trouble;
  }
}

// A merged post, its minutes one by one, and still nothing but refusals: then it is not one bad minute, and asking slows down.
const mergedTries = 6;

// A minute may hold nothing but points of hosts that nobody knows.
const nothingToSay: Outcome = { kind: "ok", value: undefined };
