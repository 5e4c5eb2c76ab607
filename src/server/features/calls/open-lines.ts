import { messageOf } from "#base/errors";
import type { IncomingCall, PhoneLine } from "#ports/phone/port";
import { BackOff } from "#store";
import type { CallsContext } from "./context.ts";
import { noteHealth } from "./line-health.ts";
import { openLineRow } from "./open-line.ts";

/** A line as it is leased to this process. */
export interface LeasedLine {
  readonly id: string;
  readonly organisation_id: string;
  readonly revision: number;
}

interface Opened extends LeasedLine {
  readonly line: PhoneLine;
}

/** Whoever uses the lines. */
interface LineUser {
  /** Whether a call is on it. */
  readonly isUsed: (line: PhoneLine) => boolean;
  readonly incoming: (on: Opened, call: IncomingCall) => void;
  /** Something is under way whose end is waited for when the process stops. */
  readonly track: (work: Promise<unknown>) => void;
  readonly complain: (error: unknown) => void;
}

/** The lines that this process has open. One that was changed is opened anew beside the old one, which goes once its calls are over. */
export class OpenLines {
  readonly #calls: CallsContext;
  readonly #user: LineUser;
  readonly #failing: BackOff;
  readonly #open = new Map<string, Opened>();
  readonly #leaving = new Set<Opened>();
  /** Ids of lines that sign off at this moment: a provider may know only one of us. */
  readonly #closing = new Set<string>();
  readonly #said = new Map<string, Promise<unknown>>();

  constructor(calls: CallsContext, user: LineUser) {
    this.#calls = calls;
    this.#user = user;
    this.#failing = new BackOff(calls.clock, user.complain);
  }

  get ids(): string[] {
    return [...this.#open.keys()];
  }

  lineOf(id: string): PhoneLine | undefined {
    return this.#open.get(id)?.line;
  }

  /** Closes what is not ours any more, or was changed; opens what is not open. */
  async keep(leased: readonly LeasedLine[]): Promise<void> {
    const wanted = new Map(leased.map((one) => [one.id, one]));
    for (const opened of this.#open.values()) {
      if (wanted.get(opened.id)?.revision === opened.revision) continue;
      this.#open.delete(opened.id);
      this.#leaving.add(opened);
    }
    this.closeUnused();
    for (const one of leased) {
      if (this.#open.has(one.id) || this.#closing.has(one.id) || this.#failing.isPaused(one.id)) continue;
      await this.#failing.attempt(one.id, () => this.#openOne(one));
    }
  }

  /** Lines that were given up or opened anew go when nobody talks over them. */
  closeUnused(): void {
    for (const opened of this.#leaving) {
      if (this.#user.isUsed(opened.line)) continue;
      this.#leaving.delete(opened);
      this.#closing.add(opened.id);
      const closed = opened.line.stop().finally(() => {
        this.#closing.delete(opened.id);
        this.#calls.wake();
      });
      this.#user.track(closed);
    }
  }

  async #openOne(leased: LeasedLine): Promise<void> {
    const { id } = leased;
    try {
      const line = await openLineRow(this.#calls, leased.organisation_id, id);
      if (!line) return;
      const opened: Opened = { ...leased, line };
      this.#open.set(id, opened);
      line.start({
        health: (health) => {
          // What a line says of itself that leaves is not so of the one in its place.
          if (this.#open.get(id) === opened) this.#note(leased, health);
        },
        incoming: (call) => this.#user.incoming(opened, call),
      });
    } catch (error) {
      this.#open.delete(id);
      this.#note(leased, { state: "failed", problem: messageOf(error) });
      throw error;
    }
  }

  /** In the order in which it was said. */
  #note({ id, organisation_id: organisationId }: LeasedLine, health: PhoneLine["health"]): void {
    const { db, clock } = this.#calls;
    const before = this.#said.get(id) ?? Promise.resolve();
    const now = before
      .then(() => db.tx({ organisationId }, (tx) => noteHealth(tx, clock.now(), id, health)))
      .catch((error: unknown) => this.#user.complain(error));
    this.#said.set(id, now);
    this.#user.track(now);
  }

  /** Ends what is on them. */
  async stop(): Promise<void> {
    const all = [...this.#open.values(), ...this.#leaving];
    await Promise.all(all.map(({ line }) => line.stop().catch((error: unknown) => this.#user.complain(error))));
  }
}
