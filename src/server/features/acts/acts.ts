import type { Logger } from "pino";
import type { Clock } from "#base/clock";
import { minutes, seconds } from "#base/duration";
import { messageOf } from "#base/errors";
import type { Duty } from "#features/duty";
import type { Incidents } from "#features/incidents";
import type { Notify } from "#features/notify";
import { RateLimit, type Gate } from "#http";
import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { Db, Deps } from "#store";

export interface ActsDeps extends Deps {
  readonly incidents: Incidents;
  readonly notify: Pick<Notify, "openChannel" | "rewrite" | "linkChat" | "unlinkChat">;
  readonly duty: Pick<Duty, "nowOnDuty">;
  /** Answers to chats leave through it. */
  readonly http: OutgoingHttp;
  readonly gate: Gate;
  /** Where people reach this server; empty when nobody said so. */
  readonly publicUrl: string;
  readonly log: Pick<Logger, "warn">;
}

/** A person opens a link once or twice; an office shares an address; a guesser needs more than that. */
const pagesAMinute = 120;
/** All of a chat's people come from one address. */
const pressesAMinute = 1200;
/** Refusals that are written down: whoever sends rubbish must not fill the history. */
const refusalsAMinute = 60;

/** A chat shows an error when it has no answer after three seconds. */
export const answersWithin = seconds(2.5);

/** Acts on incidents from outside the console: links in mail, buttons and commands in chats. */
export class Acts implements ActsDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly incidents: Incidents;
  readonly notify: ActsDeps["notify"];
  readonly duty: ActsDeps["duty"];
  readonly http: OutgoingHttp;
  readonly gate: Gate;
  readonly publicUrl: string;
  readonly log: ActsDeps["log"];
  readonly pages: RateLimit;
  readonly presses: RateLimit;
  readonly #refusals: RateLimit;
  readonly #underway = new Set<Promise<void>>();

  constructor(deps: ActsDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.incidents = deps.incidents;
    this.notify = deps.notify;
    this.duty = deps.duty;
    this.http = deps.http;
    this.gate = deps.gate;
    this.publicUrl = deps.publicUrl.replace(/\/$/u, "");
    this.log = deps.log;
    this.pages = new RateLimit(deps.clock, pagesAMinute);
    this.presses = new RateLimit(deps.clock, pressesAMinute);
    this.#refusals = new RateLimit(deps.clock, refusalsAMinute);
  }

  /** Whether one more refusal of this minute may be written down. */
  mayRecordRefusal(): boolean {
    try {
      this.#refusals.take("refusals");
      return true;
    } catch {
      return false;
    }
  }

  /** Does something after the answer was given; what fails is told in the log. */
  later(work: Promise<unknown>, what: string): void {
    const tracked = work
      .then(() => undefined)
      .catch((error: unknown) => this.log.warn({ problem: messageOf(error) }, what))
      .finally(() => this.#underway.delete(tracked));
    this.#underway.add(tracked);
  }

  /** Waits until nothing that was left for later is under way. */
  async settled(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }
}

/** How long requests that were let in are remembered, beyond the time in which their signature counts. */
export const requestsRemembered = minutes(15);

export const openActs = (deps: ActsDeps): Acts => new Acts(deps);
