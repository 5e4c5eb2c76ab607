import type { Timer } from "#base/clock";
import { millis, seconds, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import type { CallCause, CallEnd, CallListener, SpokenLanguage, Turn } from "#ports/phone/port";
import type { MediaSession } from "../rtp/media.ts";
import type { Agent } from "./agent.ts";
import { allowed } from "./build.ts";
import type { LineGround, Local } from "./context.ts";
import type { Dialog } from "./dialog.ts";
import { infoKey } from "./info.ts";
import type { HeaderLine, SipRequest, SipResponse } from "./message.ts";
import type { ServerTransaction } from "./server-transactions.ts";
import { SessionTimer } from "./session-timer.ts";
import type { Hop } from "./transport.ts";

export interface ConversationOptions {
  readonly ground: LineGround;
  readonly agent: Agent;
  readonly dialog: Dialog;
  readonly local: Local;
  /** By which the call came about. */
  readonly hop: Hop;
  readonly media: MediaSession;
  readonly listener: CallListener;
  readonly language: SpokenLanguage;
  readonly longest: Millis;
  readonly over: (end: CallEnd) => void;
}

/** A call that was answered, whoever began it: turns are performed one after the other until somebody hangs up. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #since: number;
  readonly #longest: Timer;
  #session: SessionTimer | undefined;
  #pendingOffer: ServerTransaction | undefined;
  #awaitsAnswer = false;
  #isOver = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#since = options.ground.clock.mono();
    this.#longest = options.ground.clock.after("sip.longest-call", options.longest, () => this.hangUp("finished"));
    options.media.onLost((loss) => {
      const problem = loss === "never" ? "The call was answered, but no sound came." : "The sound of the call stopped.";
      this.hangUp("line-failed", problem);
    });
  }

  /** Begins to speak. @param accepted the 2xx, where we called: what it says about session timers holds */
  begin(accepted?: SipResponse): void {
    const { ground, agent, dialog, local, hop, media } = this.#options;
    if (accepted)
      this.#session = SessionTimer.begin({ ground, agent, dialog, local, hop, media, gone: () => this.#end("hung-up") }, accepted);
    this.#talk().catch((error: unknown) => this.hangUp("finished", messageOf(error)));
  }

  async #talk(): Promise<void> {
    const { listener, media, ground, language } = this.#options;
    const voice = ground.voiceFor(language);
    let turn = await listener.answered();
    while (!this.#isOver) {
      const performed = await media.perform(turn, voice);
      if (this.#isOver) return;
      const next = await this.#next(turn, performed);
      if (!next) {
        this.hangUp("finished");
        return;
      }
      turn = next;
    }
  }

  /** @returns nothing when all is said */
  async #next(turn: Turn, performed: Awaited<ReturnType<MediaSession["perform"]>>): Promise<Turn | undefined> {
    if (turn.isLast || performed.kind === "stopped") return undefined;
    const { listener } = this.#options;
    return performed.kind === "keys" ? listener.keys(performed.digits) : listener.silent();
  }

  /** Sends BYE; the call is over at once, whatever comes back. */
  hangUp(cause: CallCause, problem?: string): void {
    if (this.#isOver) return;
    const { ground, agent, dialog, hop } = this.#options;
    this.#end(cause, problem);
    void bye(ground, agent, dialog, hop);
  }

  #end(cause: CallCause, problem?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#longest.cancel();
    this.#session?.end();
    this.#options.media.close();
    const talked = millis(Math.round(this.#options.ground.clock.mono() - this.#since));
    this.#options.over({ cause, talked, ...(problem === undefined ? {} : { problem }) });
  }

  /** A request within the dialog (RFC 3261 12.2.2). */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (this.#isOver) transaction.respond(481);
    else if (!this.#options.dialog.follows(request)) transaction.respond(500, { headers: [["Retry-After", "1"]] });
    else this.#serve(transaction, request);
  }

  #serve(transaction: ServerTransaction, request: SipRequest): void {
    switch (request.method) {
      case "BYE":
        transaction.respond(200);
        this.#end("hung-up");
        return;
      case "INVITE":
      case "UPDATE":
        this.#renegotiate(transaction, request);
        return;
      case "INFO": {
        transaction.respond(200);
        const key = infoKey(request);
        if (key !== undefined) this.#options.media.key(key);
        return;
      }
      case "OPTIONS":
      case "NOTIFY":
      case "MESSAGE":
        transaction.respond(200, { headers: [["Allow", allowed]] });
        return;
      default:
        transaction.respond(405, { headers: [["Allow", allowed]] });
    }
  }

  /** Hold, another address, or only a sign that somebody is still there (RFC 3261 14.2, RFC 3311, RFC 4028). */
  #renegotiate(transaction: ServerTransaction, request: SipRequest): void {
    const { media, dialog } = this.#options;
    const isInvite = request.method === "INVITE";
    if (isInvite && this.#pendingOffer) {
      transaction.respond(500, { headers: [["Retry-After", "1"]] });
      return;
    }
    let sdp = "";
    if (request.body !== "") {
      const answer = media.answer(request.body);
      if (!("sdp" in answer)) {
        transaction.respond(488);
        return;
      }
      sdp = answer.sdp;
    } else if (isInvite) {
      sdp = media.offer();
      this.#awaitsAnswer = true;
    }
    dialog.retarget(request.headers.list("contact")[0]);
    if (isInvite) this.#pendingOffer = transaction;
    transaction.respond(200, { headers: this.#headersFor(request, sdp), body: sdp }, () =>
      this.hangUp("line-failed", "The other end went silent."),
    );
  }

  #headersFor(request: SipRequest, sdp: string): readonly HeaderLine[] {
    const { ground, local } = this.#options;
    const interval = request.headers.number("session-expires");
    return [
      ["Contact", ground.contact(local)],
      ["Allow", allowed],
      ["Supported", "timer"],
      ...(interval === undefined ? [] : refreshedByThem(interval)),
      ...(sdp === "" ? [] : ([["Content-Type", "application/sdp"]] satisfies readonly HeaderLine[])),
    ];
  }

  /** ACK of a re-INVITE; it carries the answer where the offer was ours. */
  acknowledged(ack: SipRequest): void {
    const pending = this.#pendingOffer;
    if (!pending || ack.cseq.number !== pending.request.cseq.number) return;
    this.#pendingOffer = undefined;
    pending.acknowledged();
    if (!this.#awaitsAnswer) return;
    this.#awaitsAnswer = false;
    if (ack.body !== "" && this.#options.media.accept(ack.body) !== undefined)
      this.hangUp("line-failed", "The other end changed to sound that we cannot read.");
  }
}

/** RFC 4028 9: whoever asks may go on asking. */
const refreshedByThem = (interval: number): readonly HeaderLine[] => [
  ["Require", "timer"],
  ["Session-Expires", `${Math.max(90, interval)};refresher=uac`],
];

/** How long a call has to be ended on the wire, retransmissions included. */
export const byeWithin = seconds(32);

/** Hangs up on the wire. @param otherwise see {@link LineGround.hopFor}. Never rejects. */
export async function bye(ground: LineGround, agent: Agent, dialog: Dialog, otherwise?: Hop): Promise<"done" | "gone" | "silent"> {
  try {
    return await ground.send(agent, () => dialog.next("BYE"), await ground.hopFor(dialog.nextHop, otherwise));
  } catch {
    return "silent";
  }
}
