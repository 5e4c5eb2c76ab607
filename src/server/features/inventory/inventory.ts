import type { Clock } from "#base/clock";
import { findOrganisation } from "#features/identity";
import type { Change, Db, Deps, Tx } from "#store";
import { minutes, unixMs } from "#base/duration";
import type { Connectivity, HostFigures, HostStatus } from "#wire/inventory";
import { HostDirectory } from "./directory.ts";
import { HostListeners, type HostListener } from "./host-changes.ts";
import { allowedSilence, connectivityOf, heardSince } from "./connectivity.ts";
import { LastSeen } from "./last-seen.ts";
import { Listening } from "./listening.ts";
import { allowedByRoles, type HostRecord, type SilenceRule } from "./read-hosts.ts";

/** What features above the inventory hand down to it: it may not call them. */
export interface InventoryExtension {
  /** The newest figures of hosts; a host without any may be left out. */
  figuresOf(hostIds: readonly string[]): Promise<ReadonlyMap<string, HostFigures>>;
  /** A service was deleted; called after the commit. */
  serviceDeleted(serviceId: string): Promise<void>;
}

/** The inventory of all organisations: its tables and what it keeps in memory about them. */
export class Inventory implements Deps {
  readonly db: Db;
  readonly clock: Clock;
  readonly directory: HostDirectory;
  readonly lastSeen: LastSeen;
  readonly listening: Listening;
  readonly listeners = new HostListeners();
  #extension: InventoryExtension | undefined;

  constructor(deps: Deps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.directory = new HostDirectory(deps.db, deps.clock);
    this.lastSeen = new LastSeen(deps.db, deps.clock);
    this.listening = new Listening(deps.db, deps.clock);
  }

  /** To be called once, before the first request. */
  extend(extension: InventoryExtension): void {
    this.#extension = extension;
  }

  /** From now on `listener` is told of every host that is registered, changes its status or retires, inside the transaction. */
  listen(listener: HostListener): void {
    this.listeners.add(listener);
  }

  async figuresOf(hostIds: readonly string[]): Promise<ReadonlyMap<string, HostFigures>> {
    return this.#extension?.figuresOf(hostIds) ?? new Map();
  }

  async serviceDeleted(serviceId: string): Promise<void> {
    await this.#extension?.serviceDeleted(serviceId);
  }

  /** The minutes without data that the transaction's organisation allows. */
  async organisationMinutes(tx: Tx): Promise<number> {
    return (await findOrganisation(tx))?.noDataMinutes ?? 10;
  }

  /** What a silent host is right now in the transaction's organisation, for lists. */
  async silenceRule(tx: Tx): Promise<SilenceRule> {
    const organisationMinutes = await this.organisationMinutes(tx);
    const all = new Set([organisationMinutes, ...(await allowedByRoles(tx))]);
    const since = (allowed: number): number => heardSince(minutes(allowed), this.listening.deaf, this.clock.now());
    return { organisationMinutes, heardBefore: new Map([...all].map((allowed) => [allowed, since(allowed)])) };
  }

  /** Whether data comes from a host as it should. */
  connectivityOf(host: HostRecord, organisationMinutes: number): Connectivity {
    const lastSeenAt = Math.max(host.seen_at ?? 0, this.lastSeen.of(host.id) ?? 0);
    const watched = {
      status: host.status,
      isRetired: host.retired_at !== null,
      lastSeenAt: lastSeenAt === 0 ? undefined : unixMs(lastSeenAt),
      allowed: allowedSilence(host.no_data_minutes, organisationMinutes),
    };
    return connectivityOf(watched, this.listening.deaf, this.clock.now());
  }

  /** The status that the transaction's organisation gives to a host that registers without one. */
  async defaultHostStatus(tx: Tx): Promise<HostStatus> {
    return (await findOrganisation(tx))?.defaultHostStatus ?? "working";
  }
}

export const openInventory = (deps: Deps): Inventory => new Inventory(deps);

/** To be told of every change that any process announced; undefined when some may have been missed. */
export const onChange = (inventory: Inventory, change: Change | undefined): void => inventory.directory.onChange(change);
