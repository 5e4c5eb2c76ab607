import { SystemClock } from "#adapters/clock/system";
import { HinobanError, messageOf } from "#base/errors";
import { version } from "#base/version";
import { runBackup, runRestore } from "./backup.ts";
import { settingsOfProcess } from "./config.ts";
import { diagnose, printDiagnosis } from "./doctor.ts";
import { createLogger } from "./log.ts";
import { runResetPassword } from "./reset-password.ts";
import { otherAddresses, runServer, stopWithin } from "./run.ts";
import { runVerification } from "./verification.ts";

/** Where a command talks: texts for people on `out`, trouble on `err`. */
export interface CommandIo {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  /** The folder of the build. */
  readonly dist: string;
}

/** `hinoban server`: runs until SIGTERM or SIGINT; the exit code. */
export async function serverMain(args: readonly string[], io: CommandIo): Promise<number> {
  const { settings, rest, file } = settingsOfProcess(args);
  refuseRest(rest);
  const logger = createLogger(settings, io.out);
  if (file !== undefined) logger.info({ file }, "settings were read");
  const stopped = nextStopSignal();
  const server = await runServer({ settings, dist: io.dist, logger });
  io.out.write(banner(server, settings.host));
  const signal = await stopped;
  logger.info({ signal }, "stopping");
  const force = new SystemClock().after("server.force", stopWithin, () => {
    io.err.write("Stopping took too long; ending now. Nothing acknowledged is lost.\n");
    process.exit(1);
  });
  try {
    await server.close();
    return 0;
  } finally {
    force.cancel();
  }
}

function refuseRest(rest: readonly string[]): void {
  if (rest.length > 0) throw new HinobanError("invalid-input", `Unknown: ${rest.join(" ")}. \`hinoban help server\` lists the settings.`);
}

function nextStopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => resolve(signal)); // stays: a second signal must not end us in the middle of closing
    }
  });
}

function banner(server: Awaited<ReturnType<typeof runServer>>, host: string): string {
  const lines = [`Hinoban ${version} · ${server.database}`];
  if (server.setupUrl === undefined) lines.push(`Console: ${server.url.replace("127.0.0.1", "localhost")}`);
  else lines.push("Set up Hinoban here (this link works once) / 初期設定はこちら(一度だけ有効):", `  ${server.setupUrl}`);
  const others = host === "0.0.0.0" || host === "::" ? otherAddresses(server.url) : [];
  if (others.length > 0) lines.push(`Also reachable at ${others.join(", ")}`);
  return `\n${lines.map((line) => `  ${line}`).join("\n")}\n\n`;
}

/** `hinoban doctor`: looks at everything the server needs and says what to do; exit code 1 when something is wrong. */
export async function doctorMain(args: readonly string[], io: CommandIo): Promise<number> {
  const { settings, rest } = settingsOfProcess(args);
  refuseRest(rest.filter((word) => word !== "--json"));
  const findings = await diagnose(settings, io.dist);
  printDiagnosis(findings, io.out, rest.includes("--json"));
  return findings.some((finding) => finding.state === "wrong") ? 1 : 0;
}

/** `hinoban backup FILE`, with the server running or not. */
export async function backupMain(args: readonly string[], io: CommandIo): Promise<number> {
  const { settings, rest } = settingsOfProcess(args);
  await runBackup(settings, rest, createLogger({ ...settings, logLevel: "warn" }, io.err), io);
  return 0;
}

/** `hinoban restore FILE` into an empty data directory. */
export async function restoreMain(args: readonly string[], io: CommandIo): Promise<number> {
  const { settings, rest } = settingsOfProcess(args);
  await runRestore(settings, rest, io);
  return 0;
}

/** `hinoban ledger verify`: checks every chain and names the first bad entry; exit code 1 when there is one. */
export async function ledgerMain(args: readonly string[], io: CommandIo): Promise<number> {
  const { settings, rest } = settingsOfProcess(args);
  if (rest[0] !== "verify" || rest.length > 1) throw new HinobanError("invalid-input", "Usage: hinoban ledger verify [--data-dir DIR]");
  return runVerification(settings, createLogger({ ...settings, logLevel: "warn" }, io.err), io);
}

/** `hinoban reset-password EMAIL`: gives somebody a new password and prints it. */
export async function resetPasswordMain(args: readonly string[], io: CommandIo): Promise<number> {
  const { settings, rest } = settingsOfProcess(args);
  await runResetPassword(settings, rest, io);
  return 0;
}

/** What went wrong, for a person at a terminal. */
export function explain(error: unknown): string {
  if (!(error instanceof HinobanError)) return `${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`;
  const cause = error.code === "internal" && error.cause ? `\n  ${messageOf(error.cause)}` : "";
  return `${error.message}${cause}\n`;
}
