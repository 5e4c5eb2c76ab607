import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import type { Readable } from "node:stream";
import type { Clock, Timer } from "#base/clock";
import { seconds, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import type { CommandSpec } from "../conf/plugins.ts";
import { asUser, type Account } from "./accounts.ts";
import { Gate } from "./gate.ts";

/** How a program ended. Output is cut at the cap that was asked for; the rest is read and forgotten, so that no program hangs on a full pipe. */
export type RunResult =
  | { readonly kind: "exited"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** By a signal, for example of the kernel that ran out of memory. */
  | { readonly kind: "killed"; readonly signal: string; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "timeout"; readonly stdout: string; readonly stderr: string }
  /** It never ran. */
  | { readonly kind: "failed"; readonly why: string };

export interface RunOptions {
  /** Variables beside the inherited ones and those of the section. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes of each stream that are kept. */
  readonly cap: number;
  /** Ends the program before its time. */
  readonly signal?: AbortSignal;
}

/** Runs the programs of plugins and checks. */
export interface CommandRunner {
  /** Never throws: whatever happens is a result. */
  run(spec: CommandSpec, options: RunOptions): Promise<RunResult>;
}

export interface CommandRunnerDeps {
  readonly clock: Clock;
  /** Variables that every program gets. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
}

/** Programs at the same time: a machine of one core must not start fifty checks in one second. */
const atOnce = 8;

/** Between the polite signal and the one that cannot be ignored. */
const killAfter: Millis = seconds(3);

/** How long output may still come after the end of a program, from children that it left behind. */
const lingerFor: Millis = seconds(1);

/** Opens the runner for this machine. */
export function openCommandRunner({ clock, environment, platform }: CommandRunnerDeps): CommandRunner {
  const gate = new Gate(atOnce);
  const stuck: Stuck = new WeakMap();
  return {
    run: (spec, options) =>
      gate.through(async () => {
        if (options.signal?.aborted === true) return { kind: "failed", why: "the agent ends" };
        // One that no signal ends is reported again and again, and not started beside itself until the machine is full.
        const before = stuck.get(spec);
        if (before && before.exitCode === null && before.signalCode === null) return { kind: "timeout", stdout: "", stderr: "" };
        try {
          const abandon = (child: ChildProcess): void => void stuck.set(spec, child);
          return await start(prepare(spec, options, environment, platform), { timeout: spec.timeout, abandon }, options, clock);
        } catch (error) {
          return { kind: "failed", why: messageOf(error) };
        }
      }),
  };
}

/** Programs that outlived every signal: they hang in the kernel (a network disk that is gone), or belong to an account that is not ours. */
type Stuck = WeakMap<CommandSpec, ChildProcess>;

interface Limits {
  readonly timeout: Millis;
  /** Told of a program that is left to itself. */
  readonly abandon: (child: ChildProcess) => void;
}

interface Prepared {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
  readonly isWindows: boolean;
}

/** @throws HinobanError "not-found" or "forbidden" when the account cannot be taken */
function prepare(
  { command, user, env }: CommandSpec,
  more: RunOptions,
  environment: Readonly<Record<string, string | undefined>>,
  platform: string,
): Prepared {
  const isWindows = platform === "win32";
  const words =
    typeof command !== "string" ? command : isWindows ? ["cmd.exe", "/d", "/s", "/c", `"${command}"`] : ["/bin/sh", "-c", command];
  const account: Account | undefined = user === undefined || isWindows ? undefined : asUser(user);
  const [file = "", ...args] = [...(account?.prefix ?? []), ...words];
  const options: SpawnOptions = {
    stdio: ["ignore", "pipe", "pipe"],
    detached: !isWindows, // a process group of its own, so that all of it can be ended
    windowsHide: true,
    windowsVerbatimArguments: isWindows && typeof command === "string",
    cwd: isWindows ? undefined : "/",
    env: { ...environment, ...account?.env, ...env, ...more.env },
    ...account?.ids,
  };
  return { file, args, options, isWindows };
}

function start(
  { file, args, options, isWindows }: Prepared,
  { timeout, abandon }: Limits,
  { cap, signal }: RunOptions,
  clock: Clock,
): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, options);
    const output = { stdout: keep(child.stdout, cap), stderr: keep(child.stderr, cap) };
    const timers: Timer[] = [];
    let isLate = false;
    let isSettled = false;
    const leave = (): void => {
      abandon(child);
      child.unref();
      finish(null, "SIGKILL");
    };
    const kill = (): void => {
      endGroup(child, "SIGKILL", isWindows);
      timers.push(clock.after("agent.abandon", lingerFor, leave));
    };
    const end = (): void => {
      endGroup(child, "SIGTERM", isWindows);
      timers.push(clock.after("agent.kill", killAfter, kill));
    };
    const settle = (result: RunResult): void => {
      if (isSettled) return;
      isSettled = true;
      for (const timer of timers) timer.cancel();
      signal?.removeEventListener("abort", end);
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (isLate) endGroup(child, "SIGKILL", isWindows); // what ignored the first signal and outlived its parent
      resolve(result);
    };
    timers.push(
      clock.after("agent.command", timeout, () => {
        isLate = true;
        end();
      }),
    );
    signal?.addEventListener("abort", end, { once: true });
    const finish = (code: number | null, by: NodeJS.Signals | null): void => {
      const said = { stdout: output.stdout(), stderr: output.stderr() };
      if (isLate) settle({ kind: "timeout", ...said });
      else if (code === null) settle({ kind: "killed", signal: by ?? "a signal", ...said });
      else settle({ kind: "exited", code, ...said });
    };
    child.once("error", (error: NodeJS.ErrnoException) =>
      settle({
        kind: "failed",
        why: error.code === "ENOENT" ? `${file} was not found` : `${file} cannot be run (${error.code ?? error.message})`,
      }),
    );
    child.once("exit", (code, by) => timers.push(clock.after("agent.linger", lingerFor, () => finish(code, by))));
    child.once("close", finish);
  });
}

/** Keeps the first `cap` bytes of a stream and reads the rest. */
function keep(stream: Readable | null, cap: number): () => string {
  const chunks: Buffer[] = [];
  let left = cap;
  stream?.on("data", (chunk: Buffer) => {
    if (left <= 0) return;
    chunks.push(chunk.subarray(0, left));
    left -= chunk.length;
  });
  stream?.on("error", () => undefined);
  return () => Buffer.concat(chunks).toString("utf8");
}

/** The whole process group; on Windows the tree. */
function endGroup(child: ChildProcess, signal: NodeJS.Signals, isWindows: boolean): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (isWindows)
      spawn("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true }).on("error", () => undefined);
    else process.kill(-pid, signal);
  } catch {
    // already gone, or it belongs to another user whom only sudo may end
  }
}
