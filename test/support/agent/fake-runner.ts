import type { CommandSpec } from "../../../src/agent/conf/plugins.ts";
import type { CommandRunner, RunOptions, RunResult } from "../../../src/agent/plugins/command.ts";

/** Programs that answer what a test wrote down, by their command line. */
export class FakeRunner implements CommandRunner {
  /** The answer of a program: a text it prints, or a whole result, or what makes one. */
  readonly answers = new Map<string, string | RunResult | ((env: Readonly<Record<string, string>>) => string | RunResult)>();
  /** Command lines in the order in which they ran, with the variables they got. */
  readonly runs: { readonly command: string; readonly env: Readonly<Record<string, string>> }[] = [];

  async run({ command, env: own }: CommandSpec, { env: more = {} }: RunOptions): Promise<RunResult> {
    const line = typeof command === "string" ? command : command.join(" ");
    const env = { ...own, ...more };
    this.runs.push({ command: line, env });
    const answer = this.answers.get(line);
    const found = typeof answer === "function" ? answer(env) : answer;
    if (found === undefined) return { kind: "failed", why: `${line} was not found` };
    return typeof found === "string" ? { kind: "exited", code: 0, stdout: found, stderr: "" } : found;
  }

  /** A program that ends with `code`. */
  static exit(code: number, stdout: string): RunResult {
    return { kind: "exited", code, stdout, stderr: "" };
  }
}
