import { sql } from "kysely";
import { minutes, seconds, unixMs, type Millis, type UnixMs } from "#base/duration";
import { messageOf } from "#base/errors";
import type { CallCause, CallListener, IncomingCall, LiveCall, PhoneLine, Turn } from "#ports/phone/port";
import { BackOff, installationScope, repeated, type Looked } from "#store";
import type { CallsContext } from "./context.ts";
import { prepareDial } from "./dial.ts";
import type { CallEngine } from "./engine.ts";
import { answerIncoming } from "./incoming.ts";
import { noteHealth, tellLines } from "./line-health.ts";
import { openLineRow } from "./open-line.ts";
import { recoverCall } from "./recover.ts";
import { settleLeft } from "./settle.ts";
import { giveUpWaiting, noteUnwanted } from "./unwanted.ts";

/** For how long a process keeps its lines and calls without a sign of life. It gives one every five seconds. */
const leaseFor = seconds(20);
/** How calls end that a line ends because it is closed. */
const cutOff: ReadonlySet<CallCause> = new Set(["cancelled", "finished", "line-failed"]);
/** Lines of a process that just started need a moment. */
const graceFor = seconds(15);

interface Opened {
  readonly id: string;
  readonly organisationId: string;
  readonly revision: number;
  readonly line: PhoneLine;
}

interface Live {
  readonly organisationId: string;
  /** Absent while it is being placed. */
  call: LiveCall | undefined;
  hasHeard: boolean;
}

interface Found {
  readonly id: string;
  readonly organisation_id: string;
}

type Renewed = Found & { readonly state: string; readonly unwanted: string | null };

interface Work {
  readonly lines: readonly (Found & { readonly revision: number })[];
  readonly renewed: readonly Renewed[];
  readonly lost: readonly Found[];
  readonly unwanted: readonly Found[];
  readonly claimed: readonly Found[];
  readonly waiting: readonly { readonly organisation_id: string }[];
  readonly next: number | null;
}

/**
 * The lines that this process has open, and the calls that are on them. Any number of processes do so at once: each line and each call is
 * leased to one of them, in its row.
 */
export class Pool {
  readonly #calls: CallsContext;
  readonly #engine: CallEngine;
  readonly #lines = new Map<string, Opened>();
  readonly #live = new Map<string, Live>();
  readonly #running = new Set<Promise<unknown>>();
  /** Names of what is under way. */
  readonly #busy = new Set<string>();
  readonly #failing: BackOff;
  readonly #began: Millis;
  #complainedAt = -Infinity;
  #isStopping = false;

  constructor(calls: CallsContext, engine: CallEngine) {
    this.#calls = calls;
    this.#engine = engine;
    this.#began = calls.clock.mono();
    this.#failing = new BackOff(calls.clock, (error) => this.complain(error));
  }

  /** The line as it is open here. */
  lineOf(id: string): PhoneLine | undefined {
    return this.#lines.get(id)?.line;
  }

  /** Opens and closes lines, looks after calls whose process ended, ends those that nobody needs, and dials what waits. */
  async look(): Promise<Looked> {
    if (this.#isStopping) return { nextAt: undefined };
    const at = this.#calls.clock.now();
    const work = await this.#claim(at);
    await this.#open(work.lines);
    this.#hear(work.renewed);
    for (const one of work.unwanted) this.#begin(`unwanted:${one.id}`, () => noteUnwanted(this.#calls, one.organisation_id, one.id));
    for (const one of work.lost) this.#recover(one);
    for (const one of work.claimed) this.#dial(one);
    for (const { organisation_id: id } of work.waiting) this.#begin(`waiting:${id}`, () => this.#tidy(id));
    return { nextAt: work.next === null ? undefined : unixMs(work.next) };
  }

  async #claim(at: UnixMs): Promise<Work> {
    const { db } = this.#calls;
    const mine = [...this.#live.keys()];
    // By itself: whoever ends a call holds its row and waits for its line's.
    const lines = await db.tx(installationScope, (tx) =>
      sql<Work["lines"][number]>`select * from hinoban_lease_call_lines(${at}, ${leaseFor})`.execute(tx),
    );
    return db.tx(installationScope, async (tx) => {
      const renewed = await sql<Renewed>`select * from hinoban_renew_calls(${at}, ${leaseFor}, ${mine}::text[])`.execute(tx);
      const lost = await sql<Found>`select * from hinoban_lost_calls(${at}, ${leaseFor}, ${mine}::text[])`.execute(tx);
      const unwanted = await sql<Found>`select * from hinoban_unwanted_calls()`.execute(tx);
      const claimed = await sql<Found>`select * from hinoban_claim_calls(${at}, ${leaseFor})`.execute(tx);
      const waiting = await sql<Work["waiting"][number]>`select * from hinoban_waiting_calls(${at})`.execute(tx);
      const next = await sql<{ next: number | null }>`select hinoban_next_call(${at}) as next`.execute(tx);
      return {
        lines: lines.rows,
        renewed: renewed.rows,
        lost: lost.rows,
        unwanted: unwanted.rows,
        claimed: claimed.rows,
        waiting: waiting.rows,
        next: next.rows[0]?.next ?? null,
      };
    });
  }

  /** Lines that were changed are opened anew once their calls are over; those that are not ours any more are closed. */
  async #open(leased: Work["lines"]): Promise<void> {
    const wanted = new Map(leased.map((one) => [one.id, one]));
    for (const opened of this.#lines.values()) {
      if (wanted.get(opened.id)?.revision === opened.revision) continue;
      this.#lines.delete(opened.id);
      this.#begin(`close:${opened.id}`, () => opened.line.stop());
    }
    for (const { id, organisation_id: organisationId, revision } of leased) {
      if (this.#lines.has(id) || this.#failing.isPaused(`open:${id}`)) continue;
      await this.#failing.attempt(`open:${id}`, async () => {
        const line = await openLineRow(this.#calls, organisationId, id);
        if (!line) return;
        this.#lines.set(id, { id, organisationId, revision, line });
        line.start({
          health: (health) =>
            this.#begin(`health:${id}`, () =>
              this.#calls.db.tx({ organisationId }, (tx) => noteHealth(tx, this.#calls.clock.now(), id, health)),
            ),
          incoming: (call) => this.#begin(`incoming:${call.id}`, () => this.#answer(id, organisationId, call)),
        });
      });
    }
  }

  /** Hangs up what nobody needs; whoever listens hears why. What is no longer ours is over, or somebody else's. */
  #hear(renewed: readonly Renewed[]): void {
    const still = new Map(renewed.map((one) => [one.id, one]));
    for (const [id, live] of this.#live) {
      if (!live.call) continue; // claimed a moment ago
      const row = still.get(id);
      if (!row) {
        live.call.end();
        this.#live.delete(id);
      } else if (row.unwanted === "ended" || (row.unwanted === "taken" && row.state !== "talking")) live.call.end();
      else if (row.unwanted === "taken" && !live.hasHeard) {
        live.hasHeard = true;
        this.#begin(`heard:${id}`, () => this.#interrupt(id, live));
      }
    }
  }

  async #interrupt(id: string, live: Live): Promise<void> {
    const turn: Turn = await this.#engine.next(live.organisationId, id, { kind: "silent" });
    live.call?.say?.(turn);
  }

  #recover({ id, organisation_id: organisationId }: Found): void {
    this.#begin(`recover:${id}`, async () => {
      const row = await this.#calls.db.tx({ organisationId }, (tx) =>
        tx.selectFrom("calls_call").select("line_id").where("id", "=", id).executeTakeFirst(),
      );
      await recoverCall(this.#calls, organisationId, id, this.lineOf(row?.line_id ?? ""));
      this.#calls.wake();
    });
  }

  #dial({ id, organisation_id: organisationId }: Found): void {
    const live: Live = { organisationId, call: undefined, hasHeard: false };
    this.#live.set(id, live);
    this.#begin(`dial:${id}`, async () => {
      try {
        const row = await this.#calls.db.tx({ organisationId }, (tx) =>
          tx.selectFrom("calls_call").select("line_id").where("id", "=", id).executeTakeFirst(),
        );
        const line = this.lineOf(row?.line_id ?? "");
        const dial = line && (await prepareDial(this.#calls, organisationId, id));
        if (!line || !dial) {
          this.#live.delete(id);
          return;
        }
        live.call = line.dial(dial, this.#watched(organisationId, id));
      } catch (error) {
        this.#live.delete(id); // found again when its lease ends, or at the next look of this device
        throw error;
      }
    });
  }

  async #answer(lineId: string, organisationId: string, incoming: IncomingCall): Promise<void> {
    if (this.#isStopping) return incoming.reject();
    const answered = await answerIncoming(
      this.#calls,
      (id) => this.#watched(organisationId, id),
      { id: lineId, organisation_id: organisationId },
      incoming,
      leaseFor,
    );
    if (answered) this.#live.set(answered.id, { organisationId, call: answered.call, hasHeard: false });
  }

  /**
   * A listener that forgets the call here when it is over. What we cut off ourselves by ending is not over: whoever has the line next finds
   * it, and calls again if anybody still has to be.
   */
  #watched(organisationId: string, id: string): CallListener {
    const listener = this.#engine.listenerFor(organisationId, id);
    return {
      ...listener,
      ended: (end) => {
        this.#live.delete(id);
        if (!this.#isStopping || !cutOff.has(end.cause)) listener.ended(end);
      },
    };
  }

  /** What waits too long, what could not be told, lines that fail. */
  #tidy(organisationId: string): Promise<void> {
    const { db, clock } = this.#calls;
    return repeated(db).tx({ organisationId }, async (tx) => {
      const at = clock.now();
      if (clock.mono() - this.#began > graceFor) await giveUpWaiting(this.#calls, tx, at);
      await settleLeft(this.#calls, tx, at);
      await tellLines(tx, at);
    });
  }

  /** One thing at a time under one name: what is still to be done a later look finds again. A failure is told, and tried again a while later. */
  #begin(key: string, work: () => Promise<unknown>): void {
    const isHealth = key.startsWith("health:");
    if (!isHealth && (this.#busy.has(key) || this.#failing.isPaused(key))) return;
    this.#busy.add(key);
    const running = (isHealth ? this.#inOrder(key, work) : this.#failing.attempt(key, work)).finally(() => {
      this.#busy.delete(key);
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  /** Something that a line told is being written down. */
  track(work: Promise<unknown>): void {
    const running = work.catch((error: unknown) => this.complain(error)).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  readonly #last = new Map<string, Promise<unknown>>();

  /** What a line says of itself is written in the order in which it was said. */
  #inOrder(key: string, work: () => Promise<unknown>): Promise<unknown> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const now = before.then(work).catch((error: unknown) => this.complain(error));
    this.#last.set(key, now);
    return now;
  }

  /** Waits until nothing is under way; calls that are on go on. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** Hangs up and signs off. What was cut off is looked after by whoever has the lines next. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const { db, clock } = this.#calls;
    await Promise.all([...this.#lines.values()].map(({ line }) => line.stop().catch((error: unknown) => this.complain(error))));
    await this.settled();
    this.#lines.clear();
    this.#live.clear();
    await db
      .tx(installationScope, (tx) => sql`select hinoban_release_call_lines(${clock.now()})`.execute(tx))
      .catch((error: unknown) => this.complain(error));
  }

  /** Not every second of an outage. */
  complain(error: unknown): void {
    const { clock, log } = this.#calls;
    const now = clock.mono();
    if (now - this.#complainedAt < minutes(1)) return;
    this.#complainedAt = now;
    log.warn(
      { err: error, error: messageOf(error) },
      "telephone calls could not be looked up, dialled or written down; this is tried again",
    );
  }
}
