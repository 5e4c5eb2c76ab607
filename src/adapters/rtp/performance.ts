import type { Clock, Timer } from "#base/clock";
import { millis, type Millis } from "#base/duration";
import type { Clip, Turn } from "#ports/phone/port";
import type { Performed } from "./media.ts";

/** After the last word of a call, so that its end is not cut off where it is still on its way. */
const tail: Millis = millis(300);

export interface Player {
  /** Plays from now on. @param done when the last of it was sent */
  play(clip: Clip, done: () => void): void;
  silence(): void;
}

/** One turn, from when it is asked for to its outcome: says, listens, says again, collects keys. */
export class Performance {
  readonly result: Promise<Performed>;
  readonly #turn: Turn;
  readonly #player: Player;
  readonly #clock: Clock;
  #resolve: (performed: Performed) => void = () => undefined;
  #clip: Clip | undefined;
  #timer: Timer | undefined;
  #round = 0;
  #collected = "";
  #isHeld: boolean;
  #isOver = false;

  constructor(turn: Turn, player: Player, clock: Clock, isHeld: boolean) {
    this.#turn = turn;
    this.#player = player;
    this.#clock = clock;
    this.#isHeld = isHeld;
    this.result = new Promise((resolve) => (this.#resolve = resolve));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a key would be one of several that are being collected. */
  get isCollecting(): boolean {
    return this.#collected !== "";
  }

  /** What is to be said is there. */
  begin(clip: Clip): void {
    this.#clip = clip;
    // Keys were pressed before the first word: the rest of them is awaited, nothing is said.
    if (!this.#isHeld && !this.isCollecting) this.#speak();
  }

  /** @returns whether the key had an effect */
  key(digit: string): boolean {
    if (this.#isOver || this.#turn.isLast || this.#turn.digits === 0) return false;
    if (digit === "#" && !this.isCollecting) return false;
    this.#player.silence();
    this.#timer?.cancel();
    if (digit !== "#") this.#collected += digit;
    if (digit === "#" || this.#collected.length >= this.#turn.digits) this.end({ kind: "keys", digits: this.#collected });
    else if (!this.#isHeld) this.#listen();
    return true;
  }

  /** While the call is on hold nothing is said and no time passes; then the current round begins again. */
  hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld || this.#isOver) return;
    this.#isHeld = isHeld;
    this.#player.silence();
    this.#timer?.cancel();
    if (!isHeld && this.isCollecting) this.#listen();
    else if (!isHeld && this.#clip) this.#speak();
  }

  end(performed: Performed): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#player.silence();
    this.#timer?.cancel();
    this.#resolve(performed);
  }

  #speak(): void {
    if (!this.#clip) return;
    this.#player.play(this.#clip, () => this.#listen());
  }

  #listen(): void {
    const isLastRound = this.#round + 1 >= this.#turn.times;
    const wait = this.#turn.isLast && isLastRound ? tail : this.#turn.listen;
    this.#timer = this.#clock.after("call listens", wait, () => this.#goOn());
  }

  /** No key, or not all of them, came in time. */
  #goOn(): void {
    this.#collected = "";
    this.#round += 1;
    if (this.#round < this.#turn.times && this.#clip) this.#speak();
    else if (this.#round < this.#turn.times) return; // the speech is still being made; it will be said then
    else this.end({ kind: this.#turn.isLast || this.#turn.digits === 0 ? "said" : "silent" });
  }
}
