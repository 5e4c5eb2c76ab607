import type { Timer } from "#base/clock";
import type { Agent } from "./agent.ts";
import { about, type RequestParts } from "./build.ts";
import type { LineGround, Local } from "./context.ts";
import { bye } from "./conversation.ts";
import { Dialog } from "./dialog.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { giveUpAfter, type ClientTransaction, type Failed } from "./transactions.ts";
import type { Hop } from "./transport.ts";

export interface AttemptListener {
  provisional(response: SipResponse): void;
  /** The first 2xx. It is acknowledged by {@link Attempt.acknowledge} */
  accepted(response: SipResponse): void;
  refused(response: SipResponse): void;
  failed(failed: Failed): void;
}

/**
 * One INVITE on its way. When nobody waits for it any more it still cleans up after itself: a late sign of life is cancelled, a late answer is
 * acknowledged and hung up, and so is every further branch of a fork.
 */
export class Attempt {
  readonly invite: SipRequest;
  readonly hop: Hop;
  readonly local: Local;
  readonly #ground: LineGround;
  readonly #agent: Agent;
  #listener: AttemptListener | undefined;
  #transaction: ClientTransaction | undefined;
  #hasProvisional = false;
  #isCancelled = false;
  #isFinal = false;
  #lastWord: Timer | undefined;
  /** The ACK of each 2xx by the tag of its To, empty until it is made; sent again for every repetition. */
  readonly #acks = new Map<string, (() => void) | undefined>();

  /** Dialogs in which reliable provisional responses came. */
  readonly #early = new Map<string, { readonly dialog: Dialog; last: number }>();

  constructor(ground: LineGround, agent: Agent, invite: SipRequest, hop: Hop, local: Local, listener: AttemptListener) {
    this.#ground = ground;
    this.#agent = agent;
    this.invite = invite;
    this.hop = hop;
    this.local = local;
    this.#listener = listener;
  }

  /** Whether anything at all was answered. */
  get isHeard(): boolean {
    return this.#hasProvisional || this.#isFinal;
  }

  begin(): void {
    this.#transaction = this.#agent.follow(this.invite, this.hop, {
      response: (response) => this.#take(response),
      failed: (failed) => {
        this.#lastWord?.cancel();
        this.#listener?.failed(failed);
      },
    });
  }

  #take(response: SipResponse): void {
    if (response.status < 200) {
      this.#hasProvisional = true;
      if (this.#isCancelled) this.#sendCancel();
      this.#prack(response);
      this.#listener?.provisional(response);
      return;
    }
    this.#lastWord?.cancel();
    if (response.status >= 300) {
      this.#isFinal = true;
      this.#listener?.refused(response);
      return;
    }
    this.#accepted(response);
  }

  #accepted(response: SipResponse): void {
    const tag = response.to.params.get("tag") ?? "";
    if (this.#acks.has(tag)) {
      this.#acks.get(tag)?.();
      return;
    }
    const isFirst = !this.#isFinal;
    this.#isFinal = true;
    if (this.#acks.size >= mostBranches) return;
    this.#acks.set(tag, undefined);
    if (isFirst && this.#listener) this.#listener.accepted(response);
    else void this.dismiss(response);
  }

  /** Sends the ACK of a 2xx, now and whenever that comes again. */
  async acknowledge(dialog: Dialog): Promise<void> {
    const hop = await this.#ground.hopFor(dialog.nextHop, this.hop);
    const credentials = this.invite.headers.lines.filter(([name]) => /^(?:proxy-)?authorization$/iu.test(name));
    const parts: RequestParts = dialog.acknowledge(this.invite.cseq.number, credentials);
    const send = (): void => this.#agent.acknowledge(parts, hop, this.local);
    this.#acks.set(dialog.remote.params.get("tag") ?? "", send);
    send();
  }

  /** The dialog that a response makes; numbers go on from what was asked in it before the answer. */
  dialogOf(response: SipResponse): Dialog {
    return Dialog.asCaller(this.invite, response, this.#early.get(response.to.params.get("tag") ?? "")?.dialog.saved.cseq);
  }

  /**
   * Acknowledges a provisional response that demands it (RFC 3262), though that is not offered: some trunks drop the call otherwise.
   * Repetitions and those out of order are left alone.
   */
  #prack(response: SipResponse): void {
    const number = response.headers.number("rseq");
    if (number === undefined || !response.headers.has("require", "100rel")) return;
    const tag = response.to.params.get("tag") ?? "";
    const early = this.#early.get(tag) ?? { dialog: this.dialogOf(response), last: number - 1 };
    if (number !== early.last + 1 || this.#early.size >= mostBranches) return;
    early.last = number;
    this.#early.set(tag, early);
    const { dialog } = early;
    const parts = (): RequestParts => dialog.next("PRACK", [["RAck", `${number} ${this.invite.cseq.number} INVITE`]]);
    void this.#ground.hopFor(dialog.nextHop, this.hop).then((hop) => this.#ground.send(this.#agent, parts, hop));
  }

  /** Answered, but too late or by one phone too many: acknowledged and hung up, without a word. */
  async dismiss(response: SipResponse): Promise<void> {
    const dialog = this.dialogOf(response);
    await this.acknowledge(dialog);
    await bye(this.#ground, this.#agent, dialog, this.hop);
  }

  /** From now on nobody is told anything. */
  abandon(): void {
    this.#listener = undefined;
    this.cancel();
  }

  /** CANCEL, as soon as it may be sent: only after a sign of life (RFC 3261 9.1). Meanwhile the INVITE is not repeated. */
  cancel(): void {
    if (this.#isCancelled || this.#isFinal) return;
    this.#isCancelled = true;
    this.#transaction?.quiet();
    if (this.#hasProvisional) this.#sendCancel();
  }

  #sendCancel(): void {
    if (this.#lastWord) return;
    this.#lastWord = this.#ground.clock.after("sip.never-ended", giveUpAfter, () => this.#transaction?.drop());
    const nothing = (): void => undefined;
    this.#agent.follow(about("CANCEL", this.invite, this.invite.to), this.hop, { response: nothing, failed: nothing });
  }
}

/** A call that forks to more phones than this is none of ours. */
const mostBranches = 16;
