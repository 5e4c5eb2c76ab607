import type { UnixMs } from "#base/duration";
import type { Actor } from "#http";
import type { Tx } from "#store";
import type { HostStatus } from "#wire/inventory";

/** What became of a host. */
export type HostChange = { readonly hostId: string; readonly by: Actor } & (
  | { readonly effect: "registered" | "retired" }
  | { readonly effect: "status-changed"; readonly from: HostStatus; readonly to: HostStatus }
);

/** A feature above the inventory that hears of hosts; what it writes commits with the change. */
export interface HostListener {
  hostChanged(tx: Tx, at: UnixMs, change: HostChange): Promise<void>;
}

/** All of them, told one after the other. */
export class HostListeners {
  readonly #listeners: HostListener[] = [];

  add(listener: HostListener): void {
    this.#listeners.push(listener);
  }

  async tell(tx: Tx, at: UnixMs, change: HostChange): Promise<void> {
    for (const listener of this.#listeners) await listener.hostChanged(tx, at, change);
  }
}
