import type { Clock } from "#base/clock";
import { findOrganisation } from "#features/identity";
import type { Change, Db, Deps, Tx } from "#store";
import type { HostFigures, HostStatus } from "#wire/inventory";
import { HostDirectory } from "./directory.ts";
import { LastSeen } from "./last-seen.ts";

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
  #extension: InventoryExtension | undefined;

  constructor(deps: Deps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.directory = new HostDirectory(deps.db, deps.clock);
    this.lastSeen = new LastSeen(deps.db, deps.clock);
  }

  /** To be called once, before the first request. */
  extend(extension: InventoryExtension): void {
    this.#extension = extension;
  }

  async figuresOf(hostIds: readonly string[]): Promise<ReadonlyMap<string, HostFigures>> {
    return this.#extension?.figuresOf(hostIds) ?? new Map();
  }

  async serviceDeleted(serviceId: string): Promise<void> {
    await this.#extension?.serviceDeleted(serviceId);
  }

  /** The status that the transaction's organisation gives to a host that registers without one. */
  async defaultHostStatus(tx: Tx): Promise<HostStatus> {
    return (await findOrganisation(tx))?.defaultHostStatus ?? "working";
  }
}

export const openInventory = (deps: Deps): Inventory => new Inventory(deps);

/** To be told of every change that any process announced; undefined when some may have been missed. */
export const onChange = (inventory: Inventory, change: Change | undefined): void => inventory.directory.onChange(change);
