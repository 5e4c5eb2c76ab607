import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "#base/version";

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

/** The commands that do not go through the API. Their help, except the agent's, stands in the same table as that of the others. */
const locals: Readonly<Record<string, Command>> = {
  server: local("serverMain"),
  doctor: local("doctorMain"),
  backup: local("backupMain"),
  restore: local("restoreMain"),
  ledger: local("ledgerMain"),
  "reset-password": local("resetPasswordMain"),
  agent: async (args) => (await import("../agent/main.ts")).agentMain([...args]),
  version: async () => {
    process.stdout.write(`${version}\n`);
    return 0;
  },
};

/** Everything else: the commands of the API, help, and what is no command. */
async function others(args: readonly string[]): Promise<number> {
  const [{ run }, { SystemClock }, { environmentOf }] = await Promise.all([
    import("./run.ts"),
    import("#adapters/clock/system"),
    import("./config.ts"),
  ]);
  return run(args, {
    clock: new SystemClock(),
    environment: environmentOf(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
  });
}

const aliases: Readonly<Record<string, string>> = { "--help": "help", "-h": "help", "--version": "version", "-v": "version" };

function main(args: readonly string[]): Promise<number> {
  const [first = "help", ...rest] = args;
  const name = aliases[first] ?? first;
  const command = Object.hasOwn(locals, name) ? locals[name] : undefined;
  if (command && rest.includes("--help") && name !== "agent") return others(["help", name]);
  return command ? command(rest) : others([name, ...rest]);
}

// A reader that has seen enough (`hinoban hosts | head`) is no failure.
process.stdout.on("error", (error: Error & { code?: string }) => process.exit(error.code === "EPIPE" ? 0 : 1));

const code = await main(process.argv.slice(2));
// Everything is closed and printed; a timer that somebody forgot must not keep the process.
process.stdout.write("", () => process.exit(code));
