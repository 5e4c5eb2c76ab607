import { sql } from "kysely";
import { minutes, seconds, unixMs, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import { newId } from "#base/ids";
import type { CallCause, CallListener, IncomingCall, LiveCall, PhoneLine, Turn } from "#ports/phone/port";
import { BackOff, installationScope, repeated, type Looked } from "#store";
import type { CallsContext } from "./context.ts";
import { prepareDial } from "./dial.ts";
import type { CallEngine } from "./engine.ts";
import { answerIncoming } from "./incoming.ts";
import { leaseNow } from "./lease-clock.ts";
import { tellLines } from "./line-health.ts";
import { OpenLines, type LeasedLine } from "./open-lines.ts";
import { recoverCall } from "./recover.ts";
import { settleLeft } from "./settle.ts";
import { giveUpWaiting, noteUnwanted } from "./unwanted.ts";

/** For how long a process keeps its lines and calls without a sign of life. It gives one every five seconds. */
const leaseFor = seconds(20);
/** How calls end that a line ends because it is closed. */
const cutOff: ReadonlySet<CallCause> = new Set(["cancelled", "finished", "line-failed"]);
/** Lines of a process that just started need a moment. */
const graceFor = seconds(15);

interface Live {
  readonly organisationId: string;
  /** Absent until it is known. */
  line: PhoneLine | undefined;
  /** Absent while it is being placed, or answered. */
  call: LiveCall | undefined;
  hasHeard: boolean;
}

interface Found {
  readonly id: string;
  readonly organisation_id: string;
}

type Renewed = Found & { readonly state: string; readonly unwanted: string | null };
type Claimed = Found & { readonly claims: number };

interface Work {
  /** Those that this process knew when it asked. */
  readonly mine: readonly string[];
  readonly renewed: readonly Renewed[];
  readonly lost: readonly Found[];
  readonly unwanted: readonly Found[];
  readonly claimed: readonly Claimed[];
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
  readonly #lines: OpenLines;
  readonly #live = new Map<string, Live>();
  /** Calls whose end is being written down. */
  readonly #ending = new Set<string>();
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
    this.#lines = new OpenLines(calls, {
      isUsed: (line) => [...this.#live.values()].some((live) => live.line === line),
      incoming: ({ id, organisation_id: organisationId, line }, call) =>
        this.#begin(`incoming:${call.id}`, () => this.#answer({ id, organisationId, line }, call)),
      track: (work) => this.track(work),
      complain: (error) => this.complain(error),
    });
  }

  /** The line as it is open here. */
  lineOf(id: string): PhoneLine | undefined {
    return this.#lines.lineOf(id);
  }

  /** Opens and closes lines, looks after calls whose process ended, ends those that nobody needs, and dials what waits. */
  async look(): Promise<Looked> {
    if (this.#isStopping) return { nextAt: undefined };
    await this.#lines.keep(await this.#lease());
    const work = await this.#claim();
    this.#hear(work);
    for (const one of work.unwanted) this.#begin(`unwanted:${one.id}`, () => noteUnwanted(this.#calls, one.organisation_id, one.id));
    for (const one of work.lost) this.#recover(one);
    for (const one of work.claimed) this.#dial(one);
    for (const { organisation_id: id } of work.waiting) this.#begin(`waiting:${id}`, () => this.#tidy(id));
    return { nextAt: work.next === null ? undefined : unixMs(work.next) };
  }

  /** By itself: whoever ends a call holds its row and waits for its line's. */
  async #lease(): Promise<readonly LeasedLine[]> {
    const { db, clock } = this.#calls;
    const { rows } = await repeated(db).tx(installationScope, async (tx) =>
      sql<LeasedLine>`select * from hinoban_lease_call_lines(${clock.now()}, ${await leaseNow(this.#calls, tx)}, ${leaseFor}, ${this.#lines.ids}::text[])`.execute(
        tx,
      ),
    );
    return rows;
  }

  /** What is taken on by itself too: it may have to wait for another process that calls the same person. */
  async #claim(): Promise<Work> {
    const { clock } = this.#calls;
    const db = repeated(this.#calls.db);
    const at = clock.now();
    const mine = [...this.#live.keys(), ...this.#ending];
    const kept = await db.tx(installationScope, async (tx) => {
      const now = await leaseNow(this.#calls, tx);
      const renewed = await sql<Renewed>`select * from hinoban_renew_calls(${now}, ${leaseFor}, ${mine}::text[])`.execute(tx);
      const lost = await sql<Found>`select * from hinoban_lost_calls(${at}, ${now}, ${leaseFor}, ${mine}::text[])`.execute(tx);
      const unwanted = await sql<Found>`select * from hinoban_unwanted_calls()`.execute(tx);
      return { renewed: renewed.rows, lost: lost.rows, unwanted: unwanted.rows };
    });
    const taken = await db.tx(installationScope, async (tx) => {
      const now = await leaseNow(this.#calls, tx);
      const claimed = await sql<Claimed>`select * from hinoban_claim_calls(${at}, ${now}, ${leaseFor}, ${this.#lines.ids}::text[])`.execute(
        tx,
      );
      const waiting = await sql<Work["waiting"][number]>`select * from hinoban_waiting_calls(${at})`.execute(tx);
      const next = await sql<{ next: number | null }>`select hinoban_next_call(${at}) as next`.execute(tx);
      return { claimed: claimed.rows, waiting: waiting.rows, next: next.rows[0]?.next ?? null };
    });
    return { mine, ...kept, ...taken };
  }

  /** Hangs up what nobody needs; whoever listens hears why. What is no longer ours is over, or somebody else's. */
  #hear({ mine, renewed }: Work): void {
    const still = new Map(renewed.map((one) => [one.id, one]));
    for (const id of mine) {
      const live = this.#live.get(id);
      if (!live?.call) continue; // claimed a moment ago, or over
      const row = still.get(id);
      if (!row) {
        live.call.end();
        this.#forget(id);
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
    // One that came while we looked; or one that could not be dialled: that is tried again a while later.
    if (this.#live.has(id) || this.#ending.has(id) || this.#failing.isPaused(`dial:${id}`)) return;
    this.#begin(`recover:${id}`, async () => {
      await recoverCall(this.#calls, organisationId, id, await this.#lineOfCall(organisationId, id));
      this.#calls.wake();
    });
  }

  async #lineOfCall(organisationId: string, id: string): Promise<PhoneLine | undefined> {
    const row = await this.#calls.db.tx({ organisationId }, (tx) =>
      tx.selectFrom("calls_call").select("line_id").where("id", "=", id).executeTakeFirst(),
    );
    return this.lineOf(row?.line_id ?? "");
  }

  #dial({ id, organisation_id: organisationId, claims }: Claimed): void {
    const live: Live = { organisationId, line: undefined, call: undefined, hasHeard: false };
    this.#begin(`dial:${id}`, async () => {
      this.#live.set(id, live);
      try {
        live.line = await this.#lineOfCall(organisationId, id);
        const dial = live.line && (await prepareDial(this.#calls, organisationId, id, claims));
        if (live.line && dial) live.call = live.line.dial(dial, this.#watched(organisationId, id, claims));
        else this.#forget(id);
      } catch (error) {
        this.#forget(id); // found again when its lease ends, or at the next look of this device
        throw error;
      }
    });
  }

  async #answer(
    on: { readonly id: string; readonly organisationId: string; readonly line: PhoneLine },
    incoming: IncomingCall,
  ): Promise<void> {
    if (this.#isStopping) return incoming.reject();
    // Known here before its row is: otherwise a look in between would think its process ended.
    const id = newId();
    const live: Live = { organisationId: on.organisationId, line: on.line, call: undefined, hasHeard: false };
    this.#live.set(id, live);
    try {
      const listener = (): CallListener => this.#watched(on.organisationId, id);
      live.call = await answerIncoming(this.#calls, { id, lineId: on.id, organisationId: on.organisationId, leaseFor }, incoming, listener);
      if (!live.call) this.#forget(id);
    } catch (error) {
      this.#forget(id);
      throw error;
    }
  }

  #forget(id: string): void {
    this.#live.delete(id);
    this.#lines.closeUnused();
  }

  /**
   * A listener that forgets the call here when it is over. What we cut off ourselves by ending is not over: whoever has the line next finds
   * it, and calls again if anybody still has to be.
   */
  #watched(organisationId: string, id: string, claim?: number): CallListener {
    const listener = this.#engine.listenerFor(organisationId, id, claim);
    return {
      ...listener,
      ended: (end) => {
        // First: it is ours until its end is written down.
        if (!this.#isStopping || !cutOff.has(end.cause)) listener.ended(end);
        this.#forget(id);
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
    if (this.#busy.has(key) || this.#failing.isPaused(key)) return;
    this.#busy.add(key);
    const running = this.#failing.attempt(key, work).finally(() => {
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

  /** The end of a call is being written down: until it is, the call is not lost. */
  trackEnd(callId: string, work: Promise<unknown>): void {
    this.#ending.add(callId);
    this.track(work.finally(() => this.#ending.delete(callId)));
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
    await this.#lines.stop();
    await this.settled();
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
