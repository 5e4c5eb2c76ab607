import type { UnixMs } from "#base/duration";
import type { Actor } from "#http";
import type { Tx } from "#store";
import type { CheckStatus, HostStatus } from "#wire/inventory";

/** What became of a host. */
export type HostChange = { readonly hostId: string; readonly by: Actor } & (
  | { readonly effect: "registered" | "retired" }
  | { readonly effect: "status-changed"; readonly from: HostStatus; readonly to: HostStatus }
);

/** A check whose newest report has just come. */
export interface ReportedCheck {
  readonly checkId: string;
  readonly hostId: string;
  readonly name: string;
  readonly memo: string;
  readonly status: CheckStatus;
  readonly message: string;
  readonly occurredAt: UnixMs;
  /** Minutes; null = an alert is never sent again. */
  readonly notificationInterval: number | null;
  readonly maxCheckAttempts: number;
  /** How many reports in a row, this one included, were not OK; counted up to ten. */
  readonly badInARow: number;
}

export interface DeletedService {
  readonly serviceId: string;
  readonly name: string;
  readonly by: Actor;
}

/** A feature above the inventory that hears of hosts, checks and services; what it writes commits with the change. */
export interface HostListener {
  hostChanged?(tx: Tx, at: UnixMs, change: HostChange): Promise<void>;
  checksReported?(tx: Tx, at: UnixMs, checks: readonly ReportedCheck[]): Promise<void>;
  serviceDeleted?(tx: Tx, at: UnixMs, service: DeletedService): Promise<void>;
}

/** All of them, told one after the other. */
export class HostListeners {
  readonly #listeners: HostListener[] = [];

  add(listener: HostListener): void {
    this.#listeners.push(listener);
  }

  async tell(tx: Tx, at: UnixMs, change: HostChange): Promise<void> {
    for (const listener of this.#listeners) await listener.hostChanged?.(tx, at, change);
  }

  async tellChecks(tx: Tx, at: UnixMs, checks: readonly ReportedCheck[]): Promise<void> {
    for (const listener of this.#listeners) await listener.checksReported?.(tx, at, checks);
  }

  async tellServiceDeleted(tx: Tx, at: UnixMs, service: DeletedService): Promise<void> {
    for (const listener of this.#listeners) await listener.serviceDeleted?.(tx, at, service);
  }

  get areThere(): boolean {
    return this.#listeners.length > 0;
  }
}
