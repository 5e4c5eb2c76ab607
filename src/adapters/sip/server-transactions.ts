import type { Clock, Timer } from "#base/clock";
import { millis, type Millis } from "#base/duration";
import { response, token, type ResponseParts } from "./build.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { giveUpAfter, t1, t2 } from "./transactions.ts";

export interface ServerGround {
  readonly clock: Clock;
  readonly isReliable: boolean;
  send(response: SipResponse): void;
  over(): void;
}

/**
 * A request that came, until nobody can send it again: RFC 3261 17.2 with RFC 6026. What was answered last is answered again to every
 * repetition; final responses to an INVITE are repeated until the ACK comes.
 */
export class ServerTransaction {
  readonly request: SipRequest;
  /** The tag that our responses put on To. */
  readonly tag: string;
  readonly #ground: ServerGround;
  readonly #isInvite: boolean;
  #last: SipResponse | undefined;
  #state: "open" | "answered" | "confirmed" | "over" = "open";
  #again: Timer | undefined;
  #end: Timer | undefined;
  #unacknowledged: (() => void) | undefined;

  constructor(ground: ServerGround, request: SipRequest) {
    this.#ground = ground;
    this.request = request;
    this.tag = request.to.params.get("tag") ?? token();
    this.#isInvite = request.method === "INVITE";
  }

  /** Whether an INVITE was answered by a 2xx: its ACK is for whoever has the call. */
  get isAccepted(): boolean {
    return this.#isInvite && this.#last !== undefined && this.#last.status >= 200 && this.#last.status < 300;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** The request came again. */
  repeated(): void {
    if (this.#last && (this.#state === "open" || this.#state === "answered")) this.#ground.send(this.#last);
  }

  /**
   * Answers. A second final response is not sent.
   * @param unacknowledged told when nobody acknowledged a final response to an INVITE
   */
  respond(status: number, parts: ResponseParts = {}, unacknowledged?: () => void): void {
    if (this.#state !== "open") return;
    this.#last = response(this.request, status, status === 100 ? parts : { tag: this.tag, ...parts });
    this.#ground.send(this.#last);
    if (status < 200) return;
    this.#state = "answered";
    this.#unacknowledged = unacknowledged;
    if (!this.#isInvite) {
      this.#endAfter(this.#ground.isReliable ? millis(0) : giveUpAfter, () => this.drop());
      return;
    }
    // A 2xx is repeated over TCP too: it is the other end that acknowledges it, not the next hop (RFC 3261 13.3.1.4).
    if (status < 300 || !this.#ground.isReliable) this.#repeatAfter(t1);
    this.#endAfter(giveUpAfter, () => {
      this.drop();
      this.#unacknowledged?.();
    });
  }

  /** The ACK came. */
  acknowledged(): void {
    if (this.#state !== "answered") return;
    this.#state = "confirmed";
    this.#again?.cancel();
    // Repetitions of INVITE and ACK may still be under way.
    this.#endAfter(this.#ground.isReliable ? millis(0) : giveUpAfter, () => this.drop());
  }

  #repeatAfter(delay: Millis): void {
    this.#again = this.#ground.clock.after("sip.timer-g", delay, () => {
      if (this.#last) this.#ground.send(this.#last);
      this.#repeatAfter(millis(Math.min(delay * 2, t2)));
    });
  }

  #endAfter(delay: Millis, task: () => void): void {
    this.#end?.cancel();
    this.#end = this.#ground.clock.after("sip.timer-h", delay, task);
  }

  drop(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#again?.cancel();
    this.#end?.cancel();
    this.#ground.over();
  }
}
