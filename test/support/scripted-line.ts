import { millis, seconds } from "#base/duration";
import type {
  CallCause,
  CallEnd,
  CallListener,
  Dial,
  IncomingCall,
  LineHealth,
  LineListener,
  LiveCall,
  PhoneLine,
  Recovered,
  Turn,
} from "#ports/phone/port";

/** A call over a {@link ScriptedLine}, held by the test: it is the person at the other end. */
export class ScriptedCall implements LiveCall {
  readonly id: string;
  readonly dial: Dial;
  readonly listener: CallListener;
  /** What was said, in order. */
  readonly said: Turn[] = [];
  /** We wanted it to end. */
  isEnded = false;
  isOver = false;

  constructor(id: string, dial: Dial, listener: CallListener) {
    this.id = id;
    this.dial = dial;
    this.listener = listener;
  }

  /** What was said last, as one text. */
  get heard(): string {
    return (
      this.said
        .at(-1)
        ?.say.map(({ text }) => text)
        .join(" ") ?? ""
    );
  }

  ring(): void {
    this.listener.ringing(180);
  }

  async answer(): Promise<Turn> {
    return this.#hears(await this.listener.answered());
  }

  async press(digits: string): Promise<Turn> {
    return this.#hears(await this.listener.keys(digits));
  }

  async silence(): Promise<Turn> {
    return this.#hears(await this.listener.silent());
  }

  over(cause: CallCause, more: Partial<CallEnd> = {}): void {
    this.isOver = true;
    this.listener.ended({ cause, talked: millis(0), ...more });
  }

  end(): void {
    if (this.isOver) return;
    this.isEnded = true;
    this.over(this.said.length > 0 ? "finished" : "cancelled");
  }

  say(turn: Turn): void {
    this.#hears(turn);
  }

  #hears(turn: Turn): Turn {
    this.said.push(turn);
    return turn;
  }
}

/** A line in memory: whatever it dials, the test answers, lets ring, or breaks. */
export class ScriptedLine implements PhoneLine {
  readonly calls: ScriptedCall[] = [];
  /** What `recover` was asked. */
  readonly asked: string[] = [];
  health: LineHealth = { state: "off" };
  recovered: Recovered = "ended";
  /** Every call fails with it, at once. */
  broken: Partial<CallEnd> | undefined;
  /** Whether it is ready when it starts. */
  startsAs: LineHealth = { state: "ready" };
  isStopped = false;
  hasStarted = false;
  #listener: LineListener | undefined;
  #incoming = 0;

  start(listener: LineListener): void {
    this.hasStarted = true;
    this.#listener = listener;
    this.become(this.startsAs);
  }

  become(health: LineHealth): void {
    this.health = health;
    this.#listener?.health(health);
  }

  dial(dial: Dial, listener: CallListener): LiveCall {
    const call = new ScriptedCall(`wire-${dial.ref}`, dial, listener);
    void this.#leave(call);
    return call;
  }

  /** As a real one: nothing leaves before it was written down. */
  async #leave(call: ScriptedCall): Promise<void> {
    try {
      await call.listener.saved(`wire-${call.dial.ref}`);
    } catch {
      return call.over("line-failed");
    }
    if (call.isOver) return;
    if (this.broken) call.over("line-failed", this.broken);
    else this.calls.push(call);
  }

  async recover(state: string): Promise<Recovered> {
    this.asked.push(state);
    return this.recovered;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    for (const call of this.calls) call.end();
    this.become({ state: "off" });
  }

  /** Somebody calls. Undefined: they were not answered. */
  incoming(from: string): Promise<ScriptedCall | undefined> {
    return new Promise((resolve) => {
      const incoming: IncomingCall = {
        id: `in-${(this.#incoming += 1)}`,
        from,
        to: "+81312345678",
        accept: (listener, limits) => {
          const dial: Dial = { ref: "", to: from, ringFor: seconds(0), ...limits };
          const call = new ScriptedCall(`in-${from}`, dial, listener);
          this.calls.push(call);
          resolve(call);
          return call;
        },
        reject: () => resolve(undefined),
      };
      this.#listener?.incoming?.(incoming);
    });
  }
}
