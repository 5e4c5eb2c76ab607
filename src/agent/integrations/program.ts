import { execFile } from "node:child_process";
import { HinobanError, messageOf } from "#base/errors";
import { seconds, type Millis } from "#base/duration";

/** How a program ended. */
export interface ProgramEnd {
  /** The exit code; undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program without a shell, in the language C.
 * @throws HinobanError "not-found" when there is no such program, "timeout", "too-large" for output over 4 MiB, "unavailable" otherwise
 */
export type RunProgram = (command: readonly string[], signal: AbortSignal, within?: Millis) => Promise<ProgramEnd>;

const usually: Millis = seconds(20);
const longestOutput = 4 * 1024 * 1024;

/** {@link RunProgram} on this machine. */
export const runProgram: RunProgram = ([file = "", ...args], signal, within = usually) =>
  new Promise((resolve, reject) => {
    const options = {
      timeout: within,
      killSignal: "SIGKILL",
      maxBuffer: longestOutput,
      windowsHide: true,
      encoding: "utf8",
      signal,
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    } as const;
    execFile(file, args, options, (cause, stdout, stderr) => {
      const { code, killed = false } = cause ?? {};
      if (!cause || (typeof code === "number" && !killed)) resolve({ code: typeof code === "number" ? code : 0, stdout, stderr });
      else reject(whyFailed(file, cause, within));
    });
  });

function whyFailed(file: string, cause: { code?: unknown; killed?: boolean; message: string }, within: Millis): HinobanError {
  if (cause.code === "ENOENT") return new HinobanError("not-found", `There is no program ${file}.`, { file });
  if (cause.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
    return new HinobanError("too-large", `${file} printed more than 4 MiB.`, { file });
  if (cause.code === "EACCES") return new HinobanError("forbidden", `${file} may not be run by this user.`, { file });
  if (cause.code === "ABORT_ERR" || cause.killed === true)
    return new HinobanError("timeout", `${file} did not end within ${within / 1000} s.`, { file });
  return new HinobanError("unavailable", `${file} failed: ${messageOf(cause)}`, { file });
}
