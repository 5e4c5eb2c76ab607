import type { Clock } from "#base/clock";
import { minutes, seconds } from "#base/duration";
import type { Change, Db } from "#store";

const freshFor = minutes(5);
const unknownFor = seconds(10);
const mostUnknown = 10_000;

interface Entry {
  readonly hosts: Set<string>;
  readonly loadedAt: number;
}

/**
 * Which hosts of an organisation may post, kept in memory: every metric post asks, once a minute for each host.
 * Announced changes forget what they touch; a lost announcement heals within five minutes.
 */
export class HostDirectory {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #organisations = new Map<string, Promise<Entry>>();
  /** Ids that were looked up in vain, with the moment until which that is believed. */
  readonly #unknown = new Map<string, number>();

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Ids of all hosts of the organisation that are not retired. */
  async hostsOf(organisationId: string): Promise<ReadonlySet<string>> {
    const kept = await this.#organisations.get(organisationId);
    if (kept && this.#clock.mono() - kept.loadedAt < freshFor) return kept.hosts;
    const loading = this.#load(organisationId);
    this.#organisations.set(organisationId, loading);
    // A failed look-up is not kept; whoever waits for it gets its error.
    loading.catch(() => this.#organisations.get(organisationId) === loading && this.#organisations.delete(organisationId));
    return (await loading).hosts;
  }

  /** Looks hosts up that the directory does not know, in case they were registered a moment ago. True when some of them exist. */
  async find(organisationId: string, ids: readonly string[]): Promise<boolean> {
    const now = this.#clock.mono();
    const wanted = ids.filter((id) => (this.#unknown.get(keyOf(organisationId, id)) ?? 0) <= now).slice(0, 1000);
    if (wanted.length === 0) return false;
    const rows = await this.#db.tx({ organisationId }, (tx) =>
      tx.selectFrom("inventory_host").select("id").where("id", "in", wanted).where("retired_at", "is", null).execute(),
    );
    const entry = await this.#organisations.get(organisationId);
    const found = new Set(rows.map((row) => row.id));
    for (const id of found) entry?.hosts.add(id);
    if (this.#unknown.size + wanted.length > mostUnknown) this.#unknown.clear();
    for (const id of wanted) if (!found.has(id)) this.#unknown.set(keyOf(organisationId, id), now + unknownFor);
    return found.size > 0;
  }

  /** To be told of every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void {
    if (!change) {
      this.#organisations.clear();
      this.#unknown.clear();
    } else if (change.topic.startsWith("host:")) {
      const id = change.topic.slice("host:".length);
      void this.#organisations.get(change.organisationId)?.then(({ hosts }) => hosts.delete(id));
      this.#unknown.delete(keyOf(change.organisationId, id));
    }
  }

  async #load(organisationId: string): Promise<Entry> {
    const loadedAt = this.#clock.mono();
    const rows = await this.#db.tx({ organisationId }, (tx) =>
      tx.selectFrom("inventory_host").select("id").where("retired_at", "is", null).execute(),
    );
    return { hosts: new Set(rows.map((row) => row.id)), loadedAt };
  }
}

const keyOf = (organisationId: string, id: string): string => `${organisationId} ${id}`;
