import type { Clock } from "#base/clock";
import { millis, minutes, seconds, toSeconds, unixSeconds, type Millis, type UnixSeconds } from "#base/duration";
import type { ApiClient, Outcome } from "../api.ts";
import { backoff } from "../backoff.ts";
import type { JsonObject } from "../json.ts";
import type { Log } from "../log.ts";
import type { OtherHosts } from "../other-hosts.ts";
import { deniedSentence } from "../registration.ts";
import { Waker } from "../waker.ts";
import type { Backlog, WaitingReport } from "./backlog.ts";
import type { CheckReport } from "./check.ts";

export interface ReporterDeps {
  readonly backlog: Backlog;
  readonly api: ApiClient;
  readonly hosts: OtherHosts;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

const reportsInPost = 20;
const betweenPosts: Millis = seconds(1);

/** What changes nothing waits this long for company. */
const gather: Millis = seconds(15);
/** A result may be this many seconds ahead; more is a clock that was set back. */
const mostAhead = 10;
const whileAway = { first: seconds(2), longest: seconds(30) };
const whileDenied = { first: seconds(30), longest: minutes(5) };

/** Sends the results of checks, oldest first, and removes them when the server has acknowledged them. */
export class Reporter {
  readonly #deps: ReporterDeps;
  readonly #waker: Waker;
  #notBefore = 0;
  #failures = 0;
  #singles = 0;
  #trouble: string | undefined;
  #hostId: string | undefined;
  readonly #lastAt = new Map<string, UnixSeconds>();

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
    this.#waker = new Waker(deps.clock, "agent.report");
  }

  /** Why results wait, if they do. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Keeps a result and sends it: a change at once, the rest within {@link gather}. */
  async add(report: CheckReport, isChange: boolean): Promise<void> {
    const { backlog, clock } = this.#deps;
    const wasIdle = backlog.waiting.length === 0;
    await backlog.add({ ...report, occurredAt: this.#ownSecond(report) });
    if (!isChange && wasIdle) this.#notBefore = Math.max(this.#notBefore, clock.mono() + gather);
    else if (isChange && this.#failures === 0) this.#notBefore = Math.min(this.#notBefore, clock.mono());
    this.#waker.wake();
  }

  /** The server takes one result of a check for each second: a look right after another, as a reload makes, counts for the next one. */
  #ownSecond({ name, customIdentifier, occurredAt }: CheckReport): UnixSeconds {
    const key = JSON.stringify([customIdentifier, name]);
    const last = this.#lastAt.get(key);
    const own = last !== undefined && last >= occurredAt && last - occurredAt < mostAhead ? unixSeconds(last + 1) : occurredAt;
    this.#lastAt.set(key, own);
    return own;
  }

  async run(hostId: string, signal: AbortSignal): Promise<void> {
    this.#hostId = hostId;
    const { backlog, clock } = this.#deps;
    while (!signal.aborted) {
      const wait = backlog.waiting.length === 0 ? undefined : millis(Math.max(this.#notBefore - clock.mono(), 0));
      if (wait === undefined || wait > 0) await this.#waker.sleep(wait, signal);
      else await this.#deliver();
    }
  }

  /** Sends what it can until `within` is over or something fails: at the end of the process. What is left stays on disk. */
  async flush(within: Millis): Promise<void> {
    const { backlog, clock } = this.#deps;
    const end = clock.mono() + within;
    while (this.#hostId !== undefined && backlog.waiting.length > 0 && clock.mono() < end) {
      if (!(await this.#deliver(millis(end - clock.mono())))) return;
    }
  }

  async #deliver(within?: Millis): Promise<boolean> {
    const { backlog, clock, api, log } = this.#deps;
    await backlog.expire(toSeconds(clock.now()));
    const resolved = await this.#nextBatch();
    if ("outcome" in resolved) return this.#failed(resolved.outcome);
    const { hostId, batch } = resolved;
    if (batch.length === 0) return true;
    const numbers = new Set(batch.map((entry) => entry.number));
    const outcome: Outcome =
      hostId === undefined
        ? nowhere
        : await api.postReports(
            batch.map(({ report }) => asJson(report, hostId)),
            within,
          );
    if (outcome.kind === "away" || outcome.kind === "denied") return this.#failed(outcome);
    this.#recovered();
    if (outcome.kind === "refused" && batch.length > 1) {
      this.#singles = batch.length; // one by one, to find the bad one
      return true;
    }
    if (outcome.kind === "refused" && hostId !== undefined)
      log.error(`The server refuses a result of a check (${outcome.why}); it is dropped.`, { check: batch[0]?.report.name });
    await backlog.remove(numbers);
    this.#singles = Math.max(this.#singles - batch.length, 0);
    this.#notBefore = clock.mono() + betweenPosts;
    return true;
  }

  /** The oldest results of one host, as many as fit into a post. `hostId` is undefined for a host that the server does not know. */
  async #nextBatch(): Promise<
    | { readonly hostId: string | undefined; readonly batch: readonly WaitingReport[] }
    | { readonly outcome: Exclude<Outcome, { kind: "ok" | "refused" }> }
  > {
    const { backlog, hosts } = this.#deps;
    const identifier = backlog.waiting[0]?.report.customIdentifier;
    const most = this.#singles > 0 ? 1 : reportsInPost;
    const batch = backlog.waiting.filter(({ report }) => report.customIdentifier === identifier).slice(0, most);
    if (identifier === undefined) return { hostId: this.#hostId, batch };
    const resolved = await hosts.resolve(identifier);
    return "outcome" in resolved ? resolved : { hostId: resolved.id, batch };
  }

  #recovered(): void {
    if (this.#failures > 0)
      this.#deps.log.info("The server takes results of checks again.", { waiting: this.#deps.backlog.waiting.length });
    this.#failures = 0;
    this.#trouble = undefined;
  }

  #failed(outcome: Extract<Outcome, { kind: "away" | "denied" }>): boolean {
    const { clock, random, log, backlog } = this.#deps;
    this.#failures += 1;
    const isDenied = outcome.kind === "denied";
    const pause = backoff(this.#failures, isDenied ? whileDenied : whileAway, random);
    this.#notBefore = clock.mono() + Math.max(pause, isDenied ? 0 : (outcome.retryAfter ?? 0));
    const trouble = isDenied ? deniedSentence(outcome.why) : `Results of checks wait: the server does not take them (${outcome.why}).`;
    if (trouble !== this.#trouble) log.warn(trouble, { waiting: backlog.waiting.length });
    this.#trouble = trouble;
    return false;
  }
}

const nowhere: Outcome = { kind: "refused", status: 404, why: "no such host" };

const asJson = (report: CheckReport, hostId: string): JsonObject => {
  const { customIdentifier: _, ...rest } = report;
  return { source: { type: "host", hostId }, ...rest };
};
