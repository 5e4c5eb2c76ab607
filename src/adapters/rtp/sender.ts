import { randomBytes, randomInt } from "node:crypto";
import { silenceOf } from "./g711.ts";
import type { Codec } from "./media.ts";
import { formatRtp, frameSamples } from "./packet.ts";
import type { CryptoKey } from "./negotiation.ts";
import { Srtp } from "./srtp.ts";

interface Playing {
  readonly sound: Uint8Array;
  at: number;
  readonly done: () => void;
}

export interface Format {
  readonly codec: Codec;
  readonly type: number;
}

export interface Frame {
  /** Not to be written to: silence is the same for all. */
  readonly payload: Uint8Array;
  readonly packet: Buffer;
  /** What was played is over with this frame: to be called when it was sent. */
  readonly done?: () => void;
}

const silentFrames: Readonly<Record<Codec, Uint8Array>> = {
  PCMU: new Uint8Array(frameSamples).fill(silenceOf.PCMU),
  PCMA: new Uint8Array(frameSamples).fill(silenceOf.PCMA),
};

/** The next frame of what is played; its last one ends with silence. */
function nextOf(playing: Playing, codec: Codec): Uint8Array {
  const part = playing.sound.subarray(playing.at, playing.at + frameSamples);
  playing.at += frameSamples;
  if (part.length === frameSamples) return part;
  const frame = Uint8Array.from(silentFrames[codec]);
  frame.set(part);
  return frame;
}

/** Makes the packets of one direction: what is played, silence otherwise, without a gap in numbers or times. */
export class Sender {
  // Below 2^15, so that the rollover counter of SRTP begins where the other side expects it (RFC 3711, 3.3.1).
  #sequence = randomInt(2 ** 15);
  #timestamp = randomInt(2 ** 32);
  readonly #ssrc = randomBytes(4).readUInt32BE();
  #playing: Playing | undefined;
  #format: Format = { codec: "PCMU", type: 0 };
  #key: CryptoKey | undefined;
  #seal: Srtp | undefined;
  #isTalking = false;

  /** From the next frame on. The same key goes on where it was. */
  use(format: Format, key: CryptoKey | undefined): void {
    this.#format = format;
    if (key?.suite === this.#key?.suite && key?.master === this.#key?.master) return;
    this.#key = key;
    this.#seal = key && new Srtp(key.suite, key.master);
  }

  get codec(): Codec {
    return this.#format.codec;
  }

  /** Plays coded sound from the next frame on. @param done called when the last of it was sent, not when it was ended before */
  play(sound: Uint8Array, done: () => void): void {
    this.#playing = { sound, at: 0, done };
  }

  silence(): void {
    this.#playing = undefined;
  }

  /** The next 20 ms. Time that was skipped is missing for the other side, not in what is said. */
  frame(skipped: number): Frame {
    this.#timestamp = (this.#timestamp + skipped * frameSamples) >>> 0;
    const playing = this.#playing;
    const payload = playing ? nextOf(playing, this.#format.codec) : silentFrames[this.#format.codec];
    const isMarked = playing !== undefined && !this.#isTalking;
    this.#isTalking = playing !== undefined;
    const isOver = playing !== undefined && playing.at >= playing.sound.length;
    if (isOver) this.#playing = undefined;
    return { payload, packet: this.#packet(payload, isMarked), ...(isOver ? { done: playing.done } : {}) };
  }

  /** 20 ms in which nothing is sent, because the other side takes nothing. */
  pass(skipped: number): void {
    this.#timestamp = (this.#timestamp + (skipped + 1) * frameSamples) >>> 0;
    this.#isTalking = false;
  }

  #packet(payload: Uint8Array, isMarked: boolean): Buffer {
    const { type } = this.#format;
    const packet = formatRtp({ type, isMarked, sequence: this.#sequence, timestamp: this.#timestamp, ssrc: this.#ssrc, payload });
    this.#sequence = (this.#sequence + 1) & 0xff_ff;
    this.#timestamp = (this.#timestamp + frameSamples) >>> 0;
    return this.#seal ? this.#seal.protect(packet) : packet;
  }
}
