import { spawn } from "node:child_process";
import type { PingFacts } from "#wire/probe-outcomes";
import type { PingSpec } from "#wire/probe-specs";
import { codeOf, failure } from "./failure.ts";
import type { Answered, Findings, Ground } from "./ground.ts";
import { resolveHost, type Target } from "./names.ts";
import type { Trace } from "./trace.ts";

const usualCount = 3;
/** Seconds that an answer to the last packet may take. */
const mostWait = 3;
/** Seconds between two packets: the least that `ping` allows everybody. */
const between = 0.2;
const mostOutput = 16 * 1024;
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs the system's `ping`: raw sockets need rights that it has and we have not. */
export async function probePing(ground: Ground, trace: Trace, findings: Findings, spec: PingSpec): Promise<Answered> {
  const [target] = await resolveHost(trace, ground.names, ground.rules, { host: spec.host, family: spec.family, usual: "auto" });
  if (!target) throw failure("name-unknown", `${spec.host} has no address`);
  findings.address = target.address;
  const count = spec.count ?? usualCount;
  return trace.step("ping", { late: () => "no-reply", address: target.address }, async () => {
    const wait = Math.max(1, Math.min(mostWait, Math.floor(trace.left / 1000 - count * between)));
    const output = await runPing(trace, target, count, wait);
    const facts = pingFacts(output);
    if (!facts) throw failure("cannot-probe", `ping: ${firstLine(output)}`);
    findings.ping = facts;
    if (facts.received === 0) throw silence(output, facts);
    if (facts.lossPercent > (spec.mostLoss ?? 99)) throw failure("packet-loss", lossText(facts));
    const message = `${lossText(facts)}, ${facts.averageMillis ?? 0} ms`;
    return { value: { message, millis: facts.averageMillis ?? 0 }, detail: message };
  });
}

const lossText = ({ sent, received, lossPercent }: PingFacts): string => `${received} of ${sent} answered (${lossPercent} % lost)`;

function runPing(trace: Trace, { address, family }: Target, count: number, wait: number): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn("ping", ["-n", `-${family}`, "-c", String(count), "-i", String(between), "-W", String(wait), address], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: path, LC_ALL: "C" },
    });
    trace.onEnd(() => void child.kill("SIGKILL"));
    let output = "";
    const collect = (chunk: Buffer): void => void (output = (output + chunk.toString("latin1")).slice(-mostOutput));
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", (error) => fail(cannotRun(error)));
    child.once("close", () => done(output));
  });
}

function cannotRun(error: unknown): Error {
  if (codeOf(error) === "ENOENT") return failure("cannot-probe", "the program ping is not installed on the machine that probes");
  return failure("cannot-probe", `ping cannot be run: ${codeOf(error)}`);
}

/** Reads what ping says in the end: of iputils, BusyBox, BSD and macOS. @returns undefined when there is no such line */
export function pingFacts(output: string): PingFacts | undefined {
  const counts = /(\d+) packets transmitted, (\d+) (?:packets )?received/u.exec(output);
  if (!counts) return undefined;
  const sent = Number(counts[1]);
  const received = Math.min(Number(counts[2]), sent); // duplicates are no answers more
  const times = /(?:rtt|round-trip) min\/avg\/max(?:\/\w+)? = ([\d.]+)\/([\d.]+)\/([\d.]+)/u.exec(output);
  return {
    sent,
    received,
    lossPercent: sent === 0 ? 100 : Math.round((1 - received / sent) * 1000) / 10,
    ...(times ? { minMillis: Number(times[1]), averageMillis: Number(times[2]), maxMillis: Number(times[3]) } : {}),
  };
}

function silence(output: string, facts: PingFacts): Error {
  const told =
    /(?:From (\S+?):? .*?)?((?:Destination (?:Host|Net|Port|Protocol) (?:Unreachable|Prohibited|Unknown)|Packet filtered|Time to live exceeded|Time exceeded)[^\n]*)/iu.exec(
      output,
    );
  if (told) return failure("unreachable", `${told[2] ?? ""}${told[1] === undefined ? "" : `, says ${told[1]}`}`.slice(0, 300));
  return failure("no-reply", lossText(facts));
}

const firstLine = (output: string): string => {
  const line = output.trim().split("\n")[0] ?? "";
  return line === "" ? "it said nothing" : line.replace(/^ping6?: /u, "").slice(0, 300);
};
