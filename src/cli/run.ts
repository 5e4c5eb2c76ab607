import { messageOf } from "#base/errors";
import { Call } from "./call.ts";
import { globalFlags, type Command } from "./command.ts";
import { commandHelp, overview } from "./help.ts";
import { nearest } from "./nearest.ts";
import { parse } from "./parse.ts";
import { commands } from "./table/index.ts";
import { CliFailure, exitCodes, usageError, type Text } from "./text.ts";
import type { World } from "./world.ts";

/**
 * Runs one command line of the API's commands, and help for all of them.
 * @param args as typed behind `hinoban`
 * @returns the process's exit code
 */
export async function run(args: readonly string[], world: World): Promise<number> {
  const { language } = world.environment;
  let call: Call | undefined;
  try {
    const { before, rest } = leadingFlags(args);
    const [name = "help", ...words] = rest;
    if (name === "help") return help(words, world);
    const found = find(commands, [name, ...words]);
    const parsed = parse({ ...found.command, name: found.path.join(" ") }, [...before, ...found.words]);
    if (parsed.given.has("help")) return tell(world, commandHelp(found.path, found.command, language));
    if (!found.command.load) throw needsCommand(found.path, found.command, parsed.operands);
    call = new Call(world, parsed);
    return await (
      await found.command.load()
    )(call, commands);
  } catch (error) {
    const text: Text = error instanceof CliFailure ? error.text : { en: messageOf(error), ja: messageOf(error) };
    world.stderr.write(`hinoban: ${text[language]}\n`);
    return error instanceof CliFailure ? error.exit : exitCodes.failed;
  } finally {
    await call?.close();
  }
}

function tell(world: World, text: string): number {
  world.stdout.write(text);
  return exitCodes.done;
}

/** Flags that stand before the command's name, as in `mkr --apibase URL hosts`. */
function leadingFlags(args: readonly string[]): { readonly before: readonly string[]; readonly rest: readonly string[] } {
  let at = 0;
  for (; at < args.length; at += 1) {
    const token = args[at] ?? "";
    if (!token.startsWith("-")) break;
    const name = token.replace(/^-+/u, "").split("=")[0] ?? "";
    const flag = globalFlags.find((one) => one.name === name || one.short === name);
    if (flag?.kind !== "switch" && !token.includes("=")) at += 1;
  }
  return { before: args.slice(0, at), rest: args.slice(at) };
}

interface Found {
  readonly path: readonly string[];
  readonly command: Command;
  readonly words: readonly string[];
}

/** The command that the first words name, as deep as they go. @throws CliFailure with the name that was probably meant */
function find(among: readonly Command[], words: readonly string[], path: readonly string[] = []): Found {
  const [name = "", ...rest] = words;
  const command = among.find((one) => one.name === name);
  if (!command) {
    const where = path.length === 0 ? "" : ` ${path.join(" ")}`;
    const guess = nearest(
      name,
      among.map((one) => one.name),
    );
    throw guess === undefined
      ? usageError(
          `there is no command "${name}"; \`hinoban help${where}\` lists them.`,
          `"${name}" というコマンドはありません。\`hinoban help${where}\` で一覧を表示します。`,
        )
      : usageError(
          `there is no command "${name}"; did you mean \`${guess}\`?`,
          `"${name}" というコマンドはありません。\`${guess}\` のことですか？`,
        );
  }
  const deeper = [...path, name];
  const [next] = rest;
  const isInner = command.commands !== undefined && next !== undefined && !next.startsWith("-");
  return isInner ? find(command.commands, rest, deeper) : { path: deeper, command, words: rest };
}

function needsCommand(path: readonly string[], command: Command, operands: readonly string[]): CliFailure {
  if (!command.commands) return usageError(`\`${path.join(" ")}\` cannot be run here.`, `\`${path.join(" ")}\` はここでは実行できません。`);
  const names = command.commands.map((one) => one.name).join(", ");
  const typed = operands[0] === undefined ? "" : ` ${operands[0]}`;
  return usageError(
    `\`${path.join(" ")}${typed}\` needs one of: ${names}.`,
    `\`${path.join(" ")}${typed}\` の後には ${names} のどれかが必要です。`,
  );
}

function help(words: readonly string[], world: World): number {
  const { language } = world.environment;
  const names = words.filter((word) => !word.startsWith("-"));
  if (names.length === 0) return tell(world, overview(commands, language));
  const { path, command, words: rest } = find(commands, names);
  if (rest.length > 0) throw usageError(`\`${rest.join(" ")}\` is too much.`, `\`${rest.join(" ")}\` は余分です。`);
  return tell(world, commandHelp(path, command, language));
}
