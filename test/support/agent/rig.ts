import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "#test/fake-clock";
import type { Timer } from "#base/clock";
import { millis, unixMs, type Millis } from "#base/duration";
import { loadConfig, type Flags } from "../../../src/agent/config.ts";
import { createLog } from "../../../src/agent/log.ts";
import { AgentRuntime } from "../../../src/agent/runtime.ts";
import { Waker } from "../../../src/agent/waker.ts";
import { FakeServer } from "#test/agent/fake-server";
import { FakeRunner } from "#test/agent/fake-runner";
import { FixtureReader } from "#test/agent/fixture-reader";

/** How Node names file operations that are under way. */
const fileWork = new Set(["FSReqPromise", "FSReqCallback", "CloseReq"]);

/** A fake clock that knows when its next timer is due, so that a test can stop at each. */
class RigClock extends FakeClock {
  readonly #due = new Map<object, number>();

  override after(name: string, delay: Millis, task: () => void): Timer {
    const entry = {};
    const timer = super.after(name, delay, () => {
      this.#due.delete(entry);
      task();
    });
    this.#due.set(entry, this.mono() + delay);
    return {
      name,
      cancel: () => {
        this.#due.delete(entry);
        timer.cancel();
      },
    };
  }

  // Ends quietly when aborted, and takes its listener with it: hours of sleeps share one signal here.
  override sleep(name: string, delay: Millis, signal?: AbortSignal): Promise<void> {
    return signal ? new Waker(this, name).sleep(delay, signal) : super.sleep(name, delay);
  }

  nextDue(): number {
    return Math.min(...this.#due.values());
  }
}

/** A running agent on a fake clock, a fixed machine, a real folder and a real local server. */
export class AgentRig {
  readonly clock: RigClock;
  readonly server: FakeServer;
  readonly folder: string;
  readonly lines: string[] = [];
  readonly reader = new FixtureReader();
  readonly runner = new FakeRunner();
  readonly #flags: Flags;
  #stop = new AbortController();
  #done: Promise<unknown> = Promise.resolve();
  #hasEnded = false;
  runtime: AgentRuntime | undefined;

  constructor(server: FakeServer, flags: Flags = {}) {
    this.server = server;
    this.clock = new RigClock(unixMs(Date.UTC(2026, 10, 22, 12, 0, 0)));
    // Hours of fake time are hundreds of synced files: in memory where there is such a place, so that a busy disk fails no test.
    this.folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "agent-rig-"));
    this.#flags = { config: "none", server: server.url, "state-dir": join(this.folder, "state"), ...flags };
    this.reader.files.set("/proc/loadavg", "0.10 0.20 0.30 1/1 1\n");
  }

  get stateFolder(): string {
    return join(this.folder, "state");
  }

  /** Starts the agent; with the same folder again after {@link stop}. */
  async start(key: string = this.server.key): Promise<void> {
    const load = () => loadConfig(this.#flags, { HINOBAN_AGENT_KEY: key });
    const log = createLog((text) => void this.lines.push(text.trim()), this.clock);
    this.#stop = new AbortController();
    this.runtime = new AgentRuntime(load(), {
      clock: this.clock,
      log,
      random: () => 0.5,
      reader: this.reader,
      platform: "linux",
      runner: this.runner,
      reload: load,
    });
    this.#done = this.runtime.run(this.#stop.signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    void this.#done.then(() => (this.#hasEnded = true));
    this.#hasEnded = false;
    await this.rest();
  }

  /** Lets `time` pass from timer to timer, and after each lets the agent come to rest. */
  async pass(time: Millis): Promise<void> {
    const end = this.clock.mono() + time;
    do {
      const next = Math.min(this.clock.nextDue(), end);
      await this.clock.advance(millis(Math.max(next - this.clock.mono(), 0)));
      await this.rest();
    } while (this.clock.mono() < end);
  }

  /** Waits until the agent waits only for time: no request is under way, no file is being written. */
  async rest(): Promise<void> {
    const giveUp = Date.now() + 25_000;
    for (let quiet = 0; quiet < 4; quiet += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isBusy()) quiet = 0;
      if (Date.now() > giveUp) throw new Error(`The agent does not come to rest: ${this.clock.timers.join(", ")}`);
    }
  }

  #isBusy(): boolean {
    const { timers } = this.clock;
    if (process.getActiveResourcesInfo().some((resource) => fileWork.has(resource))) return true;
    if (timers.filter((name) => name === "agent.request").length > this.server.hanging) return true;
    const waits = timers.includes("agent.sample") || timers.includes("agent.sources"); // for the minute, or for a slow plugin
    return !this.#hasEnded && !waits && !this.#stop.signal.aborted;
  }

  /** Ends the agent in order. Resolves with the error that ended it, if one did. */
  async stop(): Promise<unknown> {
    this.#stop.abort();
    return this.#done;
  }

  /** The error that ended the agent by itself. */
  ended(): Promise<unknown> {
    return this.#done;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The minutes that the server has, as `12:01`, in order of arrival. */
  minutesAt(): string[] {
    return this.server.posts.flat().map((time) => new Date(time * 1000).toISOString().slice(11, 16));
  }
}
