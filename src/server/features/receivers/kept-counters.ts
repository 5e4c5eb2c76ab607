import { sql } from "kysely";
import { minutes, unixMs } from "#base/duration";
import type { Timer } from "#base/clock";
import { installationScope, type Deps } from "#store";
import type { CounterRates } from "./counter-rates.ts";

const writtenEvery = minutes(5);
const rowsAtOnce = 500;
/** Nobody sends again what is older than a day: the store would not take it. */
const keptFor = minutes(24 * 60);

type KeptRow = { readonly source: string; readonly body: string };

/**
 * Writes down the newest sample of each counter every five minutes and at the end, so that the first sample after a restart or a crash
 * has one to be compared with, and no minute is without a rate.
 */
export class KeptCounters {
  readonly #deps: Deps;
  readonly #rates: CounterRates;
  readonly #written = new Map<string, number>();
  #loading: Promise<void> | undefined;

  constructor(deps: Deps, rates: CounterRates) {
    this.#deps = deps;
    this.#rates = rates;
  }

  /** Takes over what the process before left, once. @throws what the database throws; then the next call tries again */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  start(): Timer {
    return this.#deps.clock.every("receivers.counters", writtenEvery, () => void this.write().catch(() => undefined)); // the next time writes the same
  }

  /** Writes the counters of sources that changed since the last time. */
  async write(): Promise<void> {
    if (!this.#loading) return; // nothing came in, and what is written is newer than nothing
    const now = this.#deps.clock.now();
    const rows = this.#changed();
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      const some = rows.slice(from, from + rowsAtOnce);
      await this.#deps.db.tx(installationScope, (tx) =>
        sql`insert into receivers_counters (source, body, written_at)
            select s.source, s.body, ${now} from unnest(${some.map((row) => row.source)}::text[], ${some.map((row) => row.body)}::text[]) as s (source, body)
            on conflict (source) do update set body = excluded.body, written_at = excluded.written_at`.execute(tx),
      );
      for (const { source, newest } of some) this.#written.set(source, newest);
    }
    const before = unixMs(now - keptFor);
    await this.#deps.db.tx(installationScope, (tx) => sql`delete from receivers_counters where written_at < ${before}`.execute(tx));
  }

  #changed(): (KeptRow & { readonly newest: number })[] {
    const sources = new Map<string, { newest: number; readonly samples: [string, number, number][] }>();
    for (const [source, counter, at, value] of this.#rates.kept()) {
      let one = sources.get(source);
      if (!one) sources.set(source, (one = { newest: 0, samples: [] }));
      one.newest = Math.max(one.newest, at);
      one.samples.push([counter, at, value]);
    }
    return [...sources]
      .filter(([source, { newest }]) => this.#written.get(source) !== newest)
      .map(([source, { newest, samples }]) => ({ source, newest, body: JSON.stringify(samples) }));
  }

  async #load(): Promise<void> {
    const { rows } = await this.#deps.db.tx(installationScope, (tx) =>
      sql<KeptRow>`select source, body from receivers_counters`.execute(tx),
    );
    for (const { source, body } of rows) {
      const samples = JSON.parse(body) as [string, number, number][]; // written by this class alone
      for (const [counter, at, value] of samples) this.#rates.takeOver([source, counter, at, value]);
    }
  }
}
