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

/** RFC 3261 17.1.1, with the state "accepted" of RFC 6026, in which every 2xx still reaches whoever called. */
export class InviteClient implements ClientTransaction {
  readonly request: SipRequest;
  readonly #ground: ClientGround;
  readonly #events: ClientEvents;
  #state: "calling" | "proceeding" | "accepted" | "completed" | "over" = "calling";
  #again: Timer | undefined;
  #end: Timer;

  constructor(ground: ClientGround, request: SipRequest, events: ClientEvents) {
    this.#ground = ground;
    this.request = request;
    this.#events = events;
    this.#end = ground.clock.after("sip.timer-b", giveUpAfter, () => this.#fail({ why: "timeout", problem: "nothing was answered" }));
    ground.send(request);
    if (!ground.isReliable) this.#retransmitAfter(t1);
  }

  #retransmitAfter(delay: Millis): void {
    this.#again = this.#ground.clock.after("sip.timer-a", delay, () => {
      this.#ground.send(this.request);
      if (delay === t1) this.#ground.wonder();
      this.#retransmitAfter(millis(delay * 2));
    });
  }

  receive(response: SipResponse): void {
    if (this.#state === "over") return;
    if (this.#state === "completed") {
      if (response.status >= 300) this.#acknowledge(response);
      return;
    }
    if (this.#state === "accepted") {
      if (response.status >= 200 && response.status < 300) this.#events.response(response);
      return;
    }
    this.#again?.cancel();
    if (response.status < 200) {
      if (this.#state === "calling") this.#end.cancel();
      this.#state = "proceeding";
    } else if (response.status < 300) this.#linger("accepted", giveUpAfter);
    else {
      this.#acknowledge(response);
      this.#linger("completed", this.#ground.isReliable ? millis(0) : giveUpAfter);
    }
    this.#events.response(response);
  }

  #acknowledge(response: SipResponse): void {
    this.#ground.send(about("ACK", this.request, response.to));
  }

  #linger(state: "accepted" | "completed", lasting: Millis): void {
    this.#state = state;
    this.#end.cancel();
    this.#end = this.#ground.clock.after("sip.timer-d", lasting, () => this.drop());
  }

  broken(problem: string): void {
    if (this.#state === "calling" || this.#state === "proceeding") this.#fail({ why: "transport", problem });
  }

  quiet(): void {
    this.#again?.cancel();
  }

  #fail(failed: Failed): void {
    this.drop();
    this.#events.failed(failed);
  }

  drop(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#again?.cancel();
    this.#end.cancel();
    this.#ground.over();
  }
}

/** RFC 3261 17.1.2 */
export class OtherClient implements ClientTransaction {
  readonly request: SipRequest;
  readonly #ground: ClientGround;
  readonly #events: ClientEvents;
  #state: "trying" | "proceeding" | "completed" | "over" = "trying";
  #again: Timer | undefined;
  #end: Timer;

  constructor(ground: ClientGround, request: SipRequest, events: ClientEvents) {
    this.#ground = ground;
    this.request = request;
    this.#events = events;
    this.#end = ground.clock.after("sip.timer-f", giveUpAfter, () => this.#fail({ why: "timeout", problem: "nothing was answered" }));
    ground.send(request);
    if (!ground.isReliable) this.#retransmitAfter(t1);
  }

  #retransmitAfter(delay: Millis): void {
    this.#again = this.#ground.clock.after("sip.timer-e", delay, () => {
      this.#ground.send(this.request);
      if (delay === t1) this.#ground.wonder();
      this.#retransmitAfter(this.#state === "proceeding" ? t2 : millis(Math.min(delay * 2, t2)));
    });
  }

  receive(response: SipResponse): void {
    if (this.#state === "completed" || this.#state === "over") return;
    if (response.status < 200) this.#state = "proceeding";
    else {
      this.#state = "completed";
      this.#again?.cancel();
      this.#end.cancel();
      this.#end = this.#ground.clock.after("sip.timer-k", this.#ground.isReliable ? millis(0) : t4, () => this.drop());
    }
    this.#events.response(response);
  }

  broken(problem: string): void {
    if (this.#state === "trying" || this.#state === "proceeding") this.#fail({ why: "transport", problem });
  }

  quiet(): void {
    this.#again?.cancel();
  }

  #fail(failed: Failed): void {
    this.drop();
    this.#events.failed(failed);
  }

  drop(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#again?.cancel();
    this.#end.cancel();
    this.#ground.over();
  }
}
