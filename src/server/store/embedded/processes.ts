import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#base/clock";
import { millis, seconds, type Millis } from "#base/duration";
import { isCode } from "./system-error.ts";

/**
 * Something that tells one process from a later one with the same id: the kernel's start time of it together with the boot.
 * Undefined when the process does not live (a zombie does not).
 */
export function identityOf(pid: number): string | undefined {
  if (process.platform !== "linux") return isAlive(pid) ? startedAt(pid) : undefined;
  const stat = processStat(pid);
  if (!stat || stat.state === "Z" || stat.state === "X") return undefined;
  return `${bootId()}/${stat.startTicks}`;
}

function startedAt(pid: number): string {
  const { stdout } = spawnSync("/bin/ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env: { LC_ALL: "C" } });
  return stdout?.trim() || "unknown";
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "unknown-boot";
  }
}

interface ProcessStat {
  readonly state: string;
  readonly parent: number;
  /** Clock ticks since boot. */
  readonly startTicks: string;
}

function processStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the name in parentheses and may hold spaces: count from its end. proc(5): state is field 3, ppid 4, starttime 22.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", parent: Number(fields[1]), startTicks: fields[19] ?? "" };
}

/** Whether a process with this id exists; one of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

/** A process of a PostgreSQL that works on a given cluster directory. */
export interface ClusterProcess {
  readonly pid: number;
  /** False for a backend or background process. */
  readonly isPostmaster: boolean;
}

/**
 * The living processes of the PostgreSQL that works on `clusterDir`. On Linux every process of it has that directory as its working
 * directory, so nothing is missed and nothing else is taken for one. Elsewhere only the postmaster named in `postmaster.pid` is looked at.
 */
export function processesOf(clusterDir: string): readonly ClusterProcess[] {
  const lockPid = postmasterPid(clusterDir);
  if (process.platform !== "linux") {
    return lockPid !== undefined && commandOf(lockPid).includes(clusterDir) ? [{ pid: lockPid, isPostmaster: true }] : [];
  }
  const directory = realPath(clusterDir);
  if (directory === undefined) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/u.test(name) && workingDirectory(name) === directory);
  return pids.filter(isPostgres).map((name) => ({ pid: Number(name), isPostmaster: Number(name) === lockPid }));
}

// A person's shell may stand in the directory too.
function isPostgres(pid: string): boolean {
  try {
    return /^(postgres|postmaster)/u.test(readFileSync(`/proc/${pid}/comm`, "utf8"));
  } catch {
    return false;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function workingDirectory(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

const commandOf = (pid: number): string =>
  spawnSync("/bin/ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8", env: { LC_ALL: "C" } }).stdout ?? "";

/** The process id in `postmaster.pid`, whether it lives or not. */
export function postmasterPid(clusterDir: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(clusterDir, "postmaster.pid"), "utf8"), 10);
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** PostgreSQL's shutdown modes and the signals that ask for them, gentlest first. */
const escalation = [
  { signal: "SIGINT", patience: seconds(30) }, // fast: open transactions are rolled back, a checkpoint is written
  { signal: "SIGQUIT", patience: seconds(5) }, // immediate: recovery at the next start
  { signal: "SIGKILL", patience: seconds(5) },
] as const;

/** How long each signal may take before the next, harsher one. */
export type Patience = readonly [fast: Millis, immediate: Millis, force: Millis];

/**
 * Ends something by ever harsher signals until `isGone`. Returns the signal that did it.
 * @returns undefined when even SIGKILL did not help within its time.
 */
export async function endGently(
  clock: Clock,
  send: (signal: NodeJS.Signals) => void,
  isGone: () => boolean,
  patience: Patience = [escalation[0].patience, escalation[1].patience, escalation[2].patience],
): Promise<NodeJS.Signals | undefined> {
  for (const [step, { signal }] of escalation.entries()) {
    if (!isGone()) send(signal);
    if (await becomesTrue(clock, isGone, patience[step] ?? seconds(5))) return signal;
  }
  return undefined;
}

/** Polls until `condition` holds; false when `patience` is over first. */
export async function becomesTrue(clock: Clock, condition: () => boolean, patience: Millis): Promise<boolean> {
  const deadline = clock.mono() + patience;
  for (let wait = 5; !condition(); wait = Math.min(wait * 1.5, 100)) {
    if (clock.mono() >= deadline) return false;
    await clock.sleep("embedded.wait", millis(wait));
  }
  return true;
}

/** Sends a signal; a process that is already gone is no error. */
export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isCode(error, "ESRCH")) throw error;
  }
}
