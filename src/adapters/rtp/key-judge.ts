import type { KeySource } from "./media.ts";
import type { Pressed } from "./keys.ts";

/** Two keys within this time are pressed at once: the first decides. */
const atOnce = 150;
/** The same key once more so soon after it decided is a nervous finger, not an answer to what was not heard yet. */
const twice = 500;
/** Events are believed more than what was heard before, unless that was just now: then both tell of the same press. */
const sourceKept = 1000;

export interface JudgedKey extends Pressed {
  /** Monotonic milliseconds. */
  readonly at: number;
  /** The key before it had been let go: pressed one after the other, however quickly (dialling machines). */
  readonly isAlone: boolean;
  /** Digits are being collected, so that another one is expected. */
  readonly isCollecting: boolean;
}

/** Which presses count: not what a second source tells again, not the second of two at once, not the same key twice by accident. */
export class KeyJudge {
  #last: JudgedKey | undefined;
  #decided: { readonly digit: string; readonly at: number } | undefined;

  counts(key: JudgedKey): boolean {
    const last = this.#last;
    if (last && isToldAgain(last, key.source, key.at)) return false;
    if (last && key.at - last.at < atOnce && !(key.isAlone && key.isCollecting)) return false;
    this.#last = key;
    return !this.#isNervous(key);
  }

  /** This key ended a turn. */
  decided(digit: string, at: number): void {
    this.#decided = { digit, at };
  }

  #isNervous({ digit, at, isCollecting }: JudgedKey): boolean {
    return !isCollecting && this.#decided?.digit === digit && at - this.#decided.at < twice;
  }
}

/** Carriers send a press as an event and as a tone: the first source that spoke is the one. */
const isToldAgain = (last: JudgedKey, source: KeySource, at: number): boolean =>
  last.source !== source && (source !== "event" || at - last.at < sourceKept);
