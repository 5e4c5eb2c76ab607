import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";

/** A process as /proc shows it. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** User and system time of it and of its children that ended and were waited for, in seconds. */
  readonly cpuSeconds: number;
}

const ticksPerSecond = 100; // USER_HZ, the same on every Linux

function processRow(pid: number): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" "); // the name before may hold anything
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0); // utime, stime, cutime, cstime
    return {
      pid,
      parent: Number(fields[1]),
      command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "),
      cpuSeconds: ticks / ticksPerSecond,
    };
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** A process and all its descendants, the process itself first. */
export function family(root: number): ProcessRow[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => processRow(Number(name)) ?? []);
  const found = all.filter((one) => one.pid === root);
  for (const one of found) found.push(...all.filter((other) => other.parent === one.pid));
  return found;
}

/** CPU seconds of a process and its descendants so far, ended ones included. */
export const familyCpuSeconds = (root: number): number => family(root).reduce((sum, one) => sum + one.cpuSeconds, 0);

function kilobytes(file: string, key: string): number {
  try {
    return Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "mu").exec(readFileSync(file, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // it ended meanwhile
  }
}

/** Proportional set size in MB: memory shared between processes is counted once. */
export const pssMb = (pid: number): number => kilobytes(`/proc/${pid}/smaps_rollup`, "Pss") / 1024;

/** Resident memory of a process and its descendants in MB, what they share counted once. */
export const familyPssMb = (root: number): number => family(root).reduce((sum, one) => sum + pssMb(one.pid), 0);

/** Waits until a family of processes uses less than 2 % of a core, but at most this long: work that was put off counts too. */
export async function untilQuiet(root: number, atMostMs = 15_000): Promise<void> {
  const end = performance.now() + atMostMs;
  let before = familyCpuSeconds(root);
  while (performance.now() < end) {
    await pause(1000);
    const now = familyCpuSeconds(root);
    if (now - before < 0.02) return;
    before = now;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A free port below those that the kernel gives out, for programs that refuse high ones. */
export async function freeLowPort(): Promise<number> {
  for (let port = 20_000 + (process.pid % 5000); port < 32_000; port++) if (await freePort(port).catch(() => 0)) return port;
  throw new Error("There is no free port between 20000 and 32000.");
}

/** A port on loopback that nobody listens on now. @param wanted any when 0; rejects when it is taken */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(wanted, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** Bytes of all files below a folder; a file with several names counts once. */
export function bytesBelow(folder: string, seen = new Set<string>()): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += bytesBelow(path, seen);
    if (!entry.isFile()) continue;
    const { size, dev, ino } = statSync(path);
    const identity = `${dev}/${ino}`;
    if (!seen.has(identity)) sum += size;
    seen.add(identity);
  }
  return sum;
}

/** A server under measurement. */
export interface Daemon {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The end of what it printed. */
  readonly output: () => string;
  /** SIGTERM, then waits for its end. */
  readonly stop: () => Promise<void>;
}

/** Starts a program and waits until `readyUrl` answers with success. @throws with what it printed when it ends before, or after a minute. */
export const startDaemon = (command: string, args: readonly string[], readyUrl: string): Promise<Daemon> =>
  startUntil(command, args, () => answers(readyUrl));

/** The same for a program that speaks no HTTP: it is ready when `address` (host:port) takes connections. */
export function startProgram(command: string, args: readonly string[], address: string): Promise<Daemon> {
  const [host = "", port = ""] = address.split(":");
  return startUntil(command, args, () => listens(host, Number(port)));
}

async function startUntil(command: string, args: readonly string[], isReady: () => Promise<boolean>): Promise<Daemon> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const keep = (chunk: string): void => void (text = (text + chunk).slice(-20_000));
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  child.once("error", (error) => keep(String(error)));
  const daemon: Daemon = { pid: child.pid ?? 0, child, output: () => text, stop: () => stopChild(child) };
  const end = performance.now() + 60_000;
  while (!(await isReady())) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`${command} ended: ${text}`);
    if (performance.now() > end) {
      await daemon.stop();
      throw new Error(`${command} was not ready within a minute: ${text}`);
    }
    await pause(20);
  }
  return daemon;
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );

const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect({ host, port }, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });

function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

/** Installs a Debian package if its program is absent. @throws when that needs a person. */
export function ensureProgram(path: string, debianPackage: string): void {
  if (existsSync(path)) return;
  if (process.getuid?.() !== 0) throw new Error(`${path} is missing. As root: apt-get install ${debianPackage}`);
  execFileSync("apt-get", ["install", "-y", "--no-install-recommends", debianPackage], { stdio: "inherit" });
  if (!existsSync(path)) throw new Error(`The package ${debianPackage} has no ${path}.`);
}

/** The version of an installed Debian package. */
export function packageVersion(debianPackage: string): string {
  return execFileSync("dpkg-query", ["--show", "--showformat", "${Version}", debianPackage], { encoding: "utf8" }).trim();
}
