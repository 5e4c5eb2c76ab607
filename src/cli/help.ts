import { version } from "#base/version";

interface CommandHelp {
  readonly usage: string;
  readonly does: string;
  /** Lines below the summary in the command's own help. */
  readonly more?: readonly string[];
}

const whereItsData = "--data-dir DIR   the server's data directory (default ./hinoban-data, or HINOBAN_DATA_DIR)";

/** Every command of the command line, in the order of the help page. */
export const commandHelp: Readonly<Record<string, CommandHelp>> = {
  server: {
    usage: "server [--port 8600] [--data-dir DIR] [--no-agent] [--SETTING VALUE …]",
    does: "start the server with its database, and an agent for this machine",
    more: [
      "Every setting may be a flag, an environment variable (HINOBAN_PORT …) or a line of hinoban.yaml;",
      "docs/reference/config.md lists them all.",
    ],
  },
  agent: {
    usage: "agent [run|once|install|status|retire …]",
    does: "watch this machine and report to a server",
    more: ["`hinoban agent --help` tells the rest."],
  },
  doctor: {
    usage: "doctor [--json]",
    does: "look at disk, clock, database, ports and permissions, and say what to do",
    more: [whereItsData],
  },
  backup: {
    usage: "backup FILE [--overwrite] [--include-keys]",
    does: "write everything into one file, while the server runs or not",
    more: [
      "--overwrite      replace FILE when it exists",
      "--include-keys   put the server's key file in too; keep such a file as safe as the key itself",
      whereItsData,
    ],
  },
  restore: { usage: "restore FILE", does: "fill an empty data directory from a backup", more: [whereItsData] },
  ledger: { usage: "ledger verify", does: "check the history and name the first bad entry", more: [whereItsData] },
  "reset-password": {
    usage: "reset-password EMAIL",
    does: "give somebody a new password, on the machine where the server runs",
    more: ["Prints the password, ends all of their sessions and lifts a lock. The history records it.", whereItsData],
  },
  version: { usage: "version", does: "print the version" },
  help: { usage: "help [COMMAND]", does: "tell about the commands, or one of them" },
};

/** The help page, or the part about one command. */
export function helpText(about: string | undefined): string {
  const one = about === undefined || !Object.hasOwn(commandHelp, about) ? undefined : commandHelp[about];
  if (one) return `Usage: hinoban ${one.usage}\n\n  ${one.does}\n${(one.more ?? []).map((line) => `  ${line}\n`).join("")}`;
  const names = Object.entries(commandHelp);
  const width = Math.max(...names.map(([name]) => name.length));
  const lines = names.map(([name, { does }]) => `  ${name.padEnd(width)}  ${does}\n`);
  return `Hinoban ${version}: watches servers, and answers for them.\n\nUsage: hinoban COMMAND\n\n${lines.join("")}\n\`hinoban help COMMAND\` tells more.\n`;
}
