import type { Socket } from "node:dgram";
import type { Clock } from "#base/clock";
import { seconds, type Millis } from "#base/duration";
import type { Clip, Turn, Voice } from "#ports/phone/port";
import { decode, encodeClip } from "./g711.ts";
import { EventReader, isKey } from "./keys.ts";
import type {
  Codec,
  Encryption,
  KeyPress,
  KeySource,
  Loss,
  MediaOptions,
  MediaProblem,
  MediaSession,
  Performed,
  Recording,
} from "./media.ts";
import { KeyJudge } from "./key-judge.ts";
import { Negotiation, type Agreement, type CryptoKey } from "./negotiation.ts";
import type { Paced, Pacer } from "./pacer.ts";
import { parseRtp, type RtpPacket } from "./packet.ts";
import { Performance, type Player } from "./performance.ts";
import { Recorder } from "./recorder.ts";
import { Sender } from "./sender.ts";
import { Source, type Origin } from "./source.ts";
import { Srtp } from "./srtp.ts";
import { ToneReader } from "./tones.ts";

/** Before the first word, so that it is not lost while gateways on the way still connect. */
const leadIn = 300 * 8;
/** Keys before the first turn that are kept. */
const mostEarly = 32;
const defaultNeverAfter: Millis = seconds(15);
const defaultCeasedAfter: Millis = seconds(60);

interface Deps {
  readonly clock: Clock;
  readonly pacer: Pacer;
  readonly socket: Socket;
  /** Address of the socket, for SDP. */
  readonly host: string;
  readonly port: number;
  readonly closed: () => void;
}

const withLeadIn = (clip: Clip): Clip => {
  const samples = new Int16Array(leadIn + clip.samples.length);
  samples.set(clip.samples, leadIn);
  return { samples };
};

const isSameKey = (a: CryptoKey | undefined, b: CryptoKey | undefined): boolean =>
  a && b ? a.suite === b.suite && a.master.equals(b.master) : a === b;

const openerOf = (key: CryptoKey | undefined): Srtp | undefined => key && new Srtp(key.suite, key.master);

/** See {@link MediaSession}: joins what was agreed, what is sent, who is heard and what is said. */
export class RtpSession implements MediaSession, Paced, Player {
  readonly port: number;
  readonly #deps: Deps;
  readonly #negotiation: Negotiation;
  readonly #source: Source;
  readonly #sender = new Sender();
  readonly #events = new EventReader();
  readonly #tones = new ToneReader();
  readonly #judge = new KeyJudge();
  readonly #recorder: Recorder | undefined;
  readonly #neverAfter: Millis;
  readonly #ceasedAfter: Millis;
  readonly #keyListeners: ((press: KeyPress) => void)[] = [];
  readonly #lossListeners: ((loss: Loss) => void)[] = [];
  #agreement: Agreement | undefined;
  #open: Srtp | undefined;
  #startedAt = 0;
  #heardAt: number | undefined;
  /** From when on media are missed. */
  #awaitedSince = 0;
  #isLost = false;
  #performance: Performance | undefined;
  #hasPerformed = false;
  #early: string[] = [];
  #isClosed = false;

  constructor(deps: Deps, options: MediaOptions) {
    this.#deps = deps;
    this.port = deps.port;
    const wishes = { codecs: options.codecs ?? (["PCMU", "PCMA"] as const), encryption: options.encryption ?? "off" };
    this.#negotiation = new Negotiation({ host: options.advertise ?? deps.host, port: deps.port }, wishes);
    this.#source = new Source(options.isSymmetric ?? true);
    this.#recorder = options.isRecorded === true ? new Recorder() : undefined;
    this.#neverAfter = options.neverAfter ?? defaultNeverAfter;
    this.#ceasedAfter = options.ceasedAfter ?? defaultCeasedAfter;
    deps.socket.on("message", (bytes, from) => this.#take(bytes, from));
  }

  get isHeld(): boolean {
    return this.#agreement?.direction === "sendonly" || this.#agreement?.direction === "inactive";
  }

  get local(): string {
    return this.#negotiation.local;
  }

  offer(changed?: { readonly codecs?: readonly Codec[]; readonly encryption?: Encryption }): string {
    return this.#negotiation.offer(changed);
  }

  accept(answer: string): MediaProblem | undefined {
    const agreement = this.#negotiation.accept(answer);
    if (typeof agreement === "string") return agreement;
    this.#agree(agreement);
    return undefined;
  }

  answer(offer: string): { readonly sdp: string } | { readonly problem: MediaProblem } {
    const answered = this.#negotiation.answer(offer);
    if (typeof answered === "string") return { problem: answered };
    this.#agree(answered.agreement);
    return { sdp: answered.sdp };
  }

  perform(turn: Turn, voice: Voice): Promise<Performed> {
    this.stop();
    const performance = new Performance(turn, this, this.#deps.clock, this.isHeld);
    if (this.#isClosed) {
      performance.end({ kind: "stopped" });
      return performance.result;
    }
    this.#performance = performance;
    const isFirst = !this.#hasPerformed;
    this.#hasPerformed = true;
    for (const digit of this.#early.splice(0)) this.#press(digit);
    voice.speak(turn.say).then(
      (clip) => performance.begin(isFirst ? withLeadIn(clip) : clip),
      // A voice that breaks its word leaves silence, and the caller may still press a key.
      () => performance.begin({ samples: new Int16Array(0) }),
    );
    return performance.result;
  }

  stop(): void {
    this.#performance?.end({ kind: "stopped" });
    this.#performance = undefined;
  }

  key(digit: string): void {
    if (isKey(digit.toUpperCase())) this.#pressed(digit.toUpperCase(), "info", true);
  }

  onKey(listener: (press: KeyPress) => void): void {
    this.#keyListeners.push(listener);
  }

  onLost(listener: (loss: Loss) => void): void {
    this.#lossListeners.push(listener);
  }

  recorded(): Recording | undefined {
    return this.#recorder?.take();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.stop();
    this.#deps.pacer.remove(this);
    this.#deps.socket.close();
    this.#deps.closed();
  }

  play(clip: Clip, done: () => void): void {
    this.#sender.play(encodeClip(this.#sender.codec, clip), done);
  }

  silence(): void {
    this.#sender.silence();
  }

  frame(skipped: number): void {
    const agreement = this.#agreement;
    if (!agreement) return;
    const now = this.#deps.clock.mono();
    if (this.isHeld) this.#awaitedSince = now;
    else this.#watch(now, agreement);
    // Whoever was told of lost media may have hung up.
    if (this.#isClosed) return;
    const { target } = this.#source;
    if (this.isHeld || !target) {
      this.#sender.pass(skipped);
      return;
    }
    const { payload, packet, done } = this.#sender.frame(skipped);
    // Whoever cannot be reached is noticed by what does not come back.
    this.#deps.socket.send(packet, target.port, target.address, () => undefined);
    this.#recorder?.say(now - this.#startedAt, decode(agreement.codec, payload));
    done?.();
  }

  #agree(agreement: Agreement): void {
    const before = this.#agreement;
    const now = this.#deps.clock.mono();
    this.#agreement = agreement;
    this.#source.agree(agreement);
    if (!isSameKey(before?.keys?.theirs, agreement.keys?.theirs)) this.#open = openerOf(agreement.keys?.theirs);
    this.#sender.use(agreement, agreement.keys?.ours);
    if (!before) {
      this.#startedAt = now;
      this.#awaitedSince = now;
      this.#deps.pacer.add(this);
    }
    // What is being said is coded for the codec before.
    if (before && before.codec !== agreement.codec) this.#performance?.hold(true);
    this.#performance?.hold(this.isHeld);
  }

  #watch(now: number, { direction }: Agreement): void {
    if (this.#isLost || direction === "recvonly") return;
    const longest = this.#heardAt === undefined ? this.#neverAfter : this.#ceasedAfter;
    if (now - Math.max(this.#awaitedSince, this.#heardAt ?? 0) < longest) return;
    this.#isLost = true;
    for (const listener of this.#lossListeners) listener(this.#heardAt === undefined ? "never" : "ceased");
  }

  #take(bytes: Buffer, from: Origin): void {
    const agreement = this.#agreement;
    if (!agreement || this.#isClosed) return;
    const plain = this.#open ? this.#open.open(bytes) : bytes;
    const packet = plain && parseRtp(plain);
    if (!packet) return;
    const now = this.#deps.clock.mono();
    const isSound = agreement.types.has(packet.type);
    const worth = { isProven: this.#open !== undefined, isSound };
    if (!this.#source.takes({ address: from.address, port: from.port }, packet, now, worth)) return;
    // Whatever it is: comfort noise (RFC 3389) is all that some gateways send while nobody speaks.
    this.#heardAt = now;
    this.#isLost = false;
    if (packet.type === agreement.eventType) this.#takeEvent(packet, now);
    else if (isSound) this.#takeSound(packet, agreement, now);
  }

  #takeEvent(packet: RtpPacket, now: number): void {
    const wasOver = this.#events.isOver;
    const pressed = this.#events.read(packet.payload, packet.timestamp, now);
    if (pressed) this.#pressed(pressed.digit, "event", wasOver);
  }

  #takeSound(packet: RtpPacket, { types, eventType }: Agreement, now: number): void {
    if (eventType !== undefined && !this.#recorder) return;
    const samples = decode(types.get(packet.type) ?? "PCMU", packet.payload);
    this.#recorder?.hear(now - this.#startedAt, packet.timestamp, samples);
    if (eventType === undefined) for (const digit of this.#tones.read(samples)) this.#pressed(digit, "tone", true);
  }

  /** @param isAlone the key before it had been let go */
  #pressed(digit: string, source: KeySource, isAlone: boolean): void {
    const at = this.#deps.clock.mono();
    const isCollecting = this.#performance?.isCollecting === true;
    const isTaken = this.#judge.counts({ digit, source, at, isAlone, isCollecting }) && this.#press(digit);
    for (const listener of this.#keyListeners) listener({ digit, source, isTaken });
  }

  /** @returns whether it had an effect, or will have one on the first turn */
  #press(digit: string): boolean {
    if (!this.#hasPerformed) return this.#early.length < mostEarly && this.#early.push(digit) > 0;
    const isTaken = this.#performance?.key(digit) === true;
    if (isTaken && this.#performance?.isOver === true) this.#judge.decided(digit, this.#deps.clock.mono());
    return isTaken;
  }
}
