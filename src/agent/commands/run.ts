import { seconds, type Millis } from "#base/duration";
import { HinobanError } from "#base/errors";
import { loadConfig, programEnvironment, type Flags } from "../config.ts";
import type { AgentIo } from "../io.ts";
import { createLog } from "../log.ts";
import { openCommandRunner } from "../plugins/command.ts";
import { AgentRuntime } from "../runtime.ts";
import { MachineReader } from "../system.ts";

/** The longest a stop may take before the process gives up waiting, which loses nothing: what is unsent stays on disk. */
const stopWithin: Millis = seconds(10);

/** `hinoban-agent run`: until SIGTERM, SIGINT or, with `--parent`, the end of standard input. A second signal ends it at once. */
export async function run(flags: Flags, io: AgentIo): Promise<number> {
  const config = loadConfig(flags);
  const { clock, random } = io;
  const log = createLog(io.err, clock, config.logLevel);
  for (const warning of config.warnings) log.warn(warning);
  const reader = new MachineReader(clock);
  const { platform } = process;
  const runner = openCommandRunner({ clock, environment: programEnvironment(), platform });
  const runtime = new AgentRuntime(config, { clock, log, random, reader, platform, runner, reload: () => loadConfig(flags) });
  const stop = new AbortController();
  const ended = new AbortController();
  const isStopped = new Promise<number>((resolve) => {
    const onStop = (why: string): void => {
      if (stop.signal.aborted) resolve(1);
      log.info(`Stopping: ${why}.`);
      stop.abort();
      clock.after("agent.stop", stopWithin, () => resolve(0));
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      own(
        ended.signal,
        io.onSignal(signal, () => onStop(signal)),
      );
    own(
      ended.signal,
      io.onSignal("SIGHUP", () => runtime.reload()),
    );
    if (flags["parent"] === true)
      own(
        ended.signal,
        watchParent(io, () => onStop("the process that started the agent is gone")),
      );
  });
  try {
    return await Promise.race([runtime.run(stop.signal).then(() => 0), isStopped]);
  } catch (error) {
    if (!(error instanceof HinobanError) || error.code !== "gone") throw error;
    log.error(error.message);
    return 78; // EX_CONFIG: a service manager must not start it again before somebody has changed something
  } finally {
    ended.abort();
  }
}

function own(end: AbortSignal, release: () => void): void {
  end.addEventListener("abort", release, { once: true });
}

/** The pipe to the starting process ends when that process ends, however it ends. It tells so by several events, or by one of them. */
function watchParent({ stdin }: AgentIo, onGone: () => void): () => void {
  const release = (): void => {
    stdin.off("end", tell);
    stdin.off("close", tell);
    stdin.off("error", tell);
    stdin.pause();
  };
  const tell = (): void => {
    release();
    onGone();
  };
  stdin.on("end", tell);
  stdin.on("close", tell);
  stdin.on("error", tell);
  stdin.resume();
  return release;
}
