import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Clock, Timer } from "#base/clock";
import { millis, seconds } from "#base/duration";
import { messageOf } from "#base/errors";
import { entryBytes, noPrevious, type EntryFacts } from "#base/ledger-chain";
import { installationScope, type Db } from "#store";

/** How long an entry may wait at most while everything is well; the truth beside the hint that `kick` is. */
const pollEvery = seconds(1);
const batchSize = 1000;

interface Taken {
  id: number;
  organisation_id: string;
  wall: number;
  mono: number;
  facts: string;
  head_dseq: number;
  head_hash: Uint8Array | null;
}

interface Sealed {
  readonly row: Taken;
  readonly facts: EntryFacts;
  readonly dseq: number;
  readonly hash: Buffer;
  readonly bytes: string;
}

export interface SequencerDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly device: string;
  readonly onProblem: (message: string) => void;
}

/** Gives committed entries of this device their place in the chain: one at work at a time, in batches. */
export class Sequencer {
  readonly #deps: SequencerDeps;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #problem: string | undefined;

  constructor(deps: SequencerDeps) {
    this.#deps = deps;
  }

  /** Why the last batch failed; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  start(): void {
    this.#timer = this.#deps.clock.every("ledger.sequence", pollEvery, () => this.kick());
    this.kick();
  }

  /** Something was committed: look soon. Cheap, may be called at any rate. */
  kick(): void {
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** Chains everything that is committed now, then resolves. */
  async drain(): Promise<void> {
    this.kick();
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.drain();
  }

  async #run(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        // Oldest first until a batch comes back short.
        while ((await this.#sequenceBatch()) === batchSize);
        this.#problem = undefined;
      }
    } catch (error) {
      // The rows stay pending; the next poll tries again.
      this.#problem = messageOf(error);
      this.#deps.onProblem(this.#problem);
    } finally {
      this.#running = undefined;
    }
  }

  #sequenceBatch(): Promise<number> {
    return this.#deps.db.tx(installationScope, async (tx) => {
      const { rows } = await sql<Taken>`select * from ledger_take(${this.#deps.device}, ${batchSize})`.execute(tx);
      if (rows.length === 0) return 0;
      const sealed = this.#chain(rows);
      const column = <T>(pick: (s: Sealed) => T): T[] => sealed.map(pick);
      await sql`select ledger_seal(${this.#deps.device}, ${column((s) => s.row.id)}::bigint[], ${column((s) => s.row.organisation_id)}::text[],
        ${column((s) => s.dseq)}::bigint[], ${column((s) => s.row.wall)}::bigint[], ${column((s) => s.facts.verb)}::text[], ${column((s) => s.facts.actor)}::text[],
        ${column((s) => s.facts.object)}::text[], ${column((s) => s.facts.outcome)}::text[], ${column((s) => s.hash)}::bytea[], ${column((s) => s.bytes)}::text[])`.execute(
        tx,
      );
      return rows.length;
    });
  }

  #chain(rows: readonly Taken[]): Sealed[] {
    const heads = new Map<string, { dseq: number; hash: string }>();
    return rows.map((row) => {
      const head = heads.get(row.organisation_id) ?? {
        dseq: row.head_dseq,
        hash: row.head_hash ? Buffer.from(row.head_hash).toString("hex") : noPrevious,
      };
      const dseq = head.dseq + 1;
      const facts = JSON.parse(row.facts) as EntryFacts; // our own canonical text, written by record()
      const place = {
        org: row.organisation_id,
        device: this.#deps.device,
        dseq,
        dprev: head.hash,
        wall: row.wall,
        mono: Number(millis(row.mono)),
      };
      const bytes = entryBytes(place, facts);
      const hash = createHash("sha256").update(bytes, "utf8").digest();
      heads.set(row.organisation_id, { dseq, hash: hash.toString("hex") });
      return { row, facts, dseq, hash, bytes };
    });
  }
}
