import { hours, unixMs, type UnixMs } from "#base/duration";
import type { Clock, Timer } from "#base/clock";
import type { Inventory } from "#features/inventory";
import type { Metrics } from "#features/metrics";
import type { Actor } from "#http";
import type { Change, Db, Deps } from "#store";
import { Bindings, type Reporter } from "./bindings.ts";
import { Combined } from "./combined.ts";
import { CounterRates } from "./counter-rates.ts";
import { Intake } from "./intake.ts";
import { KeptCounters } from "./kept-counters.ts";
import { PointBatch, type BatchReport } from "./point-batch.ts";
import { SeriesBudget } from "./series-budget.ts";
import { Services } from "./services.ts";
import type { ReceiverKind } from "./tables.ts";

export interface ReceiversDeps extends Deps {
  readonly inventory: Inventory;
  readonly metrics: Metrics;
}

const countersKept = hours(1);

/** What receivers of other products' data share: whose data it is, what a counter's rate is, and the way into the store. */
export class Receivers {
  readonly db: Db;
  readonly clock: Clock;
  readonly rates = new CounterRates();
  readonly #combined = new Combined();
  readonly #kept: KeptCounters;
  readonly #services: Services;
  readonly #metrics: Metrics;
  readonly #inventory: Inventory;
  readonly #bindings: Bindings;

  constructor({ db, clock, inventory, metrics }: ReceiversDeps) {
    this.db = db;
    this.clock = clock;
    this.#metrics = metrics;
    this.#inventory = inventory;
    this.#bindings = new Bindings({ db, clock, inventory });
    this.#kept = new KeptCounters({ db, clock }, this.rates);
    this.#services = new Services(inventory);
  }

  /**
   * The host that reports by a name of its own; registered on first sight when the reporter may.
   * @returns undefined when it is unknown and may not register, or when its host was retired: what it sends is then to be left out.
   * @throws "forbidden" when the actor may not register hosts
   */
  hostOf(actor: Actor, reporter: Reporter): Promise<string | undefined> {
    return this.#bindings.hostOf(actor, reporter);
  }

  /**
   * The source of a service's metrics, by the service's name; made when it does not exist and may be.
   * @throws "forbidden" when the actor may not make services
   */
  serviceOf(actor: Actor, name: string, mayCreate: boolean): Promise<string | undefined> {
    return this.#services.sourceOf(actor, name, mayCreate);
  }

  batch(): PointBatch {
    return new PointBatch(this.#metrics.store);
  }

  /** The way of one post's samples into the store, counters and all. Waits for what the process before knew about counters. */
  async intake(organisationId: string): Promise<Intake> {
    await this.#kept.load();
    return new Intake({
      batch: this.batch(),
      rates: this.rates,
      combined: this.#combined,
      append: (batch) => this.append(organisationId, batch),
    });
  }

  /** How many series with a prefix each source may have. */
  budget(prefix: string): SeriesBudget {
    return new SeriesBudget(this.#metrics.store, prefix);
  }

  /**
   * Stores a batch. Resolves when it is durable; the hosts in it count as heard of.
   * @throws "unavailable" | "storage-full" and then nothing was stored
   */
  async append(organisationId: string, batch: PointBatch): Promise<BatchReport> {
    const columns = batch.columns();
    const report = batch.count === 0 ? { accepted: 0, tooOld: 0, tooNew: 0 } : await this.#metrics.store.append(columns);
    if (batch.count > 0) this.#metrics.tellAppended(organisationId, columns, batch.sources);
    this.#metrics.countPost();
    this.#metrics.countDropped(organisationId, "malformed", batch.malformed);
    this.#metrics.countDropped(organisationId, "too-old", report.tooOld);
    this.#metrics.countDropped(organisationId, "too-new", report.tooNew);
    this.#inventory.lastSeen.touch(
      organisationId,
      [...batch.sources].filter((source) => !source.startsWith("service:")),
      "other",
    );
    return { ...report, malformed: batch.malformed };
  }

  /** When a name was heard of last, as far as this process knows and has not written down yet. */
  seenAt(organisationId: string, kind: ReceiverKind, name: string): UnixMs | undefined {
    return this.#bindings.seenAt(organisationId, kind, name);
  }

  /** When a host's agent was heard of last, as far as this process knows. */
  agentSeenAt(hostId: string): UnixMs | undefined {
    return this.#inventory.lastSeen.byAgent(hostId);
  }

  /** Notes that hosts were heard of, though they sent no points: a heartbeat, a question for what to watch. */
  touch(organisationId: string, hostIds: Iterable<string>): void {
    this.#inventory.lastSeen.touch(organisationId, hostIds, "other");
  }

  /** Notes points whose time was refused before they could become points. */
  countLate(organisationId: string, reason: "too-old" | "too-new", points: number): void {
    this.#metrics.countDropped(organisationId, reason, points);
  }

  /** Notes points of hosts that are unknown here or retired, for the server's figures and the log. */
  countUnknown(organisationId: string, points: number, name: string): void {
    this.#metrics.countDropped(organisationId, "unknown-host", points, name);
  }

  /** Starts periodic work; the result ends it and writes what waits. */
  start(): () => Promise<void> {
    const timer: Timer = this.clock.every("receivers.forget-counters", countersKept, () => {
      const before = unixMs(this.clock.now() - countersKept);
      this.rates.forget(before);
      this.#combined.forget(before);
    });
    const writing = this.#kept.start();
    return async () => {
      timer.cancel();
      writing.cancel();
      await this.#kept.write();
      await this.#bindings.flush();
    };
  }

  onChange(change: Change | undefined): void {
    this.#bindings.onChange(change);
    this.#services.onChange(change);
  }
}

export const openReceivers = (deps: ReceiversDeps): Receivers => new Receivers(deps);
