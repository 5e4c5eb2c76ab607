import { sql } from "kysely";
import type { Clock, Timer } from "#base/clock";
import { days, hours, seconds, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { CallEnd, CallListener } from "#ports/phone/port";
import { DueWork, installationScope, publish, repeated, Seal, type Change, type Tx } from "#store";
import { closeCall, dropCall, endCall } from "./close-call.ts";
import { callsTopic, type CallsContext, type CallsDeps, type CallsExtension } from "./context.ts";
import type { CallEngine, CallInput, LineAccess, NumberedTurn, Placing } from "./engine.ts";
import { note } from "./notes.ts";
import { accessOf } from "./open-line.ts";
import { phoneDriver } from "./phone-driver.ts";
import { placeCall } from "./place.ts";
import { Pool } from "./pool.ts";
import { isLive, lockCall, lockClaimed, topicsOf, updateCall } from "./store.ts";
import { announced, keepRecording } from "./recordings.ts";
import { nextTurn } from "./turns.ts";
import { holdIncidents } from "./world.ts";

const keepsFor = days(400);
const purgesEvery = hours(6);

/**
 * Calls people by telephone, one after the other, each once, and does what they press. What a call is about and where it stands is in the
 * database: any process, and any hook of a carrier, goes on with it.
 */
export class Calls implements CallEngine, CallsContext {
  readonly #deps: CallsDeps;
  readonly #extensions: CallsExtension[] = [];
  readonly #pool: Pool;
  readonly #due: DueWork;
  readonly lineSeal: Seal;
  readonly contentSeal: Seal;

  constructor(deps: CallsDeps) {
    this.#deps = deps;
    const seal = (purpose: string, what: string): Seal =>
      new Seal(deps.serverKey, purpose, `${what} cannot be opened with this server key. Enter it again.`);
    this.lineSeal = seal("hinoban line secret", "The secret of a telephone line");
    this.contentSeal = seal("hinoban call", "What a call reads");
    this.#pool = new Pool(this, this);
    this.#due = new DueWork({
      name: "calls.pool",
      clock: deps.clock,
      look: () => this.#pool.look(),
      onError: (error) => this.#pool.complain(error),
    });
    deps.notify.addDriver("phone", phoneDriver(this));
    // The transaction that takes back a notification holds rows that ours wait for: it only wakes whoever looks after the calls.
    deps.notify.listen({ callsCancelled: (tx) => publish(tx, callsTopic) });
  }

  get db(): CallsDeps["db"] {
    return this.#deps.db;
  }
  get clock(): CallsDeps["clock"] {
    return this.#deps.clock;
  }
  get notify(): CallsDeps["notify"] {
    return this.#deps.notify;
  }
  get incidents(): CallsDeps["incidents"] {
    return this.#deps.incidents;
  }
  get speech(): CallsDeps["speech"] {
    return this.#deps.speech;
  }
  get lines(): CallsDeps["lines"] {
    return this.#deps.lines;
  }
  get serverKey(): CallsDeps["serverKey"] {
    return this.#deps.serverKey;
  }
  get gate(): CallsDeps["gate"] {
    return this.#deps.gate;
  }
  get log(): CallsDeps["log"] {
    return this.#deps.log;
  }
  get leaseClock(): Pick<Clock, "now"> | undefined {
    return this.#deps.leaseClock;
  }
  get random(): () => number {
    return this.#deps.random ?? Math.random;
  }
  get extensions(): readonly CallsExtension[] {
    return this.#extensions;
  }
  /** For the acts on lines, which are handed the same. */
  get engine(): CallEngine {
    return this;
  }

  /** What others know, allow or want to hear. */
  extend(extension: CallsExtension): void {
    this.#extensions.push(extension);
  }

  place(tx: Tx, at: UnixMs, placing: Placing): Promise<string> {
    return placeCall(this, tx, at, placing);
  }

  async hangUp(tx: Tx, at: UnixMs, callId: string): Promise<boolean> {
    await holdIncidents(tx, callId);
    const call = await lockCall(tx, callId);
    if (!call || call.state === "over") return false;
    if (call.state === "queued") await closeCall(this, tx, at, await dropCall(this, tx, at, { ...call, unwanted: "ended" }, undefined));
    await updateCall(tx, callId, { unwanted: "ended" });
    await publish(tx, callsTopic);
    return true;
  }

  next(organisationId: string, callId: string, input: CallInput, seq?: number): Promise<NumberedTurn> {
    return nextTurn(this, organisationId, callId, input, seq);
  }

  async ringing(organisationId: string, callId: string): Promise<void> {
    await repeated(this.db).tx({ organisationId }, async (tx) => {
      const at = this.clock.now();
      const call = await lockCall(tx, callId);
      if (!call || (call.state !== "claimed" && call.state !== "dialing")) return;
      await updateCall(tx, callId, { state: "ringing", rang_at: at });
      await note(this, tx, at, call, { kind: "ringing" });
    });
  }

  ended(organisationId: string, callId: string, end: CallEnd): Promise<void> {
    return endCall(this, organisationId, callId, end);
  }

  async saved(organisationId: string, callId: string, state: string, claim?: number): Promise<void> {
    await repeated(this.db).tx({ organisationId }, async (tx) => {
      const at = this.clock.now();
      await holdIncidents(tx, callId);
      const call = await (claim === undefined ? lockCall(tx, callId) : lockClaimed(tx, callId, claim));
      if (!call || !isLive(call)) throw new HinobanError("gone", `The call ${callId} is over.`, { id: callId });
      if (call.saved !== null || call.kind === "incoming") return updateCall(tx, callId, { saved: state });
      if (call.unwanted !== null) throw new HinobanError("gone", `The call ${callId} is not needed any more.`, { id: callId });
      await updateCall(tx, callId, { saved: state, dialled_at: at, ...(call.state === "claimed" ? { state: "dialing" } : {}) });
      const open = (await topicsOf(tx, callId)).filter((topic) => topic.state === "open");
      const incidentIds = open.map((topic) => topic.incident_id);
      await note(this, tx, at, call, { kind: "dialled", verb: "call.dialled", incidentIds, detail: { line: call.line_id ?? "" } });
    });
  }

  listenerFor(organisationId: string, callId: string, claim?: number): CallListener {
    const told = (work: Promise<void>): void => this.#pool.track(work);
    return {
      saved: (state) => {
        const saved = this.saved(organisationId, callId, state, claim);
        told(saved.catch(() => undefined)); // the line is told
        return saved;
      },
      ringing: () => told(this.ringing(organisationId, callId)),
      answered: async () => announced(this, organisationId, callId, await this.next(organisationId, callId, { kind: "answered" })),
      keys: (digits) => this.next(organisationId, callId, { kind: "keys", digits }),
      silent: () => this.next(organisationId, callId, { kind: "silent" }),
      recorded: (sound) => told(keepRecording(this, organisationId, callId, sound)),
      ended: (end) => this.#pool.trackEnd(callId, this.#ended(organisationId, callId, end, claim)),
    };
  }

  /** What cannot be written down now is found again when the call's lease ends; until then it is tried. */
  async #ended(organisationId: string, callId: string, end: CallEnd, claim: number | undefined): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await endCall(this, organisationId, callId, end, claim);
      } catch (error) {
        if (tries >= 5) throw error;
        await this.clock.sleep("calls.ended", seconds(tries));
      }
    }
  }

  lineFor(organisationId: string, lineId: string): Promise<LineAccess | undefined> {
    return accessOf(this, organisationId, lineId, this.#pool.lineOf(lineId));
  }

  /** Something may be due now. */
  wake(): void {
    this.#due.wake();
  }

  onChange(change: Change | undefined): void {
    if (!change || change.topic === callsTopic) this.wake();
  }

  /** Waits until nothing is being looked for or written down; calls that are on go on. */
  async settled(): Promise<void> {
    for (;;) {
      await this.#due.settled();
      if (!this.#pool.isBusy) return;
      await this.#pool.settled();
    }
  }

  /** Opens lines and dials; the result hangs up and signs off. */
  start(): () => Promise<void> {
    this.#due.start();
    const purge: Timer = this.clock.every("calls.purge", purgesEvery, () => void this.purge());
    return async () => {
      purge.cancel();
      await this.#due.stop();
      await this.#pool.stop();
    };
  }

  /** Forgets calls of long ago. */
  async purge(): Promise<void> {
    try {
      await this.db.tx(installationScope, (tx) => sql`select hinoban_purge_calls(${this.clock.now() - keepsFor})`.execute(tx));
    } catch (error) {
      this.#pool.complain(error);
    }
  }
}

export const openCalls = (deps: CallsDeps): Calls => new Calls(deps);
