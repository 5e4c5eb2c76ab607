import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** Packets as the kernel saw them pass: independent of when any program came to look at them. */
export interface Capture {
  stop(): Promise<void>;
}

/** Notes what passes over loopback into a file. @throws when tcpdump is missing or may not */
export async function startCapture(file: string, filter: string): Promise<Capture> {
  const args = ["-i", "lo", "-n", "-s", "200", "-B", "65536", "-Z", "root", "-w", file, filter];
  const child = spawn("tcpdump", args, { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  const exit = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`tcpdump (run as root, apt-get install tcpdump): ${text}`)));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("listening on")) resolve();
    });
  });
  return {
    stop: async () => {
      child.kill("SIGINT");
      await exit;
      const dropped = Number(/(\d+) packets? dropped by kernel/u.exec(text)?.[1] ?? 0);
      if (dropped > 0) throw new Error(`The capture itself lost ${dropped} packets: measure again.`);
    },
  };
}

export interface CapturedPacket {
  /** Unix time in milliseconds, to the microsecond. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly payload: Buffer;
}

/** The UDP packets over IPv4 of a capture file. */
export function readCapture(file: string): CapturedPacket[] {
  const bytes = readFileSync(file);
  const packets: CapturedPacket[] = [];
  for (let at = 24; at + 16 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    const frame = bytes.subarray(at + 16, at + 16 + length);
    const time = bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000;
    at += 16 + length;
    if (frame.length < 42 || frame.readUInt16BE(12) !== 0x08_00 || frame[23] !== 17) continue;
    packets.push({ at: time, from: frame.readUInt16BE(34), to: frame.readUInt16BE(36), payload: frame.subarray(42) });
  }
  return packets;
}

export interface Pacing {
  readonly streams: number;
  readonly packets: number;
  /** Numbers that are missing between the first and the last of each stream. */
  readonly lost: number;
  /** Time that was left out, in milliseconds. */
  readonly skipped: number;
  /** By how much the time between two packets differs from what their timestamps say, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Stamp {
  readonly at: number;
  readonly sequence: number;
  readonly timestamp: number;
}

function streamsOf(packets: readonly CapturedPacket[]): Stamp[][] {
  const streams = new Map<string, Stamp[]>();
  for (const { at, from, to, payload } of packets) {
    // RTP of version 2 that carries sound.
    if (payload.length < 12 || (payload[0] ?? 0) >> 6 !== 2 || ((payload[1] ?? 0) & 0x7f) > 8) continue;
    const name = `${from}>${to}/${payload.readUInt32BE(8)}`;
    const stamp = { at, sequence: payload.readUInt16BE(2), timestamp: payload.readUInt32BE(4) };
    const known = streams.get(name);
    if (known) known.push(stamp);
    else streams.set(name, [stamp]);
  }
  return [...streams.values()].filter((stamps) => stamps.length > 50);
}

const rank = (sorted: Float64Array, share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** How evenly the packets of all streams left that begin at these ports. */
export function pacingOf(packets: readonly CapturedPacket[], isFrom: (port: number) => boolean): Pacing {
  const streams = streamsOf(packets.filter(({ from }) => isFrom(from)));
  const unevenness: number[] = [];
  let [lost, skipped] = [0, 0];
  for (const stamps of streams) {
    for (const [index, stamp] of stamps.entries()) {
      const before = stamps[index - 1];
      if (!before) continue;
      const step = ((stamp.timestamp - before.timestamp) | 0) / 8;
      lost += ((stamp.sequence - before.sequence) & 0xff_ff) - 1;
      skipped += step - 20;
      unevenness.push(Math.abs(stamp.at - before.at - step));
    }
  }
  const sorted = Float64Array.from(unevenness).toSorted();
  const count = streams.reduce((sum, stamps) => sum + stamps.length, 0);
  return {
    streams: streams.length,
    packets: count,
    lost,
    skipped,
    p50: rank(sorted, 0.5),
    p99: rank(sorted, 0.99),
    max: sorted.at(-1) ?? 0,
  };
}
