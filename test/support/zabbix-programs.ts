import { createServer } from "node:net";
import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach } from "vitest";
import { openFolder } from "./folder.ts";

export interface Psk {
  readonly identity: string;
  readonly key: string;
}

export interface AgentOptions {
  readonly port: number;
  readonly hostName: string;
  readonly psk?: Psk;
  /** More lines of the configuration file. */
  readonly lines?: readonly string[];
}

/** A real agent that only reports. */
export interface RunningAgent {
  output(): string;
  end(): Promise<void>;
}

const running = new Set<RunningAgent>();

/** Ends every agent with the test that started it. */
export function withZabbixAgents(): void {
  afterEach(async () => {
    for (const agent of running) await agent.end();
  });
}

function pskLines(folder: string, psk: Psk | undefined): string[] {
  if (!psk) return [];
  const file = join(folder, "psk.key");
  writeFileSync(file, `${psk.key}\n`, { mode: 0o600 });
  return ["TLSConnect=psk", `TLSPSKIdentity=${psk.identity}`, `TLSPSKFile=${file}`];
}

/** Debian's zabbix_agentd or zabbix_agent2, with nothing but where to report and as whom. */
export async function startZabbixAgent(program: "zabbix_agentd" | "zabbix_agent2", options: AgentOptions): Promise<RunningAgent> {
  const folder = openFolder("hinoban-zabbix-");
  const own =
    program === "zabbix_agentd"
      ? ["StartAgents=0", "AllowRoot=1"]
      : [`ControlSocket=${join(folder, "agent.sock")}`, `ListenPort=${await freeLowPort()}`, "ListenIP=127.0.0.1"];
  const file = join(folder, "agent.conf");
  const lines = [
    "LogType=console",
    `PidFile=${join(folder, "agent.pid")}`,
    `ServerActive=127.0.0.1:${options.port}`,
    `Hostname=${options.hostName}`,
    "BufferSend=1",
    ...own,
    ...pskLines(folder, options.psk),
    ...(options.lines ?? []),
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  const child = spawn(program, ["-f", "-c", file], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, PATH: withSbin() } });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  const agent: RunningAgent = {
    output: () => text,
    end: async () => {
      running.delete(agent);
      await ended(child);
    },
  };
  running.add(agent);
  return agent;
}

/** A free port as agent 2 wants it: 1024 to 32767, below those that the system gives away. */
async function freeLowPort(): Promise<number> {
  for (let port = 20_000 + (process.pid % 10_000); port < 32_768; port += 1) if (await isFree(port)) return port;
  throw new Error("there is no free port below 32768");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

const withSbin = (): string => `${process.env["PATH"] ?? ""}:/usr/sbin`;

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

export interface Sent {
  readonly status: number | null;
  readonly output: string;
}

/** Runs zabbix_sender; the values as lines of its input, `<host> <key> <value>`. */
export function zabbixSender(
  port: number,
  lines: readonly string[],
  { psk, args = [] }: { psk?: Psk; args?: readonly string[] } = {},
): Promise<Sent> {
  const folder = openFolder("hinoban-zabbix-");
  const tls: string[] = [];
  if (psk) {
    const file = join(folder, "psk.key");
    writeFileSync(file, `${psk.key}\n`, { mode: 0o600 });
    tls.push("--tls-connect", "psk", "--tls-psk-identity", psk.identity, "--tls-psk-file", file);
  }
  return new Promise((resolve, reject) => {
    const child = spawn("zabbix_sender", ["-z", "127.0.0.1", "-p", String(port), "-vv", ...tls, ...args, "-i", "-"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => void (output += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => void (output += chunk));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
    child.stdin.end(`${lines.join("\n")}\n`);
  });
}
