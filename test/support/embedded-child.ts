// A process of its own that runs the supervisor, for tests that kill it. Bundled by embedded-process.ts; takes its options as JSON.
import { SystemClock } from "#adapters/clock/system";
import { HinobanError, messageOf } from "#base/errors";
import { startEmbedded, type EmbeddedOptions } from "../../src/server/store/embedded/index.ts";

const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const log = (facts: object, message: string): void => say({ type: "log", message, facts });

// What arrives is what embedded-process.ts sent.
const options = JSON.parse(process.argv[2] ?? "{}") as Omit<EmbeddedOptions, "clock" | "log">;

try {
  const postgres = await startEmbedded({ ...options, clock: new SystemClock(), log: { debug: log, info: log, warn: log, error: log } });
  // Before anybody is told that it is ready: they may end it at once.
  process.once("SIGTERM", () => {
    void postgres.stop().then(() => process.exit(0));
  });
  say({
    type: "ready",
    pid: postgres.pid,
    clusterDir: postgres.clusterDir,
    binDir: postgres.binDir,
    connection: postgres.connection("owner"),
  });
} catch (error) {
  say({ type: "failed", code: error instanceof HinobanError ? error.code : "?", message: messageOf(error) });
  process.exitCode = 1;
}
