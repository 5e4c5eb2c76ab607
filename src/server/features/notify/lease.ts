import { sql } from "kysely";
import type { Timer } from "#base/clock";
import { addTime, minutes, seconds, type UnixMs } from "#base/duration";
import type { NotifyContext } from "./context.ts";

/** For how long a claimed message is its claimer's alone. A process that lives asks for more in time; of one that ended, others take over. */
export const leaseFor = minutes(2);
/** A third: it may fail twice before the lease ends. */
const renewsEvery = seconds(40);

/** Which claim of which delivery. */
export interface Claim {
  readonly organisationId: string;
  readonly id: string;
  readonly claims: number;
}

/** One message on its way from this process. */
export interface Lease {
  /** What was handed over of it so far, kept in its row so that whoever takes over does not repeat it. */
  readonly done: readonly string[];
  /**
   * Writes down that these parts were handed over.
   * @returns false when somebody else has claimed the message meanwhile: go no further
   */
  keep(done: readonly string[]): Promise<boolean>;
  end(): void;
}

/** The messages on their way from this process. However long a driver takes, they stay its own. */
export class Leases {
  readonly #notify: NotifyContext;
  readonly #complain: (error: unknown) => void;
  readonly #held = new Map<string, HeldLease>();

  /** @param complain is told of a renewal that failed; the next one tries again */
  constructor(notify: NotifyContext, complain: (error: unknown) => void) {
    this.#notify = notify;
    this.#complain = complain;
  }

  has(id: string): boolean {
    return this.#held.has(id);
  }

  /** Keeps a claim until its lease is ended. */
  hold(claim: Claim): Lease {
    const held = new HeldLease(this.#notify, claim, this.#complain, () => {
      if (this.#held.get(claim.id) === held) this.#held.delete(claim.id);
    });
    this.#held.set(claim.id, held);
    return held;
  }

  /** Renews what has not been renewed for a while at `at`, so that a claim at that moment finds nothing of what is on its way from here. */
  async renew(at: UnixMs): Promise<void> {
    for (const held of this.#held.values()) if (held.isDue(at)) await held.renew(at);
  }
}

class HeldLease implements Lease {
  readonly done: string[] = [];
  readonly #notify: NotifyContext;
  readonly #claim: Claim;
  readonly #complain: (error: unknown) => void;
  readonly #ended: () => void;
  readonly #timer: Timer;
  #renewedAt: UnixMs;
  #isLost = false;

  constructor(notify: NotifyContext, claim: Claim, complain: (error: unknown) => void, ended: () => void) {
    this.#notify = notify;
    this.#claim = claim;
    this.#complain = complain;
    this.#ended = ended;
    this.#renewedAt = notify.clock.now();
    this.#timer = notify.clock.every("notify.lease", renewsEvery, () => {
      this.renew(notify.clock.now()).catch(complain);
    });
  }

  /** By the wall clock, which is what the rows are compared with, also when somebody sets it. */
  isDue(at: UnixMs): boolean {
    return !this.#isLost && Math.abs(at - this.#renewedAt) >= renewsEvery;
  }

  async renew(at: UnixMs): Promise<void> {
    const { organisationId, id, claims } = this.#claim;
    const until = addTime(at, leaseFor);
    const { rows } = await this.#notify.db.tx({ organisationId }, (tx) =>
      sql`update notify_delivery set leased_until = ${until} where id = ${id} and state = 'claimed' and claims = ${claims} returning id`.execute(
        tx,
      ),
    );
    this.#noted(at, rows.length > 0);
  }

  async keep(done: readonly string[]): Promise<boolean> {
    this.done.push(...done);
    const { organisationId, id, claims } = this.#claim;
    const at = this.#notify.clock.now();
    const until = addTime(at, leaseFor);
    const added = JSON.stringify(done);
    try {
      const { rows } = await this.#notify.db.tx({ organisationId }, (tx) =>
        sql`update notify_delivery set progress = (progress::jsonb || ${added}::jsonb)::text, leased_until = ${until}
          where id = ${id} and state = 'claimed' and claims = ${claims} returning id`.execute(tx),
      );
      this.#noted(at, rows.length > 0);
    } catch (error) {
      // It is remembered here, and while the database is away nobody else can claim anything either.
      this.#complain(error);
    }
    return !this.#isLost;
  }

  end(): void {
    this.#timer.cancel();
    this.#ended();
  }

  #noted(at: UnixMs, isOurs: boolean): void {
    if (isOurs) this.#renewedAt = at;
    else this.#isLost = true;
  }
}
