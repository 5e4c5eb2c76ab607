import type { Clock } from "#base/clock";
import { minutes } from "#base/duration";
import { messageOf } from "#base/errors";
import type { Inventory } from "#features/inventory";
import type { Figure } from "#http";
import type { MetricStore, PointColumns } from "#ports/metric-store/port";
import type { Db, Deps } from "#store";
import { figuresOf } from "./figures.ts";
import { Pace } from "./pace.ts";
import { PostScanner } from "./scan-post.ts";

/** Where the feature says what an operator should know. */
export interface MetricsLog {
  warn(facts: object, message: string): void;
}

export interface MetricsDeps extends Deps {
  readonly log: MetricsLog;
  readonly store: MetricStore;
  readonly inventory: Inventory;
}

/**
 * Mackerel answers 429 to more than about one post of a service's metrics a minute. Here a script for each metric of a service may post
 * once a minute; what is faster than this is a loop gone wrong.
 */
export const servicePostsAMinute = 60;

export const dropReasons = ["malformed", "unknown-host", "too-old", "too-new"] as const;
/** Why a point that somebody posted was not kept. */
export type DropReason = (typeof dropReasons)[number];

/** A feature above that looks at points as they come. */
export interface AppendedListener {
  /**
   * Points of one organisation are durable. Called within the post's request, before its answer, so it must cost next to nothing.
   * @param columns with points that the store left out because of their time
   */
  appended(organisationId: string, columns: PointColumns, sources: Iterable<string>): void;
}

/** Metrics of all organisations: the store, and what is counted about it. */
export class Metrics implements MetricsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: MetricsLog;
  readonly store: MetricStore;
  readonly inventory: Inventory;
  readonly scanner: PostScanner;
  /** Of posts of service metrics, by service. */
  readonly servicePace: Pace;
  readonly #listeners: AppendedListener[] = [];
  #posts = 0;
  readonly #dropped: Record<DropReason, number> = { malformed: 0, "unknown-host": 0, "too-old": 0, "too-new": 0 };
  #unsaid: { organisations: Set<string>; dropped: Record<DropReason, number>; example: string } | undefined;

  constructor(deps: MetricsDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.log = deps.log;
    this.store = deps.store;
    this.inventory = deps.inventory;
    this.scanner = new PostScanner(deps.store);
    this.servicePace = new Pace(deps.clock, servicePostsAMinute);
  }

  /** From now on `listener` is told of every point that was stored. */
  onAppended(listener: AppendedListener): void {
    this.#listeners.push(listener);
  }

  /** To be called by whoever stored points. What a listener makes of them is not the sender's problem. */
  tellAppended(organisationId: string, columns: PointColumns, sources: Iterable<string>): void {
    for (const listener of this.#listeners) {
      try {
        listener.appended(organisationId, columns, sources);
      } catch (error) {
        this.log.warn({ error: messageOf(error) }, "points that were just stored could not be judged");
      }
    }
  }

  countPost(): void {
    this.#posts += 1;
  }

  /** Counts points that were not kept; the log hears of all of them once a minute, in one line. */
  countDropped(organisationId: string, reason: DropReason, count: number, example = ""): void {
    if (count === 0) return;
    this.#dropped[reason] += count;
    if (!this.#unsaid) this.clock.after("metrics.dropped", minutes(1), () => this.#sayDropped());
    this.#unsaid ??= { organisations: new Set(), dropped: { malformed: 0, "unknown-host": 0, "too-old": 0, "too-new": 0 }, example };
    this.#unsaid.organisations.add(organisationId);
    this.#unsaid.dropped[reason] += count;
  }

  /** For /metrics. */
  figures(): Figure[] {
    return [
      {
        name: "hinoban_metric_points_received_total",
        type: "counter",
        help: "Points kept since the start.",
        value: () => this.store.status().pointsReceived,
      },
      { name: "hinoban_metric_posts_total", type: "counter", help: "Posts of metrics since the start.", value: () => this.#posts },
      {
        name: "hinoban_metric_points_dropped_total",
        type: "counter",
        help: "Points that were posted but not kept, by reason.",
        value: () => dropReasons.map((reason) => ({ labels: { reason }, value: this.#dropped[reason] })),
      },
    ];
  }

  #sayDropped(): void {
    const unsaid = this.#unsaid;
    this.#unsaid = undefined;
    if (!unsaid) return;
    const { dropped, example } = unsaid;
    this.log.warn(
      { organisations: [...unsaid.organisations].slice(0, 20), ...dropped, example },
      "points that were posted in the last minute were not kept",
    );
  }
}

/** Opens metrics on a store and hands the inventory the figures that its lists show. */
export function openMetrics(deps: MetricsDeps): Metrics {
  const metrics = new Metrics(deps);
  deps.inventory.extend({
    figuresOf: (hostIds) => figuresOf(metrics, hostIds),
    serviceDeleted: (serviceId) => deps.store.drop(serviceSource(serviceId)),
  });
  return metrics;
}

/** The source of a service's metrics in the store; a host's is its id. */
export const serviceSource = (serviceId: string): string => `service:${serviceId}`;

export const figures = (metrics: Metrics): Figure[] => metrics.figures();
