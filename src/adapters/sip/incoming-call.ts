import type { Timer } from "#base/clock";
import { millis, seconds, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import type { CallEnd, CallListener, IncomingCall, LiveCall, SpokenLanguage } from "#ports/phone/port";
import type { MediaSession } from "../rtp/media.ts";
import type { Agent } from "./agent.ts";
import { allowed } from "./build.ts";
import { tell, type LineCall, type LineGround, type Local } from "./context.ts";
import { bye, Conversation } from "./conversation.ts";
import { Dialog } from "./dialog.ts";
import type { HeaderLine, SipRequest } from "./message.ts";
import { callerOf } from "./rules.ts";
import type { SavedCall } from "./saved.ts";
import type { ServerTransaction } from "./server-transactions.ts";
import { parseAddress, parseUri } from "./syntax.ts";
import type { Hop } from "./transport.ts";

/** How long somebody who calls us waits for us to make up our mind. */
const decideWithin = seconds(60);

interface Limits {
  readonly longest: Millis;
  readonly language: SpokenLanguage;
}

/** Somebody calls the line: from the INVITE to the last word. */
export class CallToUs implements IncomingCall, LiveCall, LineCall {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly tag: string;
  readonly #ground: LineGround;
  readonly #agent: Agent;
  readonly #local: Local;
  readonly #hop: Hop;
  readonly #transaction: ServerTransaction;
  readonly #dialog: Dialog;
  readonly #undecided: Timer;
  #longest: Timer | undefined;
  #state: "ringing" | "accepting" | "answered" | "talking" | "over" = "ringing";
  #listener: CallListener | undefined;
  #media: MediaSession | undefined;
  #conversation: Conversation | undefined;
  #limits: Limits | undefined;
  #answeredAt = 0;

  /** @param hop where it came from */
  constructor(ground: LineGround, agent: Agent, hop: Hop, local: Local, transaction: ServerTransaction) {
    const { request } = transaction;
    this.#ground = ground;
    this.#agent = agent;
    this.#local = local;
    this.#hop = hop;
    this.#transaction = transaction;
    this.#dialog = Dialog.asCalled(request, transaction.tag);
    this.id = request.callId;
    this.tag = transaction.tag;
    this.from = callingNumber(ground, request);
    this.to = parseUri(request.uri)?.user ?? "";
    this.#undecided = ground.clock.after("sip.undecided", decideWithin, () => this.refuse(480));
    // Who demands reliable ringing gets none (RFC 3262 3: then only 100 may be sent).
    if (!request.headers.has("require", "100rel")) transaction.respond(180, { headers: this.#headers() });
  }

  #headers(sdp = ""): readonly HeaderLine[] {
    const type: readonly HeaderLine[] = sdp === "" ? [] : [["Content-Type", "application/sdp"]];
    return [["Contact", this.#ground.contact(this.#local)], ["Allow", allowed], ...type];
  }

  accept(listener: CallListener, limits: Limits): LiveCall {
    this.#listener = listener;
    this.#limits = limits;
    if (this.#state !== "ringing") {
      tell(listener, { cause: "hung-up", talked: millis(0) });
      return this;
    }
    this.#state = "accepting";
    this.#undecided.cancel();
    this.#answer().catch((error: unknown) => {
      this.#transaction.respond(500);
      this.#finish({ cause: "line-failed", problem: messageOf(error) });
    });
    return this;
  }

  async #answer(): Promise<void> {
    const { media: pool, rules, soundHost } = this.#ground;
    const { request } = this.#transaction;
    const media = await pool.open({
      advertise: soundHost(this.#local),
      encryption: rules.isEncrypted ? "sdes" : "off",
      isRecorded: rules.isRecorded,
    });
    if (this.#state !== "accepting") {
      media.close(); // given up while the port was being opened
      return;
    }
    this.#media = media;
    const answer = request.body === "" ? { sdp: media.offer() } : media.answer(request.body);
    if (!("sdp" in answer)) {
      this.#transaction.respond(488);
      this.#finish({ cause: "line-failed", sipCode: 488, problem: "The caller's sound cannot be read." });
      return;
    }
    const saved: SavedCall = { kind: "sip", callId: this.id, local: this.#local, invites: [], dialog: this.#dialog.saved };
    await this.#listener?.saved(JSON.stringify(saved));
    if (this.#state !== "accepting") return;
    this.#state = "answered";
    const { clock } = this.#ground;
    this.#answeredAt = clock.mono();
    // Whatever becomes of the ACK: a call has an end.
    if (this.#limits) this.#longest = clock.after("sip.longest-call", this.#limits.longest, () => this.end());
    this.#transaction.respond(200, { headers: this.#headers(answer.sdp), body: answer.sdp }, () => this.#unacknowledged());
  }

  /** Nobody took our answer: the caller may think that it talks to us. */
  #unacknowledged(): void {
    this.#finish({ cause: "line-failed", problem: "The trunk did not acknowledge that we answered." });
    void bye(this.#ground, this.#agent, this.#dialog, this.#hop);
  }

  acknowledged(ack: SipRequest): void {
    if (this.#conversation) {
      this.#conversation.acknowledged(ack);
      return;
    }
    const { request } = this.#transaction;
    const [media, listener, limits] = [this.#media, this.#listener, this.#limits];
    if (this.#state !== "answered" || ack.cseq.number !== request.cseq.number || !media || !listener || !limits) return;
    this.#transaction.acknowledged();
    this.#state = "talking";
    if (request.body === "" && media.accept(ack.body) !== undefined) {
      this.#finish({ cause: "line-failed", problem: "The caller's sound cannot be read." });
      void bye(this.#ground, this.#agent, this.#dialog, this.#hop);
      return;
    }
    this.#conversation = new Conversation({
      ground: this.#ground,
      agent: this.#agent,
      dialog: this.#dialog,
      local: this.#local,
      hop: this.#hop,
      media,
      listener,
      ...limits,
      over: (end) => this.#finish(end),
    });
    this.#conversation.begin();
  }

  reject(): void {
    this.refuse(603);
  }

  /** @param status of the refusal */
  refuse(status: number): void {
    if (this.#state !== "ringing") return;
    this.#transaction.respond(status);
    this.#finish({ cause: "declined" });
  }

  /** CANCEL came. */
  cancelled(): void {
    if (!this.#transaction.isOpen) return;
    this.#transaction.respond(487);
    this.#finish({ cause: "hung-up" });
  }

  end(): void {
    if (this.#conversation) this.#conversation.hangUp("finished");
    else if (this.#transaction.isOpen) {
      this.#transaction.respond(480);
      this.#finish({ cause: "cancelled" });
    } else {
      this.#finish({ cause: "finished" });
      void bye(this.#ground, this.#agent, this.#dialog, this.#hop);
    }
  }

  receive(transaction: ServerTransaction): void {
    if (this.#conversation) this.#conversation.receive(transaction);
    else if (transaction.request.method === "BYE") {
      transaction.respond(200);
      this.#transaction.respond(487);
      this.#finish({ cause: "hung-up" });
    } else if (transaction.request.method === "INVITE") transaction.respond(491);
    else transaction.respond(200);
  }

  #finish(end: Omit<CallEnd, "talked"> & { readonly talked?: Millis }): void {
    if (this.#state === "over") return;
    const talked = this.#answeredAt === 0 ? millis(0) : millis(Math.round(this.#ground.clock.mono() - this.#answeredAt));
    this.#state = "over";
    this.#undecided.cancel();
    this.#longest?.cancel();
    this.#media?.close();
    this.#ground.forget(this);
    if (this.#listener) tell(this.#listener, { talked, ...end }, this.#media);
  }
}

/** The trunk's own word about who calls stands before what the caller says (RFC 3325 9.2). */
function callingNumber({ rules }: LineGround, request: SipRequest): string {
  if (/\bid\b|\bheader\b|\buser\b/iu.test(request.headers.first("privacy") ?? "")) return "";
  const asserted = request.headers.list("p-asserted-identity").flatMap((value) => parseAddress(value) ?? []);
  const uris = [...asserted, request.from].map(({ uri }) => parseUri(uri));
  return callerOf(
    rules,
    uris.find((uri) => uri !== undefined && uri.user !== ""),
  );
}
