import { sql } from "kysely";
import type { Clock, Timer } from "#base/clock";
import { minutes, type UnixMs } from "#base/duration";
import type { Db } from "#store";

const flushEvery = minutes(1);

/**
 * When each host was heard of last. Known at once in this process, written at most once a minute, so that a post costs no row.
 * An observation, not an act: the ledger does not hear of it.
 */
export class LastSeen {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #at = new Map<string, UnixMs>();
  /** The same for what came through Mackerel's interface. */
  readonly #agentAt = new Map<string, UnixMs>();
  /** Host ids that wait to be written, by organisation. */
  readonly #waiting = new Map<string, Set<string>>();
  #timer: Timer | undefined;

  constructor(db: Db, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Undefined when this process has not heard of the host; the table may know. */
  of(hostId: string): UnixMs | undefined {
    return this.#at.get(hostId);
  }

  /** The same for what came through Mackerel's interface. */
  byAgent(hostId: string): UnixMs | undefined {
    return this.#agentAt.get(hostId);
  }

  /** Notes that hosts of one organisation were heard of now, by an agent that speaks Mackerel's interface or by something else. */
  touch(organisationId: string, hostIds: Iterable<string>, by: "agent" | "other" = "agent"): void {
    const now = this.#clock.now();
    for (const id of hostIds) {
      this.#at.set(id, now);
      if (by === "agent") this.#agentAt.set(id, now);
    }
    this.#wait(organisationId, hostIds);
  }

  /** Writes what was not written yet. @throws what the database throws; nothing is lost then */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const batches = [...this.#waiting].map(([organisationId, ids]) => ({ organisationId, ids: [...ids].toSorted() }));
    this.#waiting.clear();
    for (let batch = batches[0]; batch; batch = batches[0]) {
      try {
        await this.#recordSeen(batch.organisationId, batch.ids);
      } catch (error) {
        for (const left of batches) this.#wait(left.organisationId, left.ids);
        throw error;
      }
      batches.shift();
    }
  }

  #wait(organisationId: string, hostIds: Iterable<string>): void {
    const waiting = this.#waiting.get(organisationId) ?? new Set();
    for (const id of hostIds) waiting.add(id);
    this.#waiting.set(organisationId, waiting);
    this.#timer ??= this.#clock.after("inventory.last-seen", flushEvery, () => void this.flush().catch(() => undefined)); // what could not be written waits for the next time
  }

  /** In order of the ids, so that two servers that write at the same moment do not wait for each other in a circle. */
  async #recordSeen(organisationId: string, ids: readonly string[]): Promise<void> {
    const times = ids.map((id) => this.#at.get(id) ?? 0);
    const agentTimes = ids.map((id) => this.#agentAt.get(id) ?? null);
    await this.#db.tx({ organisationId }, (tx) =>
      sql`insert into inventory_seen (host_id, at, agent_at)
          select s.id, s.at, s.agent_at
          from unnest(${ids}::text[], ${times}::bigint[], ${agentTimes}::bigint[]) as s (id, at, agent_at) join inventory_host h on h.id = s.id
          on conflict (host_id) do update set at = excluded.at, agent_at = coalesce(excluded.agent_at, inventory_seen.agent_at)
          where inventory_seen.at < excluded.at`.execute(tx),
    );
  }
}
