import type { Millis } from "#base/duration";
import { minutes } from "#base/duration";
import type { Recording } from "./media.ts";

const longest: Millis = minutes(10);
const samplesPerMilli = 8;
const mostSamples = longest * samplesPerMilli;
/** A packet whose time says otherwise than its arrival by more than this (500 ms) begins anew where it arrived. */
const mostDrift = 500 * samplesPerMilli;

/** Samples at their places in time; what nobody wrote is silence. */
class Track {
  #samples = new Int16Array(8000);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  write(at: number, samples: Int16Array): void {
    const end = Math.min(at + samples.length, mostSamples);
    if (at < 0 || at >= end) return;
    if (end > this.#samples.length) {
      const larger = new Int16Array(Math.min(mostSamples, Math.max(end, this.#samples.length * 2)));
      larger.set(this.#samples);
      this.#samples = larger;
    }
    this.#samples.set(samples.subarray(0, end - at), at);
    this.#length = Math.max(this.#length, end);
  }

  take(length: number): Int16Array {
    const out = new Int16Array(length);
    out.set(this.#samples.subarray(0, Math.min(length, this.#length)));
    return out;
  }
}

/** Keeps both directions of a call side by side. */
export class Recorder {
  readonly #said = new Track();
  readonly #heard = new Track();
  /** Where the timestamps of the other side stand in our time. */
  #base: { readonly timestamp: number; readonly at: number } | undefined;

  /** @param at milliseconds since the media began */
  say(at: number, samples: Int16Array): void {
    // Frames of ours follow each other; the clock only tells where time was skipped.
    const place = Math.round(at * samplesPerMilli);
    this.#said.write(Math.abs(place - this.#said.length) < mostDrift ? this.#said.length : place, samples);
  }

  hear(at: number, timestamp: number, samples: Int16Array): void {
    const arrived = Math.round(at * samplesPerMilli);
    this.#base ??= { timestamp, at: arrived };
    let place = this.#base.at + ((timestamp - this.#base.timestamp) | 0);
    if (Math.abs(place - arrived) > mostDrift) {
      this.#base = { timestamp, at: arrived };
      place = arrived;
    }
    this.#heard.write(place, samples);
  }

  take(): Recording {
    const length = Math.max(this.#said.length, this.#heard.length);
    return { said: this.#said.take(length), heard: this.#heard.take(length) };
  }
}
