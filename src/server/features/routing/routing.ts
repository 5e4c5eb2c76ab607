import { sql } from "kysely";
import type { Clock } from "#base/clock";
import { unixMs, type UnixMs } from "#base/duration";
import type { Downtimes } from "#features/downtimes";
import { lockGrouping, type Incidents } from "#features/incidents";
import type { Inventory } from "#features/inventory";
import type { Notify } from "#features/notify";
import { BackOff, DueWork, installationScope, type Change, type Db, type Deps, type Looked, type Tx, repeated } from "#store";
import { alertsChanged } from "./alerts-changed.ts";
import { joinDefaultGroup, leaveGroups } from "./channel-changes.ts";
import { deliver, routingTopic } from "./deliver.ts";
import { hostChanged, monitorChanged, type MonitorChange } from "./events.ts";
import { organisationFacts } from "./facts.ts";
import { readRoutes } from "./groups.ts";
import type { PictureUrl, RoutingContext, RoutingExtension } from "./context.ts";
import { dueGroups, dueReminders, wakeReminders } from "./reminders.ts";
import { readRoutingSettings } from "./settings.ts";
import { sendSummaries } from "./summaries.ts";

export interface RoutingDeps extends Deps {
  readonly notify: Pick<Notify, "sendAll" | "listen">;
  readonly incidents: Incidents;
  readonly inventory: Pick<Inventory, "listen">;
  readonly downtimes: Downtimes;
  /** Under which people reach this server; empty when nobody said so. */
  readonly publicUrl: string;
  /** Absent: no message has the address of a picture. */
  readonly pictureUrl?: PictureUrl;
  readonly onError: (error: unknown) => void;
}

/** Decides which channels are told what, for all organisations. */
export class Routing implements RoutingContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly notify: Pick<Notify, "sendAll">;
  readonly incidents: Incidents;
  readonly downtimes: Downtimes;
  readonly publicUrl: string;
  readonly pictureUrl: PictureUrl;
  extension: RoutingExtension = { isMuted: async () => false };
  readonly #failing: BackOff;
  readonly #work: DueWork;

  constructor(deps: RoutingDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.notify = deps.notify;
    this.incidents = deps.incidents;
    this.downtimes = deps.downtimes;
    this.publicUrl = deps.publicUrl.replace(/\/$/u, "");
    this.pictureUrl = deps.pictureUrl ?? (() => undefined);
    this.#failing = new BackOff(deps.clock, deps.onError);
    this.#work = new DueWork({ name: "routing.due", clock: deps.clock, look: () => this.#look(), onError: deps.onError });
    deps.incidents.listen({ alertsChanged: (tx, at, changes) => alertsChanged(this, tx, at, changes) });
    deps.inventory.listen({ hostChanged: (tx, at, change) => hostChanged(this, tx, at, change) });
    deps.notify.listen({
      channelCreated: async (tx, _at, { channelId, joinsDefaultGroup }) => {
        if (joinsDefaultGroup) await joinDefaultGroup(tx, channelId);
      },
      channelDeleted: (tx, _at, { channelId }) => leaveGroups(tx, channelId),
    });
    deps.downtimes.listen({ ended: (tx, at, { downtimeId }) => wakeReminders(tx, at, downtimeId) });
  }

  /** To be called once, before the first request. */
  extend(extension: RoutingExtension): void {
    this.extension = extension;
  }

  /** To be called, in the transaction of the act, by whoever changes monitors. */
  monitorChanged(tx: Tx, at: UnixMs, change: MonitorChange): Promise<void> {
    return monitorChanged(this, tx, at, change);
  }

  /** To be told of every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void {
    if (!change || change.topic === routingTopic) this.#work.wake();
  }

  /** Starts telling again what is due; the result ends it. */
  start(): () => Promise<void> {
    this.#work.start();
    return () => this.#work.stop();
  }

  /** Tells at once what is due, whether the work was started or not. */
  async lookNow(): Promise<void> {
    for (let looked = await this.#look(); looked.nextAt !== undefined && looked.nextAt <= this.clock.now();) looked = await this.#look();
  }

  async #look(): Promise<Looked> {
    const at = this.clock.now();
    const { rows } = await this.db.tx(installationScope, (tx) =>
      sql<{ organisation_id: string | null; due_at: number | null }>`select * from routing_due(${at})`.execute(tx),
    );
    let isMore = false;
    for (const { organisation_id: organisationId } of rows)
      if (organisationId !== null && !this.#failing.isPaused(organisationId))
        isMore = (await this.#failing.attempt(organisationId, () => this.#lookIn(organisationId, at))) || isMore;
    const next = rows.find((row) => row.organisation_id === null)?.due_at ?? null;
    if (isMore) return { nextAt: at };
    return { nextAt: next === null ? undefined : unixMs(next) };
  }

  /** True when there may be more that is due. */
  async #lookIn(organisationId: string, at: UnixMs): Promise<boolean> {
    return repeated(this.db).tx({ organisationId }, async (tx) => {
      await lockGrouping(tx); // before any row: alerts that change write reminders and paces while they hold it
      const routes = await readRoutes(tx);
      const delivering = { notify: this.notify, channels: routes.channels, settings: await readRoutingSettings(tx) };
      const again = await dueReminders(this, tx, at, routes);
      const groups = await dueGroups(this, tx, at, routes);
      await deliver(delivering, tx, at, [...(again ?? []), ...groups]);
      await sendSummaries(delivering, tx, at, await organisationFacts(tx, this.publicUrl));
      return again !== undefined;
    });
  }
}

export const openRouting = (deps: RoutingDeps): Routing => new Routing(deps);
