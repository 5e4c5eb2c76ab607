import { sql } from "kysely";
import type { Clock, Timer } from "#base/clock";
import { days, seconds, unixMs, type UnixMs } from "#base/duration";
import { installationScope, type Db, type Tx } from "#store";
import type { Deafness } from "./connectivity.ts";

const beatEvery = seconds(30);
/** Three missed beats: then nobody listened. */
const deafAfter = seconds(90);
/** Longer than the longest silence that can be allowed. */
const kept = days(8);

/**
 * Keeps track of when servers of this installation listened, so that an outage of ours is never taken for an outage of every host.
 * Each server writes a beat; whoever finds that the newest beat of all is old writes down the time in which there was none.
 */
export class Listening {
  readonly #db: Db;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #deaf: readonly Deafness[] = [];

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** The outages that still matter. */
  get deaf(): readonly Deafness[] {
    return this.#deaf;
  }

  /** Starts beating; the result ends it. @throws what the database throws at the first beat */
  async start(): Promise<() => void> {
    await this.beat();
    // A beat that fails is an outage of the database; the next one that succeeds writes it down.
    this.#timer = this.#clock.every("inventory.listening", beatEvery, () => void this.beat().catch(() => undefined));
    return () => this.#timer?.cancel();
  }

  /** Says that this server listens, and looks up when nobody did. */
  async beat(): Promise<void> {
    const now = this.#clock.now();
    const rows = await this.#db.tx(installationScope, async (tx) => {
      await recordBeat(tx, now);
      return tx.selectFrom("inventory_deafness").selectAll().execute();
    });
    this.#deaf = rows.map((row) => ({ from: unixMs(row.from_at), to: unixMs(row.to_at) }));
  }
}

/** Beats are observations: the ledger does not hear of them. */
async function recordBeat(tx: Tx, now: UnixMs): Promise<void> {
  const newest = await tx
    .selectFrom("inventory_listener")
    .select((of) => of.fn.max("at").as("at"))
    .executeTakeFirst();
  const heardAt = newest?.at ?? now;
  if (now - heardAt > deafAfter) {
    const gap = { from_at: heardAt, to_at: now };
    await tx
      .insertInto("inventory_deafness")
      .values(gap)
      .onConflict((on) => on.doNothing())
      .execute();
  }
  await sql`insert into inventory_listener (device, at) values (current_setting('hinoban.device'), ${now})
    on conflict (device) do update set at = greatest(inventory_listener.at, excluded.at)`.execute(tx);
  await tx
    .deleteFrom("inventory_deafness")
    .where("to_at", "<", now - kept)
    .execute();
}
