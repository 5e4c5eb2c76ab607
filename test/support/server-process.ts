import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

const bundle = fileURLToPath(new URL("../../dist/hinoban.js", import.meta.url));

/** A real server process on a data directory of its own. */
export interface ServerProcess {
  readonly url: string;
  /** The one-time link; undefined once the installation was set up. */
  readonly setupUrl: string | undefined;
  readonly pid: number;
  /** All it printed so far. */
  output(): string;
  /** Sends a signal and waits for the end; the exit code, or the signal's name. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
}

export interface StartServer {
  readonly dataDir: string;
  readonly port: number;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** Starts `hinoban server` and waits until it tells its address. The build must be current. @throws with its output when it ends before. */
export async function startServer({ dataDir, port, args = [], env = {}, cwd }: StartServer): Promise<ServerProcess> {
  const fixed = ["server", "--data-dir", dataDir, "--port", String(port), "--host", "127.0.0.1", "--log-format", "json"];
  const child = spawn(process.execPath, [bundle, ...fixed, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HINOBAN_ZABBIX_PORT: "0", ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  const setupUrl = (): string | undefined => /(http:\/\/\S+\/setup#\S+)/u.exec(text)?.[1];
  await until("the server tells its address", 60_000, () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended: ${text}`);
    return setupUrl() !== undefined || /Console: http/u.test(text);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    setupUrl: setupUrl(),
    pid: child.pid ?? 0,
    output: () => text,
    end: (signal = "SIGTERM") => endProcess(child, signal),
  };
}

function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | string> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once("exit", (code, by) => resolve(code ?? by ?? "unknown"));
    child.kill(signal);
  });
}

/** A port on loopback that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** The pid of the embedded postmaster of a data directory, wherever its files lie. */
export function postmasterPid(dataDir: string): number {
  const home = join(dataDir, "postgres");
  let place = home;
  try {
    place = (JSON.parse(readFileSync(join(home, "location.json"), "utf8")) as { path?: string; home?: string }).path ?? home;
  } catch {
    // not relocated
  }
  return Number(readFileSync(join(place, "cluster", "postmaster.pid"), "utf8").split("\n")[0]);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
