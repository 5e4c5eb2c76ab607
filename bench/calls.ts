import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { babble } from "#test/phones/pcm";
import { freeUdpPorts } from "#test/phones/ports";
import { scenarios, startSipp, type Scenario } from "#test/phones/sipp";
import { placeCalls, type CallLoad, type LoadResult } from "./support/call-load.ts";
import { familyCpuSeconds } from "./support/processes.ts";
import { keepHistory, printTable, replaceInDocs, tableText, takenOn } from "./support/report.ts";
import { pacingOf, readCapture, startCapture, type CapturedPacket, type Pacing } from "./support/rtp-capture.ts";

// How soon does a call leave, and how evenly does the sound of many calls? Needs root (tcpdump) and sipp.
//   npm run bench -- calls [--calls 20,100] [--talk SECONDS] [--docs]

/** Both sides run before everything else on the machine (SCHED_RR): otherwise its other work would be measured, for both. */
const hurry = (pid: number): void => void execFileSync("chrt", ["-a", "-r", "-p", "10", String(pid)]);

interface Run {
  readonly result: LoadResult;
  readonly packets: readonly CapturedPacket[];
  /** Between these Unix ms all calls talked. */
  readonly from: number;
  readonly to: number;
  readonly theirCpuSeconds: number;
  readonly isOurs: (port: number) => boolean;
  readonly isTheirs: (port: number) => boolean;
}

/** Places calls from a process of their own to a sipp, and notes all that passes. */
async function run(folder: string, scenario: Scenario, load: Pick<CallLoad, "calls" | "every" | "talk">): Promise<Run> {
  // The line asks now and then whether the trunk is there; sipp would stop at the last call.
  const sipp = await startSipp(scenario, { calls: load.calls + 20, answersOptions: true });
  hurry(sipp.pid);
  const portFrom = await freeUdpPorts(2 * load.calls + 20);
  const portTo = portFrom + 2 * load.calls + 19;
  const file = join(folder, "packets.pcap");
  const capture = await startCapture(file, "udp");
  let [from, to, cpuAtFrom, cpuAtTo] = [0, 0, 0, 0];
  try {
    const result = await inChild({ ...load, trunk: sipp.port, portFrom, portTo }, (line) => {
      if (line === "talking") [from, cpuAtFrom] = [Date.now(), familyCpuSeconds(sipp.pid)];
      if (line === "over") [to, cpuAtTo] = [Date.now(), familyCpuSeconds(sipp.pid)];
    });
    await capture.stop();
    const lastOfTheirs = sipp.mediaPort + 4 * (load.calls + 20);
    return {
      result,
      packets: readCapture(file),
      from,
      to,
      theirCpuSeconds: cpuAtTo - cpuAtFrom,
      isOurs: (port) => port >= portFrom && port <= portTo,
      isTheirs: (port) => port >= sipp.mediaPort && port <= lastOfTheirs,
    };
  } finally {
    await capture.stop().catch(() => undefined); // a second time, or after what is reported already
    await sipp.stop();
  }
}

function inChild(load: CallLoad, heard: (line: string) => void): Promise<LoadResult> {
  const child = spawn(process.execPath, [process.argv[1] ?? "", "place", JSON.stringify(load)], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("{")) text = line;
      else heard(line);
    }
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(text) as LoadResult); // it prints just that
      else reject(new Error(`The process that calls ended with ${code}.`));
    });
  });
}

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

/** From each decision to its INVITE on the wire, in ms. */
function delaysOf({ result, packets }: Run): number[] {
  const first = new Map<string, number>();
  for (const { at, payload } of packets) {
    const number = /^INVITE sip:\+?(\d+)@/u.exec(payload.toString("latin1", 0, 60))?.[1];
    if (number !== undefined && !first.has(number)) first.set(number, at);
  }
  return result.decided.map(([number, at]) => (first.get(number) ?? Number.NaN) - at);
}

interface Measured {
  readonly calls: number;
  readonly ours: Pacing;
  readonly theirs: Pacing;
  readonly ourCpu: number;
  readonly theirCpu: number;
  readonly memoryMb: number;
}

/** All that left while all talked. @throws when a call or a packet was lost: then there is nothing to compare */
function measured(calls: number, { result, packets, from, to, theirCpuSeconds, isOurs, isTheirs }: Run): Measured {
  const within = packets.filter(({ at }) => at >= from && at <= to);
  const toUs = within.filter((packet) => isOurs(packet.to));
  const [ours, theirs] = [pacingOf(within, isOurs), pacingOf(toUs, isTheirs)];
  const wall = (to - from) / 1000;
  if (result.answered !== calls || result.dropped > 0 || ours.streams !== calls) {
    throw new Error(`Of ${calls} calls ${result.answered} were answered, ${result.dropped} dropped, ${ours.streams} had sound.`);
  }
  if (result.overflown > 0) console.warn(`${result.overflown} datagrams to us were not read in time.`);
  return {
    calls,
    ours,
    theirs,
    ourCpu: (result.cpuSeconds / wall) * 100,
    theirCpu: (theirCpuSeconds / wall) * 100,
    memoryMb: result.memoryMb,
  };
}

const heading = ["calls at once", "whose sound", "packets", "lost", "unevenness p50 (ms)", "p99 (ms)", "most (ms)", "CPU (% of a core)"];

const rowsOf = ({ calls, ours, theirs, ourCpu, theirCpu }: Measured): string[][] => {
  const row = (name: string, { packets, lost, p50, p99, max }: Pacing, cpu: number): string[] => [
    String(calls),
    name,
    String(packets),
    String(lost),
    ...[p50, p99, max].map((value) => value.toFixed(2)),
    cpu.toFixed(1),
  ];
  return [row("Hinoban's (sends, receives, asks)", ours, ourCpu), row("sipp's (sends)", theirs, theirCpu)];
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { calls: { type: "string" }, talk: { type: "string" }, docs: { type: "boolean" } },
    allowPositionals: true,
  });
  const counts = (values.calls ?? "20,100").split(",").map(Number);
  const talk = Number(values.talk ?? 15) * 1000;
  const folder = mkdtempSync(join(tmpdir(), "hinoban-bench-calls-"));
  try {
    const refused = await run(folder, scenarios.refuses("486 Busy Here"), { calls: 300, every: 25, talk: 0 });
    const delays = delaysOf(refused);
    const [p50, p99] = [quantile(delays, 0.5), quantile(delays, 0.99)];
    const soon = `From the decision to call to the INVITE on the wire: ${p50.toFixed(2)} ms (median), ${p99.toFixed(2)} ms (p99 of ${delays.length} calls).`;
    console.log(soon);
    const all: Measured[] = [];
    for (const calls of counts) {
      const scenario = scenarios.presses([], { length: 120_000, says: babble(120_000, 3) });
      all.push(measured(calls, await run(folder, scenario, { calls, every: 40, talk })));
    }
    const rows = all.flatMap(rowsOf);
    printTable(heading, rows);
    const told = all.map(
      ({ calls, ours, theirs, ourCpu, memoryMb }) =>
        `${calls} calls: p99 is ${(ours.p99 / theirs.p99).toFixed(2)} of sipp's, ${(ourCpu / calls).toFixed(2)} % of a core a call, ` +
        `${ours.skipped.toFixed(0)} ms left out, ${memoryMb.toFixed(0)} MB resident.`,
    );
    console.log(told.join("\n"));
    keepHistory("calls", { inviteP50: p50, inviteP99: p99, ...Object.fromEntries(all.map((one) => [`calls${one.calls}`, one])) });
    if (values.docs) replaceInDocs("calls", `${tableText(heading, rows)}\n\n${soon} ${told.join(" ")} ${takenOn()}, beside other work.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === "place") {
  hurry(process.pid);
  await placeCalls(JSON.parse(process.argv[3] ?? "{}") as CallLoad); // our own words
} else await main();
