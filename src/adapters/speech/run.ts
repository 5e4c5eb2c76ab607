import { spawn } from "node:child_process";
import type { Clock } from "#base/clock";
import { seconds } from "#base/duration";
import { HinobanError } from "#base/errors";

/** A sentence takes half a second; whoever needs longer hangs. */
const within = seconds(10);
/** Two minutes of 48 kHz: no sentence is that long. */
const mostBytes = 12 * 1024 * 1024;
const mostComplaint = 500;

/** A command whose input is a text and which writes sound. */
export interface Command {
  readonly program: string;
  readonly words: readonly string[];
  readonly input: string;
}

/**
 * Runs a program without a shell and with nothing of our environment, and gives what it writes.
 * @param signal ends it
 * @throws HinobanError "timeout" after ten seconds, "unavailable" when it cannot be started, fails or writes without end
 */
export function run(clock: Clock, { program, words, input }: Command, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: "pipe", env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" }, signal, killSignal: "SIGKILL" });
    const chunks: Buffer[] = [];
    let size = 0;
    let complaint = "";
    // Whoever asked is answered at once: a child of the program might keep its output open.
    const stop = (error: HinobanError): void => {
      timer.cancel();
      child.kill("SIGKILL");
      child.stdout.destroy();
      reject(error);
    };
    const timer = clock.after("speech.run", within, () =>
      stop(new HinobanError("timeout", `${program} did not finish within ten seconds.`)),
    );
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostBytes) stop(new HinobanError("unavailable", `${program} speaks without end.`));
      else chunks.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (complaint.length < mostComplaint) complaint += chunk.toString("utf8");
    });
    child.stdin.on("error", () => {}); // it ended before it read all: its exit tells
    child.once("error", (cause) => {
      timer.cancel();
      reject(new HinobanError("unavailable", `${program} could not be run.`, {}, { cause }));
    });
    child.once("close", (code) => {
      timer.cancel();
      if (code === 0) resolve(Buffer.concat(chunks));
      else reject(new HinobanError("unavailable", `${program} failed: ${complaint.trim().slice(0, mostComplaint) || `exit code ${code}`}`));
    });
    child.stdin.end(input);
  });
}
