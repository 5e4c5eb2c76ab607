import { spawn, type ChildProcess } from "node:child_process";
import type { Clock, Timer } from "#base/clock";
import { millis, seconds } from "#base/duration";
import type { Secret } from "#base/secret";
import type { Log } from "./log.ts";

export interface LocalAgentOptions {
  /** The bundled agent. */
  readonly file: string;
  readonly serverUrl: string;
  readonly key: Secret;
  readonly stateDir: string;
  readonly clock: Clock;
  readonly log: Log;
}

const longestWait = seconds(60);
const endWithin = seconds(12); // the agent itself takes up to 10 s to flush

/** The agent of the server's own machine: a child process that ends with its parent and is started again when it ends by itself. */
export class LocalAgent {
  readonly #options: LocalAgentOptions;
  #child: ChildProcess | undefined;
  #retry: Timer | undefined;
  #failures = 0;
  #isEnding = false;

  constructor(options: LocalAgentOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { file, serverUrl, key, stateDir, log } = this.#options;
    // The key travels in the environment, where only root and the same account can read it. stdin stays open: its end tells the agent that we are gone.
    const child = spawn(process.execPath, ["--max-old-space-size=48", "--max-semi-space-size=1", file, "run", "--parent"], {
      stdio: ["pipe", "ignore", "pipe"],
      env: {
        PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
        HINOBAN_AGENT_CONFIG: "none", // a service's own agent on this machine may have a file for another server
        HINOBAN_AGENT_SERVER: serverUrl,
        HINOBAN_AGENT_KEY: key.reveal(),
        HINOBAN_AGENT_STATE_DIR: stateDir,
      },
    });
    this.#child = child;
    child.stdin.on("error", () => undefined); // it ended before us: "exit" tells
    let last = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      last = text.trimEnd().split("\n").at(-1) ?? last;
      for (const line of text.trimEnd().split("\n")) log.debug({ agent: line }, "agent");
    });
    child.on("error", (error) => log.warn({ error: error.message }, "the local agent cannot be started"));
    child.on("exit", (code, signal) => this.#ended(code, signal, last));
  }

  /** Ends the agent and waits for it; by force when it does not go. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    this.#retry?.cancel();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const force = this.#options.clock.after("local-agent.force", endWithin, () => void child.kill("SIGKILL"));
      child.once("exit", () => {
        force.cancel();
        resolve();
      });
      child.kill("SIGTERM");
    });
  }

  #ended(code: number | null, signal: string | null, last: string): void {
    if (this.#isEnding) return;
    this.#failures += 1;
    const wait = millis(Math.min(longestWait, 1000 * 2 ** Math.min(this.#failures, 6)));
    this.#options.log.warn({ code, signal, last, againInMs: wait }, "the local agent ended; starting it again");
    this.#retry = this.#options.clock.after("local-agent.restart", wait, () => this.start());
  }
}
