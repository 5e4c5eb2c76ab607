import { parseArgs, type ParseArgsConfig } from "node:util";
import { HinobanError, messageOf } from "#base/errors";
import type { Flags } from "./config.ts";
import { flagOf, nearest, settings } from "./settings.ts";

export const commands = ["run", "once", "status", "install", "uninstall", "retire"] as const;
export type Command = (typeof commands)[number];

export interface Arguments {
  readonly command: Command;
  readonly flags: Flags;
}

const isCommand = (text: string): text is Command => commands.some((command) => command === text);

const switches = ["json", "force", "dry-run", "parent", "help", "version"] as const;

function options(): NonNullable<ParseArgsConfig["options"]> {
  const all: NonNullable<ParseArgsConfig["options"]> = {
    config: { type: "string", short: "c" },
    conf: { type: "string" }, // as mackerel-agent calls it
    root: { type: "string" },
  };
  for (const name of switches) all[name] = { type: "boolean" };
  for (const setting of settings) {
    if (!("isSecret" in setting)) all[flagOf(setting.key)] = { type: "string", multiple: setting.kind === "list" };
  }
  return all;
}

/** @throws HinobanError "bad-request" for an unknown command or flag, with the one that was probably meant */
export function parseArguments(args: readonly string[]): Arguments {
  const known = options();
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options: known, allowPositionals: true, strict: true });
  } catch (error) {
    throw new HinobanError("bad-request", explain(args, Object.keys(known), messageOf(error)));
  }
  const [command = "run", ...rest] = parsed.positionals;
  if (!isCommand(command)) {
    const guess = nearest(command, commands);
    throw new HinobanError(
      "bad-request",
      `\`${command}\` is not a command${guess ? `; did you mean \`${guess}\`?` : `; there are ${commands.join(", ")}.`}`,
    );
  }
  if (rest.length > 0) throw new HinobanError("bad-request", `\`${rest.join(" ")}\` is too much: ${command} takes flags only.`);
  return { command, flags: toFlags(parsed.values) };
}

function toFlags(values: Readonly<Record<string, unknown>>): Flags {
  const flags: Record<string, string | readonly string[] | boolean> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "string" || typeof value === "boolean") flags[name] = value;
    else if (Array.isArray(value)) flags[name] = value.filter((item) => typeof item === "string");
  }
  const { conf, ...others } = flags;
  return conf === undefined ? flags : { config: conf, ...others };
}

function explain(args: readonly string[], known: readonly string[], otherwise: string): string {
  for (const arg of args) {
    const name = /^--([^=]+)/u.exec(arg)?.[1];
    if (name === undefined || known.includes(name)) continue;
    if (name === "key")
      return "The API key is not taken as a flag, because every user of the machine can read it there: set HINOBAN_AGENT_KEY, or use --key-file.";
    const guess = nearest(name, known);
    return `--${name} is not a flag${guess ? `; did you mean --${guess}?` : "; --help lists them."}`;
  }
  return otherwise.split("\n")[0] ?? otherwise;
}
