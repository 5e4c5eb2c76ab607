import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "#base/version";
import { helpText } from "./help.ts";

type Command = (args: readonly string[]) => Promise<number>;

const dist = dirname(fileURLToPath(import.meta.url));

type ServerModule = typeof import("../server/main.ts");
type ServerCommand = {
  [K in keyof ServerModule]: ServerModule[K] extends (args: readonly string[], io: never) => Promise<number> ? K : never;
}[keyof ServerModule];

/** A command that works on the server's own files. Loaded late: the agent needs none of it. */
function local(name: ServerCommand): Command {
  return async (args) => {
    const server = await import("../server/main.ts");
    try {
      return await server[name](args, { out: process.stdout, err: process.stderr, dist });
    } catch (error) {
      process.stderr.write(server.explain(error));
      return 1;
    }
  };
}

const commands: Readonly<Record<string, Command>> = {
  server: local("serverMain"),
  doctor: local("doctorMain"),
  backup: local("backupMain"),
  restore: local("restoreMain"),
  ledger: local("ledgerMain"),
  "reset-password": local("resetPasswordMain"),
  agent: async (args) => (await import("../agent/main.ts")).agentMain([...args]),
  version: async () => print(`${version}\n`),
  help: async ([about]) => print(helpText(about)),
};

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

async function main(args: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = args;
  if (rest.includes("--help") && name !== "agent") return print(helpText(name));
  const alias = name === "--help" || name === "-h" ? "help" : name === "--version" || name === "-v" ? "version" : name;
  const command = Object.hasOwn(commands, alias) ? commands[alias] : undefined;
  if (command) return command(rest);
  process.stderr.write(`hinoban: there is no command "${name}".\n\n${helpText(undefined)}`);
  return 2;
}

const code = await main(process.argv.slice(2));
// Everything is closed and printed; a timer that somebody forgot must not keep the process.
process.stdout.write("", () => process.exit(code));
