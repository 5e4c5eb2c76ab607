import { spawn, type ChildProcess } from "node:child_process";

/** A real agent: its bundled file in a process of its own. */
export interface AgentProcess {
  readonly pid: number;
  /** Its log so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it and waits; the exit code, or the name of the signal. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
}

/** Starts `hinoban-agent run` with exactly these arguments. */
export function startAgent(bundle: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): AgentProcess {
  const child: ChildProcess = spawn(process.execPath, [bundle, "run", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ...env },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  const ended = new Promise<number | string>((resolve) => child.once("close", (code, by) => resolve(code ?? by ?? "unknown")));
  return {
    pid: child.pid ?? 0,
    output: () => text,
    signal: (signal) => void child.kill(signal),
    end: (signal = "SIGTERM") => {
      child.kill(signal);
      return ended;
    },
  };
}
