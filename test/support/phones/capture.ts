import { linearToMulaw } from "./mulaw.ts";

export interface PressedKey {
  readonly key: string;
  /** Milliseconds from the start. */
  readonly at: number;
  /** How long it is held; default 120 ms. */
  readonly held?: number;
  /** The packets that say that it was let go get lost. */
  readonly isEndLost?: boolean;
}

export interface PhoneSound {
  /** How long sound is sent, in ms. 0: only keys are. */
  readonly length: number;
  /** What is said; silence where it is shorter. */
  readonly says?: Int16Array;
  readonly keys?: readonly PressedKey[];
  /** The number of telephone-event in the phone's SDP; default 101. */
  readonly eventType?: number;
  /** Keys are sent as two tones within the sound, as very old gateways do. */
  readonly asTones?: boolean;
}

interface TimedPacket {
  readonly at: number;
  readonly bytes: Buffer;
}

const events = "0123456789*#ABCD";
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
const layout = ["123A", "456B", "789C", "*0#D"];

/** The two tones of a key. */
export function keyTone(key: string, milliseconds: number): Int16Array {
  const row = layout.findIndex((line) => line.includes(key));
  const low = rows[row] ?? 0;
  const high = columns[layout[row]?.indexOf(key) ?? 0] ?? 0;
  return Int16Array.from({ length: milliseconds * 8 }, (_, index) => {
    const at = (2 * Math.PI * index) / 8000;
    return 8000 * (Math.sin(at * low) + Math.sin(at * high));
  });
}

const ssrc = 0x5e_11_0b_0e;

function rtp(type: number, sequence: number, timestamp: number, payload: Buffer, isMarked = false): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 0x80;
  head[1] = type | (isMarked ? 0x80 : 0);
  head.writeUInt16BE(sequence & 0xff_ff, 2);
  head.writeUInt32BE(timestamp >>> 0, 4);
  head.writeUInt32BE(ssrc, 8);
  return Buffer.concat([head, payload]);
}

/** What a press looks like from its begin on: a packet every 20 ms, the last one three times. */
function pressPayloads({ key, held = 120, isEndLost }: PressedKey): { readonly after: number; readonly payload: Buffer }[] {
  const event = events.indexOf(key);
  const count = Math.max(1, Math.round(held / 20));
  const payload = (duration: number, isEnd: boolean): Buffer => {
    const bytes = Buffer.from([event, (isEnd ? 0x80 : 0) | 10, 0, 0]);
    bytes.writeUInt16BE(duration, 2);
    return bytes;
  };
  const going = Array.from({ length: count }, (_, index) => ({ after: index * 20, payload: payload((index + 1) * 160, false) }));
  const ends = [0, 1, 2].map((index) => ({ after: count * 20 + index, payload: payload(count * 160, true) }));
  return isEndLost === true ? going : [...going, ...ends];
}

function withTones(sound: PhoneSound): Int16Array {
  const all = new Int16Array(sound.length * 8);
  all.set((sound.says ?? new Int16Array(0)).subarray(0, all.length));
  for (const { key, at, held = 120 } of sound.asTones === true ? (sound.keys ?? []) : []) all.set(keyTone(key, held), at * 8);
  return all;
}

/** All packets of a phone in the order in which they leave. */
function packetsOf(sound: PhoneSound): TimedPacket[] {
  const start = 4000;
  const samples = withTones(sound);
  const presses = sound.asTones === true ? [] : (sound.keys ?? []);
  const isHeld = (at: number): boolean => presses.some((press) => at >= press.at && at < press.at + (press.held ?? 120));
  const timed: { at: number; make: (sequence: number) => Buffer }[] = [];
  for (let frame = 0; frame * 20 < sound.length; frame += 1) {
    if (isHeld(frame * 20)) continue;
    const payload = Buffer.from(samples.subarray(frame * 160, frame * 160 + 160).map(linearToMulaw));
    timed.push({ at: frame * 20, make: (sequence) => rtp(0, sequence, start + frame * 160, payload, frame === 0) });
  }
  for (const press of presses) {
    for (const { after, payload } of pressPayloads(press)) {
      const make = (sequence: number): Buffer => rtp(sound.eventType ?? 101, sequence, start + press.at * 8, payload, after === 0);
      timed.push({ at: press.at + after, make });
    }
  }
  return timed.toSorted((a, b) => a.at - b.at).map(({ at, make }, index) => ({ at, bytes: make(100 + index) }));
}

const longWord = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

function ethernetFrame(payload: Buffer): Buffer {
  const head = Buffer.alloc(14 + 20 + 8);
  head.writeUInt16BE(0x08_00, 12);
  head[14] = 0x45;
  head.writeUInt16BE(28 + payload.length, 16);
  head[22] = 64;
  head[23] = 17;
  head.set([127, 0, 0, 1], 26);
  head.set([127, 0, 0, 1], 30);
  head.writeUInt16BE(4000, 34);
  head.writeUInt16BE(4002, 36);
  head.writeUInt16BE(8 + payload.length, 38);
  return Buffer.concat([head, payload]);
}

/** A capture file (pcap) that sipp plays: what a phone sends, all of one source as real phones do. */
export function captureOf(sound: PhoneSound): Buffer {
  const head = Buffer.concat([longWord(0xa1_b2_c3_d4), Buffer.from([2, 0, 4, 0]), longWord(0), longWord(0), longWord(65_535), longWord(1)]);
  const records = packetsOf(sound).map(({ at, bytes }) => {
    const frame = ethernetFrame(bytes);
    const micros = Math.round(at * 1000);
    const times = [longWord(1_000_000 + Math.floor(micros / 1e6)), longWord(micros % 1e6)];
    return Buffer.concat([...times, longWord(frame.length), longWord(frame.length), frame]);
  });
  return Buffer.concat([head, ...records]);
}
