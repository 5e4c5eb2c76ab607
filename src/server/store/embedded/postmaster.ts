import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#base/clock";
import { millis, minutes, seconds } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { launch, type Launcher } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import type { PostgresLog } from "./log-file.ts";
import { endGently, processesOf, signalTo } from "./processes.ts";
import { tryConnect, type Attempt } from "./roles.ts";
import { asArguments } from "./settings.ts";
import type { Log, PostgresExit } from "./types.ts";
import type { ClientConfig } from "pg";

export interface PostmasterOptions {
  readonly binaries: Binaries;
  readonly launcher: Launcher;
  readonly clusterDir: string;
  readonly socket: { readonly host: string; readonly port: number };
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly output: PostgresLog;
  /** How to find out that the server answers; a refused password is an answer too. */
  readonly probe: () => ClientConfig;
}

/** One run of the `postgres` program. */
interface Run {
  readonly child: ChildProcess;
  readonly exited: Promise<PostgresExit>;
  exit: PostgresExit | undefined;
}

const startPatience = minutes(15); // recovery after a crash may have to read much log
const steadyAfter = minutes(1); // having run this long, a crash counts as the first again
const longestBackOff = seconds(10);

/** Runs `postgres`, and again when it ends by itself, until told to stop. */
export class Postmaster {
  readonly #options: PostmasterOptions;
  readonly #listeners: ((exit: PostgresExit) => void)[] = [];
  readonly #ending = new AbortController();
  readonly #atProcessExit = (): void => void this.#run?.child.kill("SIGINT"); // for machines without setpriv
  #run: Run | undefined;
  #keeping: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: PostmasterOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#run && !this.#run.exit ? this.#run.child.pid : undefined;
  }

  onExit(listener: (exit: PostgresExit) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Starts the server and resolves when it answers.
   * @throws HinobanError "unavailable" with the last lines it printed.
   */
  async start(): Promise<void> {
    process.once("exit", this.#atProcessExit);
    for (let attempt = 0; ; attempt += 1) {
      await endLeftovers(this.#options);
      const run = this.#spawn();
      const exit = await this.#untilReady(run);
      if (!exit) {
        this.#keeping = this.#keepRunning(run);
        return;
      }
      // A process that the kernel has not cleaned up yet may hold the directory for a moment longer.
      const isHeld = exit.lastLines.some((line) => /lock file .* already exists|pre-existing shared memory block/u.test(line));
      if (!isHeld || attempt >= 6) throw didNotStart(exit);
      await this.#options.clock.sleep("embedded.retry", millis(100 * 2 ** attempt));
    }
  }

  /** Makes the server read its configuration files again. */
  reload(): void {
    this.#run?.child.kill("SIGHUP");
  }

  /** Ends the server. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#ending.abort(new Error("stopping"));
    process.removeListener("exit", this.#atProcessExit);
    const run = this.#run;
    if (run && !run.exit) {
      const signal = await endGently(
        this.#options.clock,
        (name) => run.child.kill(name),
        () => run.exit !== undefined,
      );
      if (signal !== "SIGINT")
        this.#options.log.warn({ signal }, "PostgreSQL did not end when asked to; its next start begins with recovery");
    }
    await this.#keeping;
    await this.#options.output.flush();
  }

  #spawn(): Run {
    const { binaries, launcher, clusterDir, socket, settings, output, log } = this.#options;
    output.forget();
    const args = ["-D", clusterDir, "-k", socket.host, "-p", String(socket.port), ...asArguments(settings)];
    const { command, args: all, ids } = launch(launcher, join(binaries.binDir, "postgres"), args, "INT");
    // A session of its own: Ctrl-C in a terminal is for us, and we end PostgreSQL after the last request.
    const child = spawn(command, all, {
      cwd: "/",
      env: { LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
      ...ids,
    });
    output.follow(child.stderr, (line) => {
      if (/\bPANIC:|No space left on device/u.test(line)) log.error({ line }, "PostgreSQL reports a grave problem");
    });
    const exited = new Promise<PostgresExit>((resolve) => {
      const settle = (code: number | null, signal: string | null): void => {
        run.exit ??= { code, signal, lastLines: [...output.lastLines] };
        resolve(run.exit);
      };
      child.once("error", (error) => {
        output.add(messageOf(error));
        settle(null, null);
      });
      child.once("exit", (code, signal) => void (run.exit ??= { code, signal, lastLines: [...output.lastLines] }));
      child.once("close", settle); // after "exit": everything it printed has been read
    });
    const run: Run = { child, exited, exit: undefined };
    this.#run = run;
    return run;
  }

  /** Resolves with undefined when the server answers, with the exit when it ended instead. */
  async #untilReady(run: Run): Promise<PostgresExit | undefined> {
    const { clock, log, probe } = this.#options;
    const began = clock.mono();
    let told = began;
    for (let wait = 10; ; wait = Math.min(wait * 1.3, 250)) {
      if (run.exit) return run.exited;
      const attempt = await tryConnect(probe());
      if (attempt.outcome !== "not-yet" && !run.exit) return undefined;
      if (clock.mono() - began > startPatience) throw tooSlow(attempt);
      if (clock.mono() - told > seconds(10)) {
        told = clock.mono();
        log.info({ ...attempt }, "waiting for PostgreSQL to become ready");
      }
      await clock.sleep("embedded.ready", millis(wait));
    }
  }

  async #keepRunning(first: Run): Promise<void> {
    const { clock, log } = this.#options;
    let failures = 0;
    let run = first;
    for (;;) {
      const began = clock.mono();
      const exit = await run.exited;
      if (this.#ending.signal.aborted) return;
      if (clock.mono() - began > steadyAfter) failures = 0;
      log.error(
        { code: exit.code, signal: exit.signal, lastLines: exit.lastLines.slice(-5) },
        "PostgreSQL ended by itself; starting it again",
      );
      for (const listener of this.#listeners) listener(exit);
      const next = await this.#restart(failures);
      if (!next) return;
      failures += 1;
      run = next;
    }
  }

  /** One try after a pause that grows with the failures before it; undefined when we are to stop. */
  async #restart(failures: number): Promise<Run | undefined> {
    const { clock, log } = this.#options;
    for (let tries = failures; ; tries += 1) {
      try {
        if (tries > 0) await clock.sleep("embedded.restart", millis(Math.min(100 * 2 ** tries, longestBackOff)), this.#ending.signal);
        await endLeftovers(this.#options);
        if (this.#ending.signal.aborted) return undefined;
        const run = this.#spawn();
        void this.#untilReady(run).then(
          (exit) => exit ?? log.info({ pid: run.child.pid }, "PostgreSQL answers again"),
          (error: unknown) => log.error({ error: messageOf(error) }, "PostgreSQL does not become ready"),
        );
        return run;
      } catch (error) {
        if (this.#ending.signal.aborted) return undefined;
        log.error({ error: messageOf(error) }, "PostgreSQL could not be started again; trying once more");
      }
    }
  }
}

const didNotStart = (exit: PostgresExit): HinobanError =>
  new HinobanError(
    "unavailable",
    `PostgreSQL did not start (ended with ${exit.code ?? exit.signal ?? "an error"}): ${exit.lastLines.slice(-8).join(" / ")}`,
    {
      ...exit,
    },
  );

const tooSlow = (attempt: Attempt): HinobanError =>
  new HinobanError("timeout", `PostgreSQL did not become ready within ${startPatience / 60_000} minutes.`, { ...attempt });

/**
 * Ends processes of an earlier PostgreSQL on this cluster whose supervisor is gone (we hold the supervisor's lock), and removes a
 * `postmaster.pid` that no process stands behind any more: the id in it may by now belong to something else, or to a zombie that nobody reaps.
 */
export async function endLeftovers(options: Pick<PostmasterOptions, "clusterDir" | "clock" | "log">): Promise<void> {
  const { clusterDir, clock, log } = options;
  const found = processesOf(clusterDir);
  if (found.length > 0) {
    log.warn({ pids: found.map((one) => one.pid) }, "ending a PostgreSQL that an earlier run left behind");
    const send = (signal: NodeJS.Signals): void => {
      const living = processesOf(clusterDir);
      const postmaster = living.filter((one) => one.isPostmaster);
      // The postmaster ends its own children; without one, INT would only cancel a query, so the children are told to quit.
      for (const { pid } of postmaster) signalTo(pid, signal);
      if (postmaster.length === 0 || signal === "SIGKILL")
        for (const { pid } of living) signalTo(pid, signal === "SIGINT" ? "SIGTERM" : signal);
    };
    const how = await endGently(clock, send, () => processesOf(clusterDir).length === 0);
    if (how === undefined) {
      const pids = processesOf(clusterDir).map((one) => one.pid);
      throw new HinobanError("conflict", `An earlier PostgreSQL (process ${pids.join(", ")}) on ${clusterDir} cannot be ended.`, { pids });
    }
  }
  // Only Linux shows all processes of a cluster; elsewhere PostgreSQL itself judges the file.
  if (process.platform === "linux") rmSync(join(clusterDir, "postmaster.pid"), { force: true });
}
