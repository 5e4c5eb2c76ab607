import { minutes, type UnixMs } from "#base/duration";
import type { Secret } from "#base/secret";
import type { Inventory } from "#features/inventory";
import type { Receivers, SeriesBudget } from "#features/receivers";
import { scopeOf, type Actor } from "#http";
import type { PageReader } from "#ports/page-reader/port";
import { Seal, type Change, type Db, type Deps } from "#store";
import { Descriptions } from "./host-facts.ts";
import { Plans } from "./plans.ts";
import { readMapping } from "./store.ts";
import type { Taken } from "./taking.ts";

export interface PrometheusLog {
  warn(facts: object, message: string): void;
}

export interface PrometheusDeps extends Deps {
  readonly receivers: Receivers;
  readonly inventory: Inventory;
  readonly reader: PageReader;
  readonly serverKey: Secret;
  readonly log: PrometheusLog;
}

/** What remote write brought one organisation since the process started. */
export interface Reception {
  requests: number;
  samples: number;
  points: number;
  leftOut: number;
  refused: number;
  unknownHost: number;
  invalid: number;
  lastAt: UnixMs | undefined;
}

interface KnownPlans {
  readonly plans: Promise<Plans>;
  readonly loadedAt: number;
}

/** The topics under which changes of the mapping and of targets are announced. */
export const mappingTopic = "prometheus-mapping";
export const targetTopic = "scrape-targets";
const plansFreshFor = minutes(5);

/** Remote write, its mapping and scraping, of all organisations. */
export class Prometheus implements Deps {
  readonly db: Db;
  readonly clock: PrometheusDeps["clock"];
  readonly receivers: Receivers;
  readonly inventory: Inventory;
  readonly reader: PageReader;
  readonly log: PrometheusLog;
  readonly seal: Seal;
  readonly budget: SeriesBudget;
  readonly descriptions: Descriptions;
  readonly #plans = new Map<string, KnownPlans>();
  readonly #receptions = new Map<string, Reception>();

  constructor(deps: PrometheusDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.receivers = deps.receivers;
    this.inventory = deps.inventory;
    this.reader = deps.reader;
    this.log = deps.log;
    this.seal = new Seal(
      deps.serverKey,
      "hinoban scrape secret",
      "The secret of a scrape target cannot be opened with this server key. Enter it again.",
    );
    this.budget = deps.receivers.budget("custom.prometheus.");
    this.descriptions = new Descriptions(deps.inventory);
  }

  /** What becomes of the organisation's series. Learnt types of metrics stay as long as the mapping does. */
  async plansOf(actor: Actor): Promise<Plans> {
    const { organisationId } = actor;
    const known = this.#plans.get(organisationId);
    if (known && this.clock.mono() - known.loadedAt < plansFreshFor) return known.plans;
    const before = await known?.plans.catch(() => undefined);
    const plans = this.db.tx(scopeOf(actor), readMapping).then((mapping) => {
      return before?.mapping.revision === mapping.revision ? before : new Plans(mapping);
    });
    this.#plans.set(organisationId, { plans, loadedAt: this.clock.mono() });
    plans.catch(() => this.#plans.delete(organisationId));
    return plans;
  }

  reception(organisationId: string): Reception {
    let found = this.#receptions.get(organisationId);
    if (!found) {
      found = { requests: 0, samples: 0, points: 0, leftOut: 0, refused: 0, unknownHost: 0, invalid: 0, lastAt: undefined };
      this.#receptions.set(organisationId, found);
    }
    return found;
  }

  countTaken(
    organisationId: string,
    taken: Taken,
    sent: { readonly samples: number; readonly empty: number; readonly nameless: number },
  ): void {
    const reception = this.reception(organisationId);
    reception.requests += 1;
    reception.samples += sent.samples;
    reception.points += taken.points;
    reception.leftOut += taken.leftOut + sent.empty;
    reception.refused += taken.refused;
    reception.unknownHost += taken.unknownHost;
    reception.invalid += taken.outOfTime + sent.nameless;
    reception.lastAt = this.clock.now();
  }

  onChange(change: Change | undefined): void {
    if (!change) this.#plans.clear();
    else if (change.topic === mappingTopic) this.#plans.delete(change.organisationId);
  }
}
