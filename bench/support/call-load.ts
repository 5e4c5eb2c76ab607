import { readFileSync } from "node:fs";
import { SystemClock } from "#adapters/clock/system";
import { RtpPool } from "#adapters/rtp/pool";
import { SipLine } from "#adapters/sip/sip-line";
import { seconds } from "#base/duration";
import type { CallListener, Turn, Voice } from "#ports/phone/port";
import { babble } from "#test/phones/pcm";
import { pause } from "./processes.ts";

/** What a process that places calls is told. */
export interface CallLoad {
  /** Where the trunk is, on 127.0.0.1. */
  readonly trunk: number;
  /** Ports for sound. */
  readonly portFrom: number;
  readonly portTo: number;
  readonly calls: number;
  /** Milliseconds between two decisions to call. */
  readonly every: number;
  /** How long all calls talk at the same time while it is measured, in ms; 0: nobody answers. */
  readonly talk: number;
}

export interface LoadResult {
  /** The decision to call each number, Unix ms to the microsecond. */
  readonly decided: readonly (readonly [number: string, at: number])[];
  readonly answered: number;
  /** Calls that ended before we ended them. */
  readonly dropped: number;
  /** CPU seconds while all talked. */
  readonly cpuSeconds: number;
  /** Datagrams that arrived for us and that the kernel threw away, because we did not read them. */
  readonly overflown: number;
  readonly memoryMb: number;
}

/** The wall clock to the microsecond, by the moment in which its milliseconds turn. */
function preciseClock(): () => number {
  const before = Date.now();
  while (Date.now() === before);
  const offset = Date.now() - performance.now();
  return () => performance.now() + offset;
}

const clip = { samples: babble(8000) };
const voice: Voice = { speak: () => Promise.resolve(clip), prepare: () => undefined };
const turn: Turn = { say: [], times: 1000, listen: seconds(1), digits: 1, isLast: false };

class Counting implements CallListener {
  answeredCount = 0;
  endedCount = 0;
  readonly saved = (): Promise<void> => Promise.resolve();
  readonly ringing = (): void => undefined;
  readonly keys = (): Promise<Turn> => Promise.resolve(turn);
  readonly silent = (): Promise<Turn> => Promise.resolve(turn);
  readonly answered = (): Promise<Turn> => {
    this.answeredCount += 1;
    return Promise.resolve(turn);
  };
  readonly ended = (): void => void (this.endedCount += 1);
}

function overflownAt(from: number, to: number): number {
  const rows = readFileSync("/proc/net/udp", "utf8").trim().split("\n").slice(1);
  return rows.reduce((sum, row) => {
    const fields = row.trim().split(/\s+/u);
    const port = Number.parseInt(fields[1]?.split(":")[1] ?? "0", 16);
    return port >= from && port <= to ? sum + Number(fields.at(-1)) : sum;
  }, 0);
}

async function waitFor(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`Not within a minute: ${what}.`);
    await pause(20);
  }
}

/** Places calls through the product's own SIP line and sound, in a process that does nothing else. Prints `talking`, `over` and the result. */
export async function placeCalls({ trunk, portFrom, portTo, calls, every, talk }: CallLoad): Promise<void> {
  const clock = new SystemClock();
  const pool = new RtpPool({ host: "127.0.0.1", portFrom, portTo, clock });
  const settings = { domain: "127.0.0.1", port: trunk, registers: false, dialForm: "digits" } as const;
  const line = new SipLine({ clock, media: pool, voiceFor: () => voice, settings, network: { host: "127.0.0.1" } });
  line.start({ health: () => undefined });
  await waitFor("the line is ready", () => line.health.state === "ready");
  const now = preciseClock();
  const listener = new Counting();
  const decided: [string, number][] = [];
  const limits = { ringFor: seconds(50), longest: seconds(300), language: "en" } as const;
  const live = [];
  for (let index = 0; index < calls; index += 1) {
    const number = String(8_190_000_000_00 + index);
    decided.push([number, now()]);
    live.push(line.dial({ ref: number, to: `+${number}`, ...limits }, listener));
    await pause(every);
  }
  let cpuSeconds = 0;
  if (talk > 0) {
    await waitFor("all are answered", () => listener.answeredCount === calls);
    await pause(2000);
    console.log("talking");
    const before = process.cpuUsage();
    await pause(talk);
    const { user, system } = process.cpuUsage(before);
    cpuSeconds = (user + system) / 1e6;
    console.log("over");
  } else await waitFor("all are over", () => listener.endedCount === calls);
  const dropped = talk > 0 ? listener.endedCount : 0;
  const result = { decided, answered: listener.answeredCount, dropped, cpuSeconds, overflown: overflownAt(portFrom, portTo) };
  for (const call of live) call.end();
  await waitFor("all are ended", () => listener.endedCount === calls);
  await line.stop();
  pool.close();
  console.log(JSON.stringify({ ...result, memoryMb: process.memoryUsage().rss / 2 ** 20 }));
}
