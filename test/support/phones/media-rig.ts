import { createSocket, type Socket } from "node:dgram";
import { afterEach, expect } from "vitest";
import { encode } from "#adapters/rtp/g711";
import type { KeyPress, Loss, MediaOptions, MediaSession } from "#adapters/rtp/media";
import { formatRtp, parseRtp, type RtpPacket } from "#adapters/rtp/packet";
import { RtpPool } from "#adapters/rtp/pool";
import type { Srtp } from "#adapters/rtp/srtp";
import { millis } from "#base/duration";
import { FakeClock } from "../fake-clock.ts";
import { freeUdpPorts } from "./ports.ts";

const closing: (() => void)[] = [];

/** Closes with the test what must not outlive it. */
export function closeAfter(close: () => void): void {
  closing.push(close);
}

/** Closes sockets and pools with the test that opened them. */
export function withMediaRigs(): void {
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });
}

/** The other side: a socket that hears, and sends what a phone sends. */
export class FakePhone {
  readonly packets: RtpPacket[] = [];
  readonly #socket: Socket;
  readonly #to: number;
  #sequence = 500;
  #timestamp = 9000;
  ssrc = 77;
  seal: Srtp | undefined;
  open: Srtp | undefined;

  private constructor(socket: Socket, to: number) {
    this.#socket = socket;
    this.#to = to;
    socket.on("message", (bytes) => {
      const packet = parseRtp(this.open ? (this.open.open(bytes) ?? Buffer.alloc(0)) : bytes);
      if (packet) this.packets.push({ ...packet, payload: Buffer.from(packet.payload) });
    });
    closeAfter(() => socket.close());
  }

  static async start(to: number, address = "127.0.0.1"): Promise<FakePhone> {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => void socket.bind(0, address, resolve));
    return new FakePhone(socket, to);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Where its SDP says that it is. */
  answer(events = true): string {
    const formats = events ? "0 101\r\na=rtpmap:101 telephone-event/8000" : "0";
    return `v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio ${this.port} RTP/AVP ${formats}\r\n`;
  }

  async send(payload: Uint8Array, type = 0, timestamp = (this.#timestamp += 160)): Promise<void> {
    this.#sequence += 1;
    const packet = formatRtp({ type, isMarked: false, sequence: this.#sequence, timestamp, ssrc: this.ssrc, payload });
    const bytes = this.seal ? this.seal.protect(packet) : packet;
    await new Promise<void>((resolve) => this.#socket.send(bytes, this.#to, "127.0.0.1", () => resolve()));
    // Loopback delivers in order: when the next turn of the loop is over, it has been read.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** A key as RFC 4733 has it: going on, then three times its end. */
  async press(key: string, { ends = true } = {}): Promise<void> {
    const event = "0123456789*#ABCD".indexOf(key);
    const timestamp = (this.#timestamp += 1600);
    for (const duration of [160, 320, 480]) await this.send(Uint8Array.of(event, 10, duration >> 8, duration & 255), 101, timestamp);
    for (let end = 0; ends && end < 3; end += 1) await this.send(Uint8Array.of(event, 0x8a, 2, 128), 101, timestamp);
  }

  async sound(samples: Int16Array): Promise<void> {
    for (let at = 0; at < samples.length; at += 160) await this.send(encode("PCMU", samples.subarray(at, at + 160)));
  }
}

export interface MediaRig {
  readonly clock: FakeClock;
  readonly session: MediaSession;
  readonly phone: FakePhone;
  readonly keys: KeyPress[];
  readonly losses: Loss[];
  /** Lets time pass, and everything arrive. */
  pass(milliseconds: number): Promise<void>;
}

/** A session that was agreed with a phone, on a clock that stands still until a test moves it. */
export async function mediaRig(
  options: MediaOptions = {},
  { isAgreed = true, events = true, phoneAt = "127.0.0.1" } = {},
): Promise<MediaRig> {
  const clock = new FakeClock();
  const portFrom = await freeUdpPorts(8);
  const pool = new RtpPool({ host: "127.0.0.1", portFrom, portTo: portFrom + 7, clock });
  closeAfter(() => pool.close());
  const session = await pool.open(options);
  const phone = await FakePhone.start(session.port, phoneAt);
  const keys: KeyPress[] = [];
  const losses: Loss[] = [];
  session.onKey((press) => keys.push(press));
  session.onLost((loss) => losses.push(loss));
  session.offer();
  if (isAgreed) expect(session.accept(phone.answer(events))).toBeUndefined();
  const pass = (milliseconds: number): Promise<void> => clock.advance(millis(milliseconds));
  return { clock, session, phone, keys, losses, pass };
}
