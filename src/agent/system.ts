import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile, statfs } from "node:fs/promises";
import os from "node:os";
import type { Clock } from "#base/clock";
import { seconds, type Millis } from "#base/duration";
import { HinobanError } from "#base/errors";

/** Bytes of a file system: `free` counts the blocks reserved for root, `available` does not. */
export interface Space {
  readonly total: number;
  readonly free: number;
  readonly available: number;
}

/** One CPU as node:os gives it. */
export type CpuInfo = Pick<os.CpuInfo, "model" | "speed" | "times">;

/** What node:os knows about the machine. */
export interface OsFacts {
  hostname(): string;
  loadavg(): readonly number[];
  cpus(): readonly CpuInfo[];
  totalmem(): number;
  freemem(): number;
  uptime(): number;
  machine(): string;
  type(): string;
  release(): string;
  version(): string;
  networkInterfaces(): NodeJS.Dict<readonly os.NetworkInterfaceInfo[]>;
}

/** Everything that a collector may read. Tests hand in recorded text; every wait ends by itself. */
export interface SystemReader {
  readonly os: OsFacts;
  /** The text of a file. @throws HinobanError "not-found" when it cannot be read. */
  text(path: string): Promise<string>;
  /** The names in a folder. @throws HinobanError "not-found" when it cannot be read. */
  names(path: string): Promise<readonly string[]>;
  /** The space of the file system mounted at `path`. @throws HinobanError "timeout" when it hangs, "not-found" when it cannot be read. */
  space(path: string): Promise<Space>;
  /** Standard output of a program. @throws HinobanError "unavailable" when it is missing, fails or takes longer than 20 s. */
  command(file: string, args: readonly string[]): Promise<string>;
}

const spaceWithin: Millis = seconds(3);
const commandWithin: Millis = seconds(20);
const longestOutput = 4 * 1024 * 1024;

// A statfs that hangs keeps a thread of the pool (4 threads) for ever. Two may be lost; the rest must go on serving files and names.
const hangingAllowed = 2;

/** The machine itself. */
export class MachineReader implements SystemReader {
  readonly os: OsFacts = os;
  readonly #clock: Clock;
  readonly #hanging = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async text(path: string): Promise<string> {
    try {
      // Kernel files are answered from memory: reading them at once costs a fifth of a trip through the thread pool.
      return path.startsWith("/proc/") || path.startsWith("/sys/") ? readFileSync(path, "utf8") : await readFile(path, "utf8");
    } catch (cause) {
      throw new HinobanError("not-found", `Cannot read ${path}.`, { path }, { cause });
    }
  }

  async names(path: string): Promise<readonly string[]> {
    try {
      return await readdir(path);
    } catch (cause) {
      throw new HinobanError("not-found", `Cannot list ${path}.`, { path }, { cause });
    }
  }

  async space(path: string): Promise<Space> {
    if (this.#hanging.has(path) || this.#hanging.size >= hangingAllowed) {
      throw new HinobanError("timeout", `The file system at ${path} is not asked: an earlier question still hangs.`, { path });
    }
    this.#hanging.add(path);
    const asked = statfs(path).finally(() => this.#hanging.delete(path));
    try {
      const found = await withinTime(this.#clock, `agent.statfs ${path}`, spaceWithin, asked);
      return { total: found.blocks * found.bsize, free: found.bfree * found.bsize, available: found.bavail * found.bsize };
    } catch (cause) {
      if (cause instanceof HinobanError) throw cause;
      throw new HinobanError("not-found", `Cannot read the file system at ${path}.`, { path }, { cause });
    }
  }

  command(file: string, args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = {
        timeout: commandWithin,
        killSignal: "SIGKILL",
        maxBuffer: longestOutput,
        windowsHide: true,
        encoding: "utf8",
      } as const;
      execFile(file, args, options, (cause, stdout) => {
        if (cause) reject(new HinobanError("unavailable", `${file} failed.`, { file }, { cause }));
        else resolve(stdout);
      });
    });
  }
}

/** The outcome of `work`, or HinobanError "timeout" after `within`. The work itself is not stopped. */
export async function withinTime<T>(clock: Clock, name: string, within: Millis, work: Promise<T>): Promise<T> {
  let giveUp: (error: Error) => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const timer = clock.after(name, within, () => giveUp(new HinobanError("timeout", `${name} took longer than ${within} ms.`)));
  work.catch(() => undefined); // a failure after the deadline has no listener left
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.cancel();
  }
}
