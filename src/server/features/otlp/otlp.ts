import { minutes, type UnixMs } from "#base/duration";
import type { Inventory } from "#features/inventory";
import type { Receivers, SeriesBudget } from "#features/receivers";
import { scopeOf, type Actor } from "#http";
import type { Change, Db, Deps } from "#store";
import type { OtlpMapping } from "#wire/otlp";
import { readOtlpMapping } from "./store.ts";
import { Windows } from "./windows.ts";

export interface OtlpDeps extends Deps {
  readonly receivers: Receivers;
  readonly inventory: Inventory;
}

/** What OpenTelemetry brought one organisation since the process started. */
export interface Reception {
  requests: number;
  received: number;
  points: number;
  rejected: number;
  lastAt: UnixMs | undefined;
}

interface KnownMapping {
  readonly mapping: Promise<OtlpMapping>;
  readonly loadedAt: number;
}

export const mappingTopic = "otlp-mapping";
const freshFor = minutes(5);

/** Reception of OpenTelemetry's metrics, of all organisations. */
export class Otlp implements Deps {
  readonly db: Db;
  readonly clock: OtlpDeps["clock"];
  readonly receivers: Receivers;
  readonly inventory: Inventory;
  readonly budget: SeriesBudget;
  readonly windows = new Windows();
  readonly #mappings = new Map<string, KnownMapping>();
  readonly #receptions = new Map<string, Reception>();

  constructor({ db, clock, receivers, inventory }: OtlpDeps) {
    this.db = db;
    this.clock = clock;
    this.receivers = receivers;
    this.inventory = inventory;
    this.budget = receivers.budget("custom.otel.");
  }

  mappingOf(actor: Actor): Promise<OtlpMapping> {
    const { organisationId } = actor;
    const known = this.#mappings.get(organisationId);
    if (known && this.clock.mono() - known.loadedAt < freshFor) return known.mapping;
    const mapping = this.db.tx(scopeOf(actor), readOtlpMapping);
    this.#mappings.set(organisationId, { mapping, loadedAt: this.clock.mono() });
    mapping.catch(() => this.#mappings.delete(organisationId));
    return mapping;
  }

  reception(organisationId: string): Reception {
    let found = this.#receptions.get(organisationId);
    if (!found) this.#receptions.set(organisationId, (found = { requests: 0, received: 0, points: 0, rejected: 0, lastAt: undefined }));
    return found;
  }

  onChange(change: Change | undefined): void {
    if (!change) this.#mappings.clear();
    else if (change.topic === mappingTopic) this.#mappings.delete(change.organisationId);
  }
}
