import { millis, seconds, type Millis } from "#base/duration";
import { Secret } from "#base/secret";
import type { CallEnd, CallListener, Dial, IncomingCall, LineHealth, LiveCall, Turn } from "#ports/phone/port";
import type { LineSettings } from "#wire/line-settings";
import { response, type ResponseParts } from "../../src/adapters/sip/build.ts";
import { parseMessage, serialise, type SipMessage, type SipRequest, type SipResponse } from "../../src/adapters/sip/message.ts";
import { SipLine, type SipNetwork } from "../../src/adapters/sip/sip-line.ts";
import type { Hop, Peer, Transport, TransportKind, TransportListener } from "../../src/adapters/sip/transport.ts";
import type { MediaOptions, MediaProblem, MediaSession, Performed } from "../../src/adapters/rtp/media.ts";
import { FakeClock } from "./fake-clock.ts";

/** The network with a trunk at its other end that a test plays. */
export class FakeTransport implements Transport {
  readonly kind: TransportKind;
  readonly isReliable: boolean;
  readonly sent: { readonly message: SipMessage; readonly to: Hop }[] = [];
  /** Addresses that cannot be reached. */
  readonly unreachable = new Set<string>();
  /** Addresses whose machine says that nobody listens. */
  readonly refused = new Set<string>();
  /** Connections that were let go, and why. */
  readonly resets: string[] = [];
  isClosed = false;
  port = 5070;
  readonly #clock: FakeClock;
  readonly #listener: TransportListener;
  readonly #heardAt = new Map<string, Millis>();
  #read = 0;

  constructor(clock: FakeClock, kind: TransportKind, listener: TransportListener) {
    this.#clock = clock;
    this.kind = kind;
    this.isReliable = kind !== "udp";
    this.#listener = listener;
  }

  localFor(hop: Hop): Promise<{ readonly host: string; readonly port: number }> {
    if (this.unreachable.has(hop.address)) return Promise.reject(new Error(`${hop.address} cannot be reached`));
    return Promise.resolve({ host: "192.0.2.1", port: this.port });
  }

  send(bytes: Buffer, to: Hop): Promise<void> {
    const parsed = parseMessage(bytes);
    if (parsed.ok) this.sent.push({ message: parsed.message, to });
    return Promise.resolve();
  }

  isRefused(hop: Hop): Promise<boolean> {
    return Promise.resolve(this.refused.has(hop.address));
  }

  isQuiet(hop: Hop, since: Millis): boolean {
    return this.isReliable && (this.#heardAt.get(hop.address) ?? 0) <= since;
  }

  reset(hop: Hop, problem: string): void {
    this.resets.push(`${hop.address} ${problem}`);
    this.#listener.lost(hop, problem);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  deliver(message: SipMessage | string, from: Peer = trunk): void {
    this.#heardAt.set(from.address, this.#clock.mono());
    this.#listener.message(typeof message === "string" ? Buffer.from(message.replaceAll("\n", "\r\n")) : serialise(message), from);
  }

  lost(peer: Peer = trunk): void {
    this.#listener.lost(peer, "reset");
  }

  /** What was sent since the last look. */
  fresh(): readonly SipMessage[] {
    const fresh = this.sent.slice(this.#read).map(({ message }) => message);
    this.#read = this.sent.length;
    return fresh;
  }

  /** Short: `INVITE 1`, `200 INVITE 1`. */
  freshNames(): readonly string[] {
    return this.fresh().map(nameOf);
  }

  /** The last request of that method. */
  last(method: string): SipRequest {
    const found = this.sent.findLast(({ message }) => message.kind === "request" && message.method === method)?.message;
    if (found?.kind !== "request") throw new Error(`No ${method} was sent: ${this.sent.map(({ message }) => nameOf(message)).join(", ")}`);
    return found;
  }

  lastResponse(): SipResponse {
    const found = this.sent.findLast(({ message }) => message.kind === "response")?.message;
    if (found?.kind !== "response") throw new Error("No response was sent.");
    return found;
  }

  answer(request: SipRequest, status: number, { tag = "them", ...parts }: ResponseParts = {}, from: Peer = trunk): void {
    this.deliver(response(request, status, status === 100 ? parts : { tag, ...parts }), from);
  }
}

const nameOf = (message: SipMessage): string =>
  message.kind === "request"
    ? `${message.method} ${message.cseq.number}`
    : `${message.status} ${message.cseq.method} ${message.cseq.number}`;

export const trunk: Hop = { address: "198.51.100.7", port: 5060 };

/** Sound that a test decides about. */
export class FakeMedia implements MediaSession {
  readonly port = 20_000;
  readonly isHeld = false;
  readonly local = "v=0\r\nours";
  readonly options: MediaOptions | undefined;
  readonly keys: string[] = [];
  readonly turns: Turn[] = [];
  readonly accepted: string[] = [];
  offers = 0;
  isClosed = false;
  problem: MediaProblem | undefined;
  #done: ((performed: Performed) => void) | undefined;
  #lost: ((loss: "never" | "ceased") => void) | undefined;

  constructor(options: MediaOptions | undefined) {
    this.options = options;
  }

  offer(): string {
    this.offers += 1;
    return this.local;
  }

  accept(answer: string): MediaProblem | undefined {
    this.accepted.push(answer);
    return this.problem;
  }

  answer(offer: string): { readonly sdp: string } | { readonly problem: MediaProblem } {
    this.accepted.push(offer);
    return this.problem ? { problem: this.problem } : { sdp: "v=0\r\nanswer" };
  }

  perform(turn: Turn): Promise<Performed> {
    this.turns.push(turn);
    return new Promise((resolve) => (this.#done = resolve));
  }

  /** Ends the turn that is being performed. */
  done(performed: Performed): void {
    this.#done?.(performed);
  }

  loses(loss: "never" | "ceased"): void {
    this.#lost?.(loss);
  }

  stop(): void {
    this.#done?.({ kind: "stopped" });
  }

  key(digit: string): void {
    this.keys.push(digit);
  }

  onKey(): void {
    // no test looks at single presses here
  }

  onLost(listener: (loss: "never" | "ceased") => void): void {
    this.#lost = listener;
  }

  recorded(): undefined {
    return undefined;
  }

  close(): void {
    this.isClosed = true;
    this.stop();
  }
}

export const turn = (text: string, isLast = false): Turn => ({
  say: [{ language: "en", text }],
  times: 1,
  listen: seconds(5),
  digits: isLast ? 0 : 1,
  isLast,
});

/** Notes what it is told, answers with turns that name what was pressed. */
export class FakeListener implements CallListener {
  readonly events: string[] = [];
  readonly states: string[] = [];
  readonly ends: CallEnd[] = [];
  /** Decides what is said after a key. */
  next: (digits: string) => Turn = (digits) => turn(`pressed ${digits}`, true);
  save: (state: string) => Promise<void> = () => Promise.resolve();

  saved(state: string): Promise<void> {
    this.states.push(state);
    return this.save(state);
  }

  ringing(code?: number): void {
    this.events.push(`ringing ${code}`);
  }

  answered(): Promise<Turn> {
    this.events.push("answered");
    return Promise.resolve(turn("hello"));
  }

  keys(digits: string): Promise<Turn> {
    this.events.push(`keys ${digits}`);
    return Promise.resolve(this.next(digits));
  }

  silent(): Promise<Turn> {
    this.events.push("silent");
    return Promise.resolve(turn("nobody", true));
  }

  ended(end: CallEnd): void {
    this.ends.push(end);
  }
}

export const sipSettings: LineSettings = { preset: "trunk", domain: "trunk.test", userName: "0901111", registers: false };

export interface SipRig {
  readonly line: SipLine;
  readonly clock: FakeClock;
  /** The one that was opened last. */
  readonly transport: FakeTransport;
  readonly transports: readonly FakeTransport[];
  readonly sessions: readonly FakeMedia[];
  readonly health: readonly LineHealth[];
  readonly incoming: readonly IncomingCall[];
  readonly listener: FakeListener;
  /** Makes ports for sound wait to be opened. */
  holdSound(until: Promise<void>): void;
  /** Lets promises settle. */
  settle(): Promise<void>;
  /** Places a call and waits until its INVITE left. */
  call(dial?: Partial<Dial>): Promise<{ readonly call: LiveCall; readonly listener: FakeListener; readonly invite: SipRequest }>;
}

/** A line on a fake network; without registration its trunk answers the first OPTIONS. */
export async function openSipRig(settings: Partial<LineSettings> = {}, network: SipNetwork = {}, takesCalls = true): Promise<SipRig> {
  const clock = new FakeClock();
  const transports: FakeTransport[] = [];
  const sessions: FakeMedia[] = [];
  const health: LineHealth[] = [];
  const incoming: IncomingCall[] = [];
  let held: Promise<void> = Promise.resolve();
  const all: LineSettings = { ...sipSettings, ...settings };
  const line = new SipLine({
    clock,
    settings: all,
    password: new Secret("himitsu"),
    media: {
      open: (options) => {
        const session = new FakeMedia(options);
        sessions.push(session);
        return held.then(() => session);
      },
    },
    voiceFor: () => ({ speak: () => Promise.resolve({ samples: new Int16Array(0) }), prepare: () => undefined }),
    network: {
      locate: () => Promise.resolve([trunk]),
      open: ({ kind, port }, listener) => {
        const transport = new FakeTransport(clock, kind, listener);
        if (port !== undefined) transport.port = port;
        transports.push(transport);
        return Promise.resolve(transport);
      },
      ...network,
    },
  });
  line.start({
    health: (one) => void health.push(one),
    ...(takesCalls ? { incoming: (call: IncomingCall) => void incoming.push(call) } : {}),
  });
  const settle = (): Promise<void> => clock.advance(millis(0));
  const newest = (): FakeTransport => {
    const transport = transports.at(-1);
    if (!transport) throw new Error("No socket was opened.");
    return transport;
  };
  for (let round = 0; round < 3; round += 1) await settle();
  if (all.registers !== true && network.locate === undefined) {
    newest().answer(newest().last("OPTIONS"), 200);
    newest().fresh();
  }
  await settle();
  const rig: SipRig = {
    line,
    clock,
    get transport() {
      return newest();
    },
    transports,
    sessions,
    health,
    incoming,
    listener: new FakeListener(),
    holdSound: (until) => void (held = until),
    settle,
    call: async (dial = {}) => {
      const listener = new FakeListener();
      const whole = { ref: "c1", to: "+819012345678", ringFor: seconds(25), longest: seconds(120), language: "en", ...dial } as const;
      const call = line.dial(whole, listener);
      for (let round = 0; round < 5; round += 1) await settle();
      return { call, listener, invite: newest().last("INVITE") };
    },
  };
  return rig;
}

/** Lets all that was begun come to rest. */
export async function settled(rig: SipRig): Promise<void> {
  for (let round = 0; round < 6; round += 1) await rig.settle();
}

export const theirSdp = { headers: [["Content-Type", "application/sdp"]], body: "v=0\r\ntheirs" } as const;
export const theirContact = ["Contact", "<sip:phone@198.51.100.9:5080>"] as const;

/** A call that was answered, its ACK sent. */
export async function talking(rig: SipRig) {
  const { invite, ...rest } = await rig.call();
  rig.transport.answer(invite, 180);
  rig.transport.answer(invite, 200, { ...theirSdp, headers: [theirContact] });
  await settled(rig);
  const media = rig.sessions.at(-1);
  if (!media) throw new Error("There is no sound.");
  return { ...rest, invite, media };
}
