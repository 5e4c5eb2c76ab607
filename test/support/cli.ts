import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import type { Clock } from "#base/clock";
import { environmentOf } from "../../src/cli/config.ts";
import { run } from "../../src/cli/run.ts";

/** How a command line ended. */
export interface CliEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look into many shapes
  readonly json: any;
}

export interface CliCall {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** What a person types, on a terminal. */
  readonly typed?: string;
  readonly clock?: Clock;
}

/** The command line in this process, with a folder of its own as home and working directory. */
export interface Cli {
  readonly folder: string;
  call(args: readonly string[], how?: CliCall): Promise<CliEnd>;
}

/** @param base environment of every call. */
export function withCli(base: () => Readonly<Record<string, string>> = () => ({})): Cli {
  const folder = mkdtempSync(join(tmpdir(), "hinoban-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    call: async (args, { env = {}, stdin = "", typed, clock = new SystemClock() } = {}) => {
      const input = new PassThrough();
      input.end(typed ?? stdin);
      let out = "";
      let err = "";
      const code = await run(args, {
        clock,
        environment: environmentOf({ HOME: folder, HINOBAN_AGENT_CONFIG: join(folder, "no-agent.conf"), ...base(), ...env }),
        stdin: Object.assign(input, { isTTY: typed !== undefined }),
        stdout: { write: (text) => (out += text) },
        stderr: { write: (text) => (err += text) },
        cwd: folder,
      });
      return {
        code,
        out,
        err,
        get json() {
          return JSON.parse(out);
        },
      };
    },
  };
}
