import { millis, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import type { CallCause, CallEnd, CallListener, Dial, LiveCall, Turn } from "#ports/phone/port";
import type { CallGround } from "./call-ground.ts";
import type { Asked, Looked } from "./carrier-api.ts";
import { place } from "./place-call.ts";
import { savedState } from "./saved-state.ts";

const nothing: CallEnd = { cause: "cancelled", talked: millis(0) };
const lost: CallEnd = { cause: "line-failed", talked: millis(0), problem: "The provider no longer tells what became of the call." };

/** By the monotonic clock. */
interface Since {
  phase: Looked["phase"];
  /** When the call came into this phase. */
  began: number;
  /** When the provider told of it last. */
  seen: number;
  /** When we began to end it. */
  gaveUp: number | undefined;
}

/** One call at a provider: asked for, watched until it is over. */
export class CarrierCall implements LiveCall {
  readonly #ground: CallGround;
  readonly #dial: Dial;
  readonly #listener: CallListener;
  readonly #asked: Asked;
  #id: string | undefined;
  /** Why we end it; undefined while we do not. */
  #reason: CallCause | undefined;
  readonly #wanted = new AbortController();
  #endAsked = false;
  #isOver = false;
  #step = 0;
  #hasRung = false;
  #hasAnswered = false;
  #isNudged = false;
  #nudge: () => void = () => undefined;
  /** Resolves when `ended` was told. */
  readonly done: Promise<void>;

  constructor(ground: CallGround, dial: Dial, from: string, listener: CallListener) {
    this.#ground = ground;
    this.#dial = dial;
    this.#listener = listener;
    this.#asked = { ref: dial.ref, to: dial.to, from: dial.from ?? from, at: ground.clock.now() };
    this.done = this.#run();
  }

  get id(): string {
    return this.#id ?? this.#dial.ref;
  }

  end(): void {
    this.#giveUp(this.#hasAnswered ? "finished" : "cancelled");
  }

  #giveUp(reason: CallCause): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#wanted.abort();
    this.#isNudged = true;
    this.#nudge();
  }

  async #run(): Promise<void> {
    try {
      const end = await this.#live();
      this.#over(end);
    } catch (error) {
      // Whatever the listener throws ends the call; so does what we did not think of.
      if (this.#id !== undefined) await this.#ground.api.end(this.#id).catch(() => undefined);
      this.#over({ cause: this.#reason ?? "line-failed", talked: millis(0), problem: messageOf(error) });
    }
  }

  #over(end: CallEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.ended(end);
  }

  async #live(): Promise<CallEnd> {
    await this.#listener.saved(savedState(this.#asked));
    await this.#ground.pacer.turn(this.#wanted.signal);
    const placed = await place(this.#ground, this.#asked, this.#dial, this.#wanted.signal);
    if (placed.kind === "given-up") return { ...nothing, cause: this.#reason ?? nothing.cause };
    if (placed.kind === "ended") return placed.end;
    this.#id = placed.id;
    await this.#listener.saved(savedState({ ...this.#asked, id: placed.id }));
    return this.#watch(placed.id);
  }

  async #watch(placed: string): Promise<CallEnd> {
    const { api, clock } = this.#ground;
    const since: Since = { phase: "queued", began: clock.mono(), seen: clock.mono(), gaveUp: undefined };
    let id = placed;
    for (;;) {
      if (this.#reason !== undefined && !this.#endAsked) this.#endAsked = await this.#askToEnd(id);
      await this.#wait(this.#pause());
      if (this.#reason !== undefined) since.gaveUp ??= clock.mono();
      const looked = await api.look(id).catch(() => undefined);
      if (looked) await this.#hear(id, looked);
      if (looked?.phase === "over") {
        const other = await this.#other(id);
        if (other === undefined) return this.#endOf(looked.end);
        id = other;
      }
      const end = this.#limited(looked?.phase, since);
      if (end) return end;
    }
  }

  /** A request that was repeated may have made two calls: that of which the provider asked us first goes on. */
  async #other(id: string): Promise<string | undefined> {
    const hooked = this.#ground.api.way === "callbacks" ? await this.#ground.addresses.idOf(this.#dial.ref) : undefined;
    return hooked === id ? undefined : hooked;
  }

  /** @returns false when the provider could not be asked: it is asked again */
  #askToEnd(id: string): Promise<boolean> {
    return this.#ground.api.end(id).then(
      () => true,
      () => false,
    );
  }

  #pause(): Millis {
    const { api, timing } = this.#ground;
    const usual = api.way === "callbacks" ? timing.netEvery : timing.pollEvery;
    return this.#reason === undefined ? usual : millis(Math.min(usual, timing.pollEvery));
  }

  /** What the provider should have ended by itself; @returns an end that it never told */
  #limited(phase: Looked["phase"] | undefined, since: Since): CallEnd | undefined {
    const { clock, timing } = this.#ground;
    const now = clock.mono();
    if (phase !== undefined) this.#limit(phase, since, now);
    if (now - since.seen > timing.lostAfter) return lost;
    const isLate = since.gaveUp !== undefined && now - since.gaveUp > timing.endWithin;
    return isLate ? { ...nothing, cause: this.#reason ?? "cancelled" } : undefined;
  }

  #limit(phase: Looked["phase"], since: Since, now: number): void {
    const { timing } = this.#ground;
    if (phase !== since.phase) since.began = now;
    since.phase = phase;
    since.seen = now;
    // Answered in the instant in which it was to be cancelled: it is ended once more.
    if (phase === "talking") this.#endAsked = false;
    const lasted = now - since.began;
    if (phase === "queued" && lasted > timing.queuedFor) this.#giveUp("line-failed");
    if (phase === "ringing" && lasted > this.#dial.ringFor + timing.ringGrace) this.#giveUp("no-answer");
    if (phase === "talking" && lasted > this.#dial.longest + timing.ringGrace) this.#giveUp("finished");
  }

  /** Tells what is new: that it rings, that somebody answered, what was pressed. */
  async #hear(id: string, looked: Looked): Promise<void> {
    if (looked.phase === "ringing" && !this.#hasRung) {
      this.#hasRung = true;
      this.#listener.ringing();
    }
    if (looked.phase === "queued" || looked.phase === "ringing" || !this.#isAnswered(looked)) return;
    const isNew = !this.#hasAnswered;
    this.#hasAnswered = true;
    // Where callbacks come, they bring what was pressed and take back what is said.
    if (this.#ground.api.way === "callbacks") return;
    if (isNew) await this.#say(id, await this.#listener.answered(), 0);
    if (looked.heard?.step === this.#step) await this.#heard(id, looked.heard.digits, looked.phase === "talking");
  }

  /** One that was over before we looked was answered all the same, unless we had given up by then. */
  #isAnswered(looked: Extract<Looked, { phase: "talking" | "over" }>): boolean {
    if (looked.phase === "talking" || looked.heard !== undefined) return true;
    return looked.end.talked > 0 && this.#reason === undefined;
  }

  async #heard(id: string, digits: string, goesOn: boolean): Promise<void> {
    this.#step += 1;
    const turn = digits === "" ? await this.#listener.silent() : await this.#listener.keys(digits);
    if (goesOn) await this.#say(id, turn, this.#step);
  }

  async #say(id: string, turn: Turn, step: number): Promise<void> {
    await this.#ground.api.say?.(id, turn, step);
  }

  async #endOf(end: CallEnd): Promise<CallEnd> {
    const { api, timing } = this.#ground;
    const reason = this.#reason;
    if (reason === undefined) {
      // The callback knows more, such as whether we had said everything.
      if (api.way === "callbacks") await this.#wait(timing.callbackGrace);
      return end;
    }
    // It was answered in the instant in which we gave up.
    if (!this.#hasAnswered && end.talked > 0) return { ...end, cause: "answered-late" };
    return { ...end, cause: reason };
  }

  /** Waits, but no longer than until somebody wants the call ended. */
  #wait(during: Millis): Promise<void> {
    return new Promise((resolve) => {
      const isNudged = this.#isNudged;
      this.#isNudged = false;
      if (isNudged) return resolve();
      const timer = this.#ground.clock.after("carriers.call", during, resolve);
      this.#nudge = () => {
        timer.cancel();
        resolve();
      };
    });
  }
}
