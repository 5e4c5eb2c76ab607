import { HinobanError, messageOf } from "#base/errors";
import { parseArguments, type Command } from "./args.ts";
import { helpText } from "./commands/help.ts";
import { install } from "./commands/install.ts";
import { once } from "./commands/once.ts";
import { retire } from "./commands/retire.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { uninstall } from "./commands/uninstall.ts";
import type { Flags } from "./config.ts";
import { processIo, type AgentIo } from "./io.ts";
import { agentVersion } from "./version.ts";

export type { AgentIo } from "./io.ts";

const verbs: Readonly<Record<Command, (flags: Flags, io: AgentIo) => Promise<number>>> = { run, once, status, install, uninstall, retire };

/**
 * The agent as a function, so that `hinoban agent …` and the bundled file are the same program.
 * @param args command and flags, without node and script
 * @returns the exit code: 0 done, 1 failed, 2 wrong command line, 78 wrong configuration
 */
export async function agentMain(args: readonly string[], io: AgentIo = processIo()): Promise<number> {
  try {
    const { command, flags } = parseArguments(args);
    if (flags["help"] === true) io.out(helpText());
    else if (flags["version"] === true) io.out(`${agentVersion}\n`);
    else return await verbs[command](flags, io);
    return 0;
  } catch (error) {
    io.err(`hinoban-agent: ${messageOf(error)}\n`);
    if (!(error instanceof HinobanError)) return 1;
    return error.code === "bad-request" ? 2 : error.code === "invalid-input" ? 78 : 1;
  }
}
