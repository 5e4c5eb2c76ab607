import type { KeySource } from "./media.ts";

/** Keys by the number of their event (RFC 4733, section 3.2). */
const keysByEvent = "0123456789*#ABCD";

export const isKey = (text: string): boolean => text.length === 1 && keysByEvent.includes(text);

/** A key that went down. */
export interface Pressed {
  readonly digit: string;
  readonly source: KeySource;
}

interface Press {
  readonly event: number;
  readonly timestamp: number;
  /** When the last packet of it came. */
  at: number;
  duration: number;
  isOver: boolean;
}

/** A press that is heard of again after this long is another one: captures that are played twice have the same times. */
const forgottenAfter = 3000;
const longestDuration = 0xff_ff;

/**
 * Reads events of telephone keys. All packets of a press have the timestamp of its begin, and its end comes three times: the first packet
 * of a press acts, whichever it is, and the rest tell nothing new.
 */
export class EventReader {
  #presses: Press[] = [];

  /** Whether the key that went down last was let go. */
  get isOver(): boolean {
    return this.#presses.at(-1)?.isOver ?? true;
  }

  /** @param at monotonic milliseconds. @returns the key when this packet is the first of a press */
  read(payload: Buffer, timestamp: number, at: number): Pressed | undefined {
    const event = payload[0] ?? 255;
    const digit = keysByEvent[event];
    if (payload.length < 4 || digit === undefined) return undefined;
    const isEnd = ((payload[1] ?? 0) & 0x80) !== 0;
    const duration = payload.readUInt16BE(2);
    this.#presses = this.#presses.filter((press) => at - press.at < forgottenAfter);
    const known = this.#presses.find((press) => press.event === event && (press.timestamp === timestamp || continues(press, timestamp)));
    if (known) {
      known.at = at;
      known.duration = duration;
      known.isOver ||= isEnd;
      if (known.timestamp !== timestamp) this.#presses.push({ ...known, timestamp });
      return undefined;
    }
    this.#presses = [...this.#presses.slice(-15), { event, timestamp, at, duration, isOver: isEnd }];
    return { digit, source: "event" };
  }
}

/** A key that is held for more than eight seconds goes on as a new event that begins where the longest one ends. */
const continues = (press: Press, timestamp: number): boolean =>
  !press.isOver && press.duration === longestDuration && timestamp === (press.timestamp + longestDuration) >>> 0;
