import type { Clock, Timer } from "#base/clock";
import { millis, seconds, type Millis } from "#base/duration";
import type { LineHealth } from "#ports/phone/port";
import type { Agent } from "./agent.ts";
import type { Inquired } from "./inquire.ts";
import { answered } from "./causes.ts";
import type { SipResponse } from "./message.ts";
import type { Hop } from "./transport.ts";

/** One look at one address of the line. */
export type Looked =
  /** @param again after how long it has to be looked again */
  | { readonly kind: "ready"; readonly again: Millis; readonly registeredUntil?: number }
  /** Another address may do better. */
  | { readonly kind: "failed"; readonly problem: string; readonly retryAfter?: Millis }
  /** No address will do better: the account is wrong. */
  | { readonly kind: "refused"; readonly problem: string };

export interface PresenceOptions {
  readonly clock: Clock;
  readonly agent: () => Promise<Agent>;
  readonly hops: () => Promise<readonly Hop[]>;
  readonly look: (agent: Agent, hop: Hop) => Promise<Looked>;
  readonly failed: (hop: Hop) => void;
  readonly worked: (hop: Hop) => void;
  readonly changed: (health: LineHealth) => void;
}

const soon = seconds(1);
const firstPause = seconds(5);
/** A wrong password is tried again too, for people change it at the provider; but that seldom, or the provider locks us out. */
const longestPause = seconds(300);

/** Keeps a line alive: looks at its addresses again and again, and says how it stands. */
export class Presence {
  readonly #options: PresenceOptions;
  #timer: Timer | undefined;
  #failures = 0;
  #isLooking = false;
  #isSoon = false;
  /** The other side wants to be left alone until the next look. */
  #isHeld = false;
  #isStopped = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Looks for the first time. */
  look(): void {
    if (this.#isStopped || this.#isLooking) return;
    this.#isLooking = true;
    void this.#lookAndWait();
  }

  async #lookAndWait(): Promise<void> {
    const pause = await this.#round();
    this.#isLooking = false;
    this.#lookAfter(pause);
  }

  /**
   * Something went wrong: looks before it is time. Not at once, for a server that drops everybody would be asked without an end; and not
   * where it refused us or named a time.
   */
  soon(): void {
    if (!this.#isLooking && !this.#isSoon && !this.#isHeld && this.#timer) {
      this.#isSoon = true;
      this.#lookAfter(soon);
    }
  }

  /** Somebody knows better how the other side thinks of us now: looks soon, whatever it said before. */
  again(): void {
    this.#isHeld = false;
    this.soon();
  }

  #lookAfter(pause: Millis): void {
    if (this.#isStopped) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after("sip.presence", pause, () => {
      this.#isSoon = false;
      this.look();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #round(): Promise<Millis> {
    const looked = await this.#lookAround();
    if (this.#isStopped) return longestPause;
    this.#isHeld = looked.kind === "refused" || (looked.kind === "failed" && looked.retryAfter !== undefined);
    if (looked.kind === "ready") {
      this.#failures = 0;
      const { registeredUntil } = looked;
      this.#options.changed({ state: "ready", ...(registeredUntil === undefined ? {} : { registeredUntil }) });
      return looked.again;
    }
    this.#failures += 1;
    this.#options.changed({ state: "failed", problem: looked.problem });
    if (looked.kind === "refused") return scattered(longestPause);
    return millis(Math.max(pauseAfter(this.#failures), Math.min(looked.retryAfter ?? 0, longestPause)));
  }

  async #lookAround(): Promise<Looked> {
    let last: Looked = { kind: "failed", problem: "No address of the trunk is known." };
    try {
      const agent = await this.#options.agent();
      for (const hop of await this.#options.hops()) {
        if (this.#isStopped) return last;
        last = await this.#options.look(agent, hop);
        if (last.kind !== "failed") {
          this.#options.worked(hop);
          return last;
        }
        this.#options.failed(hop);
      }
    } catch (error) {
      return { kind: "failed", problem: error instanceof Error ? error.message : String(error) };
    }
    return last;
  }
}

/** Up to a fifth less or more, so that a thousand lines do not come back in the same second. */
const scattered = (pause: number): Millis => millis(Math.round(pause * (0.8 + Math.random() * 0.4)));

/** 5, 10, 20 … 300 s */
const pauseAfter = (failures: number): Millis => scattered(Math.min(firstPause * 2 ** Math.min(failures - 1, 10), longestPause));

const askEvery = seconds(30);

/** What an OPTIONS tells: any answer at all means that somebody is there. */
export function lookedByOptions(inquired: Inquired): Looked {
  if (inquired.kind === "failed") return { kind: "failed", problem: `The trunk does not answer: ${inquired.problem}.` };
  const { response } = inquired;
  if (response.status === 503) return unavailable(response);
  return { kind: "ready", again: askEvery };
}

/** A 5xx or the like. */
export function unavailable(response: SipResponse): Looked {
  const after = response.headers.number("retry-after");
  return {
    kind: "failed",
    problem: `The trunk answers ${answered(response)}.`,
    ...(after === undefined ? {} : { retryAfter: seconds(Math.min(after, 3600)) }),
  };
}
