import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { afterAll } from "vitest";
import { until } from "./until.ts";

/** A program that serves until it is stopped. */
export interface Daemon {
  readonly pid: number;
  /** All that it printed. */
  output(): string;
  stop(): Promise<void>;
}

export interface DaemonOptions {
  /** It is ready when something listens there. */
  readonly port: number;
  /** Some servers refuse to run as root: then as nobody. */
  readonly isUnprivileged?: boolean;
  readonly stopSignal?: NodeJS.Signals;
}

const running = new Set<Daemon>();

/** Ends every program with the test file that started it. */
export function withDaemons(): void {
  afterAll(async () => {
    for (const daemon of running) await daemon.stop();
  });
}

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534 };
const environment = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8" };

/** Gives `folder` to whom an unprivileged program runs as. */
export function giveAway(folder: string): void {
  if (isRoot) chownSync(folder, nobody.uid, nobody.gid);
}

/** The folder with initdb and its kin of Debian's PostgreSQL 15 or later. */
export function postgresPrograms(): string {
  const folders = readdirSync("/usr/lib/postgresql").filter((version) => Number(version) >= 15);
  const found = folders.map((version) => `/usr/lib/postgresql/${version}/bin`).find((folder) => existsSync(`${folder}/initdb`));
  if (found === undefined) throw new Error("There is no PostgreSQL 15 or later below /usr/lib/postgresql.");
  return found;
}

/** Runs a program to its end. @throws with its output when it fails */
export function runOnce(file: string, args: readonly string[], isUnprivileged = false): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    encoding: "utf8",
    cwd: "/",
    env: environment,
    ...(isRoot && isUnprivileged ? nobody : {}),
  });
  if (status !== 0) throw new Error(`${file} ended with ${status ?? error?.message ?? "a signal"}: ${stderr}${stdout}`);
  return stdout;
}

/** Starts a server in the foreground and waits until it listens. */
export async function startDaemon(file: string, args: readonly string[], options: DaemonOptions): Promise<Daemon> {
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: "/",
    env: environment,
    ...(isRoot && options.isUnprivileged === true ? nobody : {}),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const exit = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.once("error", (error) => (output += error.message));
  const daemon: Daemon = {
    pid: child.pid ?? 0,
    output: () => output,
    stop: async () => {
      running.delete(daemon);
      if (hasEnded(child)) return;
      child.kill(options.stopSignal ?? "SIGTERM");
      await exit;
    },
  };
  running.add(daemon);
  await until(`${file} listens`, 30_000, async () => {
    if (hasEnded(child)) throw new Error(`${file} ended: ${output}`);
    return isListening(options.port);
  });
  return daemon;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

/** A port of the loopback interface that nobody uses. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
