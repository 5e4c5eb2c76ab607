import { sql } from "kysely";
import { minutes, seconds, unixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { installationScope, type Looked } from "#store";
import { failed, type Driver, type HandedOn, type Job, type Result } from "./driver.ts";
import { leaseFor, Leases, type Lease } from "./lease.ts";
import { loadJob, type Loaded } from "./load-job.ts";
import type { NotifyContext } from "./context.ts";
import { noteOutcome, putBack } from "./outcome.ts";
import type { DeliveryRow } from "./store.ts";

/** Messages of one process on their way at a time. */
const mostAtOnce = 40;
/** A message that ended this many processes is not tried again. */
const mostCrashes = 5;

interface Claimed {
  readonly id: string;
  readonly organisation_id: string;
  readonly claims: number;
  readonly was_claimed: boolean;
}

/** Sends what is due. Any number of processes may do so: a delivery is leased to one of them at a time, in its row. */
export class Worker {
  readonly #notify: NotifyContext;
  readonly #wake: () => void;
  readonly #running = new Map<string, Promise<void>>();
  readonly #leases: Leases;
  #hasReleased = false;
  #complainedAt = -Infinity;

  constructor(notify: NotifyContext, wake: () => void) {
    this.#notify = notify;
    this.#wake = wake;
    this.#leases = new Leases(notify, (error) => this.complain(error));
  }

  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** Takes on what is due, as far as there is room, and begins to send it. */
  async look(): Promise<Looked> {
    const { db, clock } = this.#notify;
    const at = clock.now();
    await this.#leases.renew(at); // what is on its way from here is never claimed again
    const room = mostAtOnce - this.#running.size;
    const { claimed, nextAt } = await db.tx(installationScope, async (tx) => {
      // What this device claimed before it was started anew would otherwise wait for the end of a lease that nobody holds any more.
      if (!this.#hasReleased) await sql`select hinoban_release_deliveries()`.execute(tx);
      const claims =
        room > 0 ? await sql<Claimed>`select * from hinoban_claim_deliveries(${at}, ${room}, ${leaseFor})`.execute(tx) : { rows: [] };
      const { rows } = await sql<{ next: number | null }>`select hinoban_next_delivery(${at}) as next`.execute(tx);
      return { claimed: claims.rows, nextAt: rows[0]?.next ?? undefined };
    });
    this.#hasReleased = true;
    for (const one of claimed) this.#begin(one);
    return { nextAt: nextAt === undefined ? undefined : unixMs(nextAt) };
  }

  /** Waits until nothing is on its way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Not every second of an outage. */
  complain(error: unknown): void {
    const now = this.#notify.clock.mono();
    if (now - this.#complainedAt < minutes(1)) return;
    this.#complainedAt = now;
    this.#notify.deps.log.warn({ err: error, error: messageOf(error) }, "notifications could not be looked up or written down");
  }

  #begin({ id, organisation_id: organisationId, claims, was_claimed: wasClaimed }: Claimed): void {
    if (this.#leases.has(id)) return; // somebody else had it and lost it while it is still on its way from here: never twice
    const running = this.attempt(organisationId, id, claims, wasClaimed)
      .catch((error: unknown) => this.complain(error))
      .finally(() => {
        this.#running.delete(id);
        this.#wake(); // its lane has room again
      });
    this.#running.set(id, running);
  }

  /** Sends one claimed delivery and notes what became of it. */
  async attempt(organisationId: string, id: string, claims: number, wasClaimed = false): Promise<void> {
    const lease = this.#leases.hold({ organisationId, id, claims });
    try {
      await this.#attempt({ organisation_id: organisationId, id, claims, was_claimed: wasClaimed }, lease);
    } finally {
      lease.end();
    }
  }

  async #attempt({ organisation_id: organisationId, id, claims, was_claimed: wasClaimed }: Claimed, lease: Lease): Promise<void> {
    const { db, clock } = this.#notify;
    const at = clock.now();
    const found = await db.tx({ organisationId }, async (tx) => {
      const row = await tx.selectFrom("notify_delivery").selectAll().where("id", "=", id).executeTakeFirst();
      if (!row || row.state !== "claimed" || row.claims !== claims) return undefined;
      return { row, loaded: await this.#load(() => loadJob(this.#notify, tx, row, at)) };
    });
    if (!found) return;
    const { row, loaded } = found;
    if (wasClaimed && row.claims - row.tries > mostCrashes) {
      const problem = `The server ended ${mostCrashes} times while this message was on its way.`;
      return noteOutcome(this.#notify, row, { kind: "over", state: "unknown", problem });
    }
    if (loaded.kind === "held") return putBack(this.#notify, row, "held", loaded.until);
    if (loaded.kind === "later") return putBack(this.#notify, row, "retrying", unixMs(at + seconds(30)));
    if (loaded.kind === "over") return noteOutcome(this.#notify, row, loaded);
    const driver = this.#notify.drivers.get(loaded.driver);
    if (!driver)
      return noteOutcome(this.#notify, row, { kind: "over", state: "failed", problem: `Nothing here can send to "${loaded.driver}".` });
    const answer = await sent(driver, { ...loaded.job, keep: (done) => lease.keep(done) }, row);
    // What was kept is done also when the driver failed before it could say so.
    const result = answer.kind !== "failed" ? answer : { ...answer, done: [...new Set([...lease.done, ...(answer.done ?? [])])] };
    await noteOutcome(this.#notify, row, { kind: "result", result, pace: driver.pace, job: loaded.job });
  }

  /** A secret that cannot be opened is a clear answer and no reason to try for ever. */
  async #load(load: () => Promise<Loaded>): Promise<Loaded> {
    try {
      return await load();
    } catch (error) {
      if (error instanceof HinobanError && error.code === "storage-damaged")
        return { kind: "over", state: "failed", problem: error.message };
      throw error;
    }
  }
}

/** What a driver throws is our own fault and may pass. */
async function sent(driver: Driver, job: Job, row: DeliveryRow): Promise<Result | HandedOn> {
  try {
    if (row.kind !== "edit") return await driver.send(job);
    if (!driver.edit || job.root === undefined) return failed("The post cannot be edited.", { isForGood: true, blame: "message" });
    return await driver.edit(job, job.root);
  } catch (error) {
    return failed(messageOf(error), { isForGood: false, blame: "message" });
  }
}
