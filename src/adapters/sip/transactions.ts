import type { Clock, Timer } from "#base/clock";
import { millis, seconds, type Millis } from "#base/duration";
import { about } from "./build.ts";
import type { SipMessage, SipRequest, SipResponse } from "./message.ts";

// RFC 3261 table 4.
export const t1 = millis(500);
export const t2 = seconds(4);
const t4 = seconds(5);
/** Timers B, D, F, H, J, L and M. */
export const giveUpAfter = millis(64 * t1);

/** Why a request got no final response. */
export type Failed = { readonly why: "timeout" | "transport"; readonly problem: string };

/** What a client transaction needs of the agent. */
export interface ClientGround {
  readonly clock: Clock;
  readonly isReliable: boolean;
  send(message: SipMessage): void;
  /** The transaction is over; forget it. */
  over(): void;
  /** Nothing came back yet: look whether somebody is there at all. */
  wonder(): void;
}

export interface ClientEvents {
  /** Each provisional response and the final one; to an INVITE also each 2xx that comes again or from another branch of a fork. */
  response(response: SipResponse): void;
  failed(failed: Failed): void;
}

export interface ClientTransaction {
  readonly request: SipRequest;
  receive(response: SipResponse): void;
  /** The way there is gone. */
  broken(problem: string): void;
  /** Does not send the request again; still listens. */
  quiet(): void;
  /** Ends it at once, without telling anybody. */
  drop(): void;
}

type State = "calling" | "trying" | "proceeding" | "accepted" | "completed" | "over";

/** Timers of a kind of client transaction, by their names in RFC 3261: sends again, gives up. */
interface TimerNames {
  readonly again: string;
  readonly giveUp: string;
}

/** What both kinds of client transactions do alike: send, send again until something comes back, give up, end. */
abstract class Client implements ClientTransaction {
  readonly request: SipRequest;
  protected readonly ground: ClientGround;
  protected readonly events: ClientEvents;
  protected state: State;
  readonly #names: TimerNames;
  #again: Timer | undefined;
  #end: Timer;

  protected constructor(
    { ground, request, events }: { readonly ground: ClientGround; readonly request: SipRequest; readonly events: ClientEvents },
    first: State,
    names: TimerNames,
  ) {
    this.ground = ground;
    this.request = request;
    this.events = events;
    this.state = first;
    this.#names = names;
    this.#end = ground.clock.after(names.giveUp, giveUpAfter, () => this.#fail({ why: "timeout", problem: "nothing was answered" }));
    ground.send(request);
    if (!ground.isReliable) this.#retransmitAfter(t1);
  }

  abstract receive(response: SipResponse): void;

  /** How long after a repetition, which came after `delay`, the next one follows. */
  protected abstract delayAfter(delay: Millis): Millis;

  #retransmitAfter(delay: Millis): void {
    this.#again = this.ground.clock.after(this.#names.again, delay, () => {
      this.ground.send(this.request);
      if (delay === t1) this.ground.wonder();
      this.#retransmitAfter(this.delayAfter(delay));
    });
  }

  broken(problem: string): void {
    const isWaiting = this.state === "calling" || this.state === "trying" || this.state === "proceeding";
    if (isWaiting) this.#fail({ why: "transport", problem });
  }

  quiet(): void {
    this.#again?.cancel();
  }

  /** Waits for as long as it has to, without giving up. */
  protected wait(): void {
    this.#end.cancel();
  }

  /** There is a final response: keeps what it must remember for a while. */
  protected linger(state: "accepted" | "completed", timer: string, lasting: Millis): void {
    this.state = state;
    this.#end.cancel();
    this.#end = this.ground.clock.after(timer, lasting, () => this.drop());
  }

  #fail(failed: Failed): void {
    this.drop();
    this.events.failed(failed);
  }

  drop(): void {
    if (this.state === "over") return;
    this.state = "over";
    this.#again?.cancel();
    this.#end.cancel();
    this.ground.over();
  }
}

/** RFC 3261 17.1.1, with the state "accepted" of RFC 6026, in which every 2xx still reaches whoever called. */
export class InviteClient extends Client {
  constructor(ground: ClientGround, request: SipRequest, events: ClientEvents) {
    super({ ground, request, events }, "calling", { again: "sip.timer-a", giveUp: "sip.timer-b" });
  }

  protected delayAfter(delay: Millis): Millis {
    return millis(delay * 2);
  }

  receive(response: SipResponse): void {
    if (this.state === "over") return;
    if (this.state === "completed") {
      if (response.status >= 300) this.#acknowledge(response);
      return;
    }
    if (this.state === "accepted") {
      if (response.status >= 200 && response.status < 300) this.events.response(response);
      return;
    }
    this.quiet();
    if (response.status < 200) {
      if (this.state === "calling") this.wait();
      this.state = "proceeding";
    } else if (response.status < 300) this.linger("accepted", "sip.timer-d", giveUpAfter);
    else {
      this.#acknowledge(response);
      this.linger("completed", "sip.timer-d", this.ground.isReliable ? millis(0) : giveUpAfter);
    }
    this.events.response(response);
  }

  #acknowledge(response: SipResponse): void {
    this.ground.send(about("ACK", this.request, response.to));
  }
}

/** RFC 3261 17.1.2 */
export class OtherClient extends Client {
  constructor(ground: ClientGround, request: SipRequest, events: ClientEvents) {
    super({ ground, request, events }, "trying", { again: "sip.timer-e", giveUp: "sip.timer-f" });
  }

  protected delayAfter(delay: Millis): Millis {
    return this.state === "proceeding" ? t2 : millis(Math.min(delay * 2, t2));
  }

  receive(response: SipResponse): void {
    if (this.state === "completed" || this.state === "over") return;
    if (response.status < 200) this.state = "proceeding";
    else {
      this.quiet();
      this.linger("completed", "sip.timer-k", this.ground.isReliable ? millis(0) : t4);
    }
    this.events.response(response);
  }
}
