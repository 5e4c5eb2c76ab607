import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:os";
import { basename } from "node:path";
import { seconds, toSeconds } from "#base/duration";
import { messageOf } from "#base/errors";
import type { Call } from "../call.ts";
import { CliFailure, exitCodes, plain } from "../text.ts";

/** How a job ended. */
export interface Outcome {
  /** As a shell gives it: 128 + n after a signal, 127 when there is no such command, 126 when it cannot be run. */
  readonly code: number;
  readonly message: string;
  /** What it printed on both outputs; the middle of long ones is left out. */
  readonly output: string;
}

const tries = 3;
const betweenTries = seconds(3);
/** Longest message of a check report, in code points. */
const longestMessage = 1024;
const gap = "\n...\n";

/** Runs the job whatever else is wrong: a job must not fail because its watcher does. */
export async function wrapJob(call: Call): Promise<number> {
  const [command = "", ...args] = call.operands;
  const outcome = await runJob(call, command, args);
  const isFailed = outcome.code !== 0;
  if (isFailed || call.isOn("auto-close")) await report(call, outcome);
  if (isFailed) call.error(plain(outcome.message));
  return outcome.code;
}

function runJob(call: Call, command: string, args: readonly string[]): Promise<Outcome> {
  const { stdout, stderr, cwd } = call.world;
  return new Promise((resolve) => {
    const output = new Ends();
    const child = spawn(command, args, { stdio: ["inherit", "pipe", "pipe"], cwd });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of passedOn) process.on(signal, pass);
    const end = (outcome: Omit<Outcome, "output">): void => {
      for (const signal of passedOn) process.removeListener(signal, pass);
      resolve({ ...outcome, output: output.text });
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout.write(text);
      output.add(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr.write(text);
      output.add(text);
    });
    child.once("error", (error) => {
      const isMissing = "code" in error && error.code === "ENOENT";
      end({ code: isMissing ? 127 : 126, message: `command invocation failed with following error: ${messageOf(error)}` });
    });
    child.once("close", (code, signal) => end(endOf(code, signal)));
  });
}

/** Whoever stops the wrapper means the job; it then ends in its own way. */
const passedOn: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP"];

function endOf(code: number | null, signal: NodeJS.Signals | null): Omit<Outcome, "output"> {
  if (signal === null) return { code: code ?? 1, message: `command exited with code: ${code ?? 1}` };
  const number = constants.signals[signal];
  return { code: 128 + number, message: `command died with signal: ${number}` };
}

/** Keeps the beginning and the end of what was printed, however much it was. */
export class Ends {
  #start = "";
  #end = "";
  #isCut = false;

  add(text: string): void {
    const room = longestMessage * 2 - this.#start.length;
    if (room > 0) this.#start += text.slice(0, room);
    const rest = room > 0 ? text.slice(room) : text;
    if (rest === "") return;
    const end = this.#end + rest;
    this.#isCut ||= end.length > longestMessage * 2;
    this.#end = end.slice(-longestMessage * 2);
  }

  get text(): string {
    return this.#isCut ? `${this.#start}${gap}${this.#end}` : this.#start + this.#end;
  }
}

/** The text, with its middle left out when it has more than `most` code points. */
export function shortened(text: string, most = longestMessage): string {
  const letters = [...text];
  if (letters.length <= most) return text;
  const room = most - gap.length;
  const before = Math.floor(room / 2);
  return letters.slice(0, before).join("") + gap + letters.slice(letters.length - (room - before)).join("");
}

/** The name that mkr gives a job without a name, so that a check goes on when mkr is replaced. */
export function checkNameOf(command: readonly string[]): string {
  const digest = createHash("md5").update(command.join(" ")).digest("hex").slice(0, 6); // a short name, not a protection
  return `mkrwrap-${basename(command[0] ?? "")
    .trim()
    .replaceAll(/[^-a-zA-Z0-9_]/gu, "_")}-${digest}`;
}

function messageFor(call: Call, { message, output }: Outcome): string {
  const note = call.text("note");
  const lines = [
    message,
    ...(note === undefined ? [] : [`Note: ${note}`]),
    `% ${call.operands.join(" ")}`,
    ...(call.isOn("detail") ? [output] : []),
  ];
  return shortened(lines.join("\n"));
}

async function report(call: Call, outcome: Outcome): Promise<void> {
  const message = messageFor(call, outcome);
  try {
    const hostId = await call.hostId(call.text("host"));
    const api = await call.api();
    const interval = Math.floor((call.duration("notification-interval") ?? 0) / 60);
    const body = {
      reports: [
        {
          source: { type: "host", hostId },
          name: call.text("name") ?? checkNameOf(call.operands),
          status: outcome.code === 0 ? "OK" : call.isOn("warning") ? "WARNING" : "CRITICAL",
          occurredAt: toSeconds(call.world.clock.now()),
          message,
          ...(interval === 0 ? {} : { notificationInterval: Math.max(10, interval) }),
        },
      ],
    };
    await tried(call, () => api.call("POST", "/api/v0/monitoring/checks/report", body));
  } catch (error) {
    const why = error instanceof CliFailure ? error.text : plain(messageOf(error));
    call.error({ en: `this could not be reported: ${why.en}\n${message}`, ja: `次の内容を報告できませんでした: ${why.ja}\n${message}` });
  }
}

async function tried(call: Call, work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      const isFinal = error instanceof CliFailure && error.exit !== exitCodes.unreachable;
      if (isFinal || attempt >= tries) throw error;
      await call.world.clock.sleep("cli.wrap", betweenTries);
    }
  }
}
