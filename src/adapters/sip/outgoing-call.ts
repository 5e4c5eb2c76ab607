import type { Timer } from "#base/clock";
import { millis, seconds } from "#base/duration";
import { messageOf } from "#base/errors";
import type { CallCause, CallEnd, CallListener, Dial, LiveCall } from "#ports/phone/port";
import type { Encryption, MediaSession } from "../rtp/media.ts";
import type { Agent } from "./agent.ts";
import { Attempt } from "./attempt.ts";
import { newBranch, ourVia, request, token } from "./build.ts";
import { endOf } from "./causes.ts";
import { tell, type LineCall, type LineGround, type Local } from "./context.ts";
import { bye, Conversation } from "./conversation.ts";
import type { Dialog } from "./dialog.ts";
import { newTries, type Tries } from "./digest.ts";
import { infoKey } from "./info.ts";
import { inviteParts, type InviteWishes } from "./invite.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { dialledUri, redirected } from "./rules.ts";
import { savedInvite, type SavedCall, type SavedInvite } from "./saved.ts";
import type { ServerTransaction } from "./server-transactions.ts";
import { parseAddress } from "./syntax.ts";
import type { Failed } from "./transactions.ts";
import type { Hop } from "./transport.ts";

/** Addresses of one trunk that are tried for one call. */
const mostHops = 2;
/** How long the ACK waits for what is saved; the other side repeats its answer meanwhile. */
const saveWithin = seconds(2);
/** How long a call that was not placed yet waits for it. */
const saveAtAllWithin = seconds(10);

type Phase = "calling" | "leaving" | "talking" | "over";

/** A call that we place, from the first INVITE to the last word. */
export class OutgoingCall implements LiveCall, LineCall {
  readonly id = `${token()}@hinoban`;
  readonly tag = token();
  readonly #ground: LineGround;
  readonly #dial: Dial;
  readonly #listener: CallListener;
  readonly #tries: Tries = newTries();
  /** Those that may still ring somewhere. */
  #invites: readonly SavedInvite[] = [];
  readonly #timers = new Map<"first" | "ring" | "leave", Timer>();
  #phase: Phase = "calling";
  #leaveCause: CallCause = "no-answer";
  #leaveProblem: string | undefined;
  #uri = "";
  #hops: readonly Hop[] = [];
  #cseq = 0;
  #attempt: Attempt | undefined;
  #media: MediaSession | undefined;
  #conversation: Conversation | undefined;
  #wishes: InviteWishes = {};
  #hasRung = false;
  #wasRedirected = false;
  #otherOffer: { readonly encryption: Encryption } | undefined;
  #early = new Map<string, string>();

  constructor(ground: LineGround, dial: Dial, listener: CallListener) {
    this.#ground = ground;
    this.#dial = dial;
    this.#listener = listener;
  }

  begin(): void {
    const uri = dialledUri(this.#ground.rules, this.#dial.to);
    if (uri === undefined) {
      this.#finish({ cause: "wrong-number", problem: "This is no number that may be dialled." });
      return;
    }
    this.#uri = uri;
    this.#guarded(async () => {
      this.#hops = (await this.#ground.hops()).slice(0, mostHops);
      await this.#tryNext("No address of the trunk is known.");
    });
  }

  /** Whatever goes wrong in between ends the call, never the process. */
  #guarded(work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#finish({ cause: "line-failed", problem: messageOf(error) }));
  }

  /** @param problem what the last one died of */
  async #tryNext(problem: string, sipCode?: number, end: Partial<CallEnd> = {}): Promise<void> {
    const [hop, ...others] = this.#hops;
    this.#hops = others;
    if (!hop) {
      this.#finish({ cause: "line-failed", problem, ...(sipCode === undefined ? {} : { sipCode }), ...end });
      return;
    }
    const agent = await this.#ground.agent();
    let local: Local;
    try {
      local = await agent.transport.localFor(hop);
    } catch (error) {
      this.#ground.failed(hop);
      await this.#tryNext(messageOf(error));
      return;
    }
    await this.#invite(agent, hop, local);
  }

  async #invite(agent: Agent, hop: Hop, local: Local): Promise<void> {
    const { media, rules, soundHost, digest } = this.#ground;
    if (this.#phase !== "calling") return;
    const session =
      this.#media ??
      (await media.open({
        advertise: soundHost(local),
        encryption: rules.isEncrypted ? "sdes" : "off",
        isRecorded: rules.isRecorded,
      }));
    if (!this.#isCalling()) {
      session.close(); // given up while the port was being opened
      return;
    }
    this.#media = session;
    const sdp = session.offer(this.#otherOffer);
    this.#cseq += 1;
    const parts = inviteParts(this.#ground, {
      uri: this.#uri,
      tag: this.tag,
      callId: this.id,
      cseq: this.#cseq,
      from: this.#dial.from,
      local,
      sdp,
      wishes: this.#wishes,
    });
    const headers = [...(parts.headers ?? []), ...digest.headersFor({ method: "INVITE", uri: this.#uri, body: sdp })];
    const invite = request({ ...parts, headers }, ourVia(rules.transport, local, newBranch()));
    this.#invites = [...this.#invites, savedInvite(invite, hop)];
    this.#timer("first", saveAtAllWithin, () => this.#finish({ cause: "line-failed", problem: "The call could not be noted in time." }));
    await this.#save(local);
    // Saving takes a while; whoever gave up meanwhile must not be surprised by a call.
    if (this.#isCalling()) this.#send(agent, invite, hop, local);
    else this.#finish({ cause: this.#leaveCause });
  }

  /** Asked anew after each wait. */
  #isCalling(): boolean {
    return this.#phase === "calling";
  }

  #send(agent: Agent, invite: SipRequest, hop: Hop, local: Local): void {
    const attempt: Attempt = new Attempt(this.#ground, agent, invite, hop, local, {
      provisional: (response) => this.#provisional(attempt, response),
      accepted: (response) => this.#guarded(() => this.#accepted(agent, attempt, response)),
      refused: (response) => this.#guarded(() => this.#refused(agent, attempt, response)),
      failed: (failed) => this.#guarded(() => this.#failed(attempt, failed)),
    });
    this.#attempt = attempt;
    this.#timer("first", this.#ground.patience.firstResponse, () => this.#silent(agent, attempt));
    attempt.begin();
  }

  #timer(name: "first" | "ring" | "leave", delay: ReturnType<typeof millis>, task: () => void): void {
    this.#timers.get(name)?.cancel();
    this.#timers.set(name, this.#ground.clock.after(`sip.call-${name}`, delay, task));
  }

  #save(local: Local, dialog?: Dialog): Promise<void> {
    const saved: SavedCall = {
      kind: "sip",
      callId: this.id,
      local,
      invites: this.#invites.slice(-mostHops),
      ...(dialog ? { dialog: dialog.saved } : {}),
    };
    return this.#listener.saved(JSON.stringify(saved));
  }

  /** Not even a 100: nobody is there. */
  #silent(agent: Agent, attempt: Attempt): void {
    const within = this.#ground.patience.firstResponse;
    attempt.abandon();
    agent.unanswered(attempt.hop, within);
    this.#ground.failed(attempt.hop);
    this.#guarded(() => this.#tryNext(`The trunk did not answer within ${within / 1000} s.`));
  }

  #provisional(attempt: Attempt, response: SipResponse): void {
    if (this.#phase !== "calling") return;
    this.#ground.worked(attempt.hop);
    this.#timers.get("first")?.cancel();
    if (response.body !== "" && this.#early.size < 8) this.#early.set(response.to.params.get("tag") ?? "", response.body);
    if (response.status > 100 && !this.#hasRung) {
      this.#hasRung = true;
      this.#timer("ring", this.#dial.ringFor, () => this.#leave("no-answer"));
    } else if (!this.#hasRung && !this.#timers.has("ring")) {
      const within = millis(Math.min(this.#ground.patience.ringing, this.#dial.ringFor));
      this.#timer("ring", within, () => this.#leave("line-failed", "The trunk took the call, but it never rang."));
    }
    if (response.status > 100) this.#ring(response.status);
  }

  #ring(status: number): void {
    try {
      this.#listener.ringing(status);
    } catch (error) {
      this.#leave("cancelled", messageOf(error));
    }
  }

  async #accepted(agent: Agent, attempt: Attempt, response: SipResponse): Promise<void> {
    this.#ground.worked(attempt.hop);
    const media = this.#media;
    if (this.#phase !== "calling" || !media) {
      // Answered in the instant in which we gave up.
      this.#finish({ cause: "answered-late", sipCode: response.status });
      await attempt.dismiss(response);
      return;
    }
    this.#phase = "talking";
    this.#stopTimers();
    const dialog = attempt.dialogOf(response);
    const answer = response.body === "" ? this.#early.get(response.to.params.get("tag") ?? "") : response.body;
    const problem = answer === undefined ? "no-audio" : media.accept(answer);
    const { clock } = this.#ground;
    const since = clock.mono();
    const saved = this.#save(attempt.local, dialog);
    await Promise.race([saved, clock.sleep("sip.save", saveWithin)]).catch((error: unknown) => this.#hangUpEarly(messageOf(error)));
    await attempt.acknowledge(dialog);
    if (problem !== undefined || this.#isOver()) {
      this.#finish({ cause: "line-failed", problem: mediaProblems[problem ?? "no-audio"], talked: millis(clock.mono() - since) });
      await bye(this.#ground, agent, dialog, attempt.hop);
      return;
    }
    this.#conversation = new Conversation({
      ground: this.#ground,
      agent,
      dialog,
      local: attempt.local,
      hop: attempt.hop,
      media,
      listener: this.#listener,
      language: this.#dial.language,
      longest: this.#dial.longest,
      over: (end) => this.#finish({ ...end, sipCode: response.status }),
    });
    this.#conversation.begin(response);
  }

  /** Ended between the answer and its ACK. */
  #hangUpEarly(problem: string): void {
    this.#finish({ cause: "finished", problem });
  }

  #isOver(): boolean {
    return this.#phase === "over";
  }

  async #refused(agent: Agent, attempt: Attempt, response: SipResponse): Promise<void> {
    if (this.#phase === "over") return;
    this.#ground.worked(attempt.hop);
    this.#timers.get("first")?.cancel();
    this.#invites = this.#invites.filter(({ cseq }) => cseq !== attempt.invite.cseq.number);
    if (this.#phase === "leaving") {
      const end = endOf(response);
      // 487 is what we asked for; anything else came by itself in that instant and says more.
      const isOurs = response.status === 487 || this.#leaveCause !== "no-answer" || end.cause === "line-failed";
      this.#finish(isOurs ? { ...this.#left(), sipCode: response.status } : end);
      return;
    }
    if (this.#mayRepeat(response)) {
      await this.#invite(agent, attempt.hop, attempt.local);
      return;
    }
    const end = endOf(response);
    if (response.status === 503) {
      this.#ground.failed(attempt.hop);
      await this.#tryNext(end.problem ?? "", 503, end);
      return;
    }
    this.#finish(end);
  }

  /** Whether the same call may be tried once more, in another way; that is noted for the next INVITE. */
  #mayRepeat(response: SipResponse): boolean {
    const { status } = response;
    if (status === 401 || status === 407) return this.#ground.digest.take(response, this.#tries);
    if (status === 422) {
      const least = response.headers.number("min-se");
      const mayRise = least !== undefined && this.#wishes.sessionExpires === undefined && least <= 86_400;
      if (mayRise) this.#wishes = { ...this.#wishes, sessionExpires: Math.max(90, least) };
      return mayRise;
    }
    if (status === 488 || status === 606 || status === 415) return this.#offerOtherwise();
    if (status >= 300 && status < 400) return this.#follow(response);
    return false;
  }

  /** A trunk that refuses the sound may want it encrypted the other way; never in the clear where encryption was chosen. */
  #offerOtherwise(): boolean {
    if (this.#otherOffer || this.#ground.rules.isEncrypted || this.#ground.rules.transport !== "tls") return false;
    this.#otherOffer = { encryption: "sdes" };
    return true;
  }

  #follow(response: SipResponse): boolean {
    const contact = parseAddress(response.headers.list("contact")[0] ?? "");
    const uri = this.#wasRedirected ? undefined : redirected(this.#ground.rules, contact, this.#dial.to);
    this.#wasRedirected = true;
    if (uri === undefined) return false;
    this.#uri = uri;
    return true;
  }

  async #failed(attempt: Attempt, { problem }: Failed): Promise<void> {
    if (this.#phase === "over") return;
    this.#ground.failed(attempt.hop);
    if (this.#phase === "leaving") this.#finish(this.#left());
    else if (attempt.isHeard) {
      // The connection broke while it rang: over another one the trunk is still told to stop.
      attempt.cancel();
      this.#finish({ cause: "line-failed", problem: `The connection to the trunk was lost: ${problem}` });
    } else await this.#tryNext(`The trunk cannot be reached: ${problem}`);
  }

  /** Gives up, or hangs up. */
  end(): void {
    if (this.#phase === "talking") {
      if (this.#conversation) this.#conversation.hangUp("finished");
      else this.#hangUpEarly("ended while it was answered");
    } else this.#leave("cancelled");
  }

  #leave(cause: CallCause, problem?: string): void {
    if (this.#phase !== "calling") return;
    this.#phase = "leaving";
    this.#leaveCause = cause;
    this.#leaveProblem = problem;
    this.#stopTimers();
    if (!this.#attempt) {
      this.#finish(this.#left());
      return;
    }
    this.#attempt.cancel();
    this.#timer("leave", this.#ground.patience.cancelled, () => this.#finish(this.#left()));
  }

  #left(): { readonly cause: CallCause; readonly problem?: string } {
    return { cause: this.#leaveCause, ...(this.#leaveProblem === undefined ? {} : { problem: this.#leaveProblem }) };
  }

  #stopTimers(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #finish(end: Omit<CallEnd, "talked"> & { readonly talked?: CallEnd["talked"] }): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#stopTimers();
    this.#media?.close();
    // Whatever ended it: nothing goes on ringing.
    this.#attempt?.cancel();
    this.#ground.forget(this);
    tell(this.#listener, { talked: millis(0), ...end }, this.#media);
  }

  receive(transaction: ServerTransaction): void {
    const { request: asked } = transaction;
    if (this.#conversation) this.#conversation.receive(transaction);
    else if (asked.method === "BYE") {
      transaction.respond(200);
      this.#finish({ cause: "hung-up" });
    } else if (asked.method === "INFO") {
      transaction.respond(200);
      const key = infoKey(asked);
      if (key !== undefined && this.#phase === "talking") this.#media?.key(key);
    } else if (asked.method === "INVITE" || (asked.method === "UPDATE" && asked.body !== "")) {
      transaction.respond(491); // our own offer is still open (RFC 3261 14.2, RFC 3311 5.2)
    } else transaction.respond(200, { headers: [["Contact", this.#ground.contact(this.#attempt?.local ?? { host: "", port: 0 })]] });
  }

  acknowledged(ack: SipRequest): void {
    this.#conversation?.acknowledged(ack);
  }
}

const mediaProblems = {
  malformed: "The call was answered with a description of sound that nobody can read.",
  "no-audio": "The call was answered without sound.",
  "no-codec": "The call was answered with sound that is neither PCMU nor PCMA.",
  encryption: "The call was answered with sound that is not encrypted as it was offered.",
} as const;
