import { parseArgs, type ParseArgsConfig } from "node:util";
import { messageOf } from "#base/errors";
import type { Given, Parsed } from "./asked.ts";
import { flagsOf, type Command, type Flag } from "./command.ts";
import { nearest } from "./nearest.ts";
import { usageError } from "./text.ts";

/**
 * Reads flags as mkr does: `--name value`, `--name=value`, `-name value` and `-n value`, lists repeated or with commas.
 * @throws CliFailure with exit code 2 that names the flag and what would be right
 */
export function parse(command: Command, tokens: readonly string[]): Parsed {
  const flags = flagsOf(command);
  const { args, rest } = normalise(command, flags, tokens);
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const flag of flags) options[flag.name] = { type: flag.kind === "switch" ? "boolean" : "string", multiple: flag.kind === "list" };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usageError(messageOf(error), messageOf(error));
  }
  const given = new Map<string, string | readonly string[] | true>();
  for (const flag of flags) {
    const value = valueOf(flag, parsed.values[flag.name]);
    if (value !== undefined) given.set(flag.name, value);
  }
  if (!given.has("help")) demandRequired(command, given);
  const operands = [...parsed.positionals, ...rest];
  if (!given.has("help")) checkOperands(command, operands);
  return { given, operands };
}

interface Normalised {
  /** With every flag spelled `--name` or `--name=value`. */
  readonly args: readonly string[];
  /** The command line behind it, for a command that runs one. */
  readonly rest: readonly string[];
}

/** The flag that a word such as `--status`, `-st` or `-H` means. */
function flagNamed(flags: readonly Flag[], word: string): Flag | undefined {
  const isLong = word.startsWith("--");
  const name = word.slice(isLong ? 2 : 1);
  return flags.find((flag) => flag.name === name || flag.alias?.includes(name) || (flag.short === name && !isLong));
}

function normalise(command: Command, flags: readonly Flag[], tokens: readonly string[]): Normalised {
  const args: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? "";
    if (token === "--") return { args, rest: tokens.slice(at + 1) };
    if (!isFlag(token)) {
      if (command.takesCommandLine) return { args, rest: tokens.slice(at) };
      args.push(token);
      continue;
    }
    const [word, value] = cutAtEquals(token);
    const flag = flagNamed(flags, word);
    if (!flag) throw unknownFlag(command, flags, word);
    const takesNext = flag.kind !== "switch" && value === undefined;
    if (takesNext) at += 1;
    args.push(...spelled(flag, word, takesNext ? tokens[at] : value));
  }
  return { args, rest: [] };
}

function cutAtEquals(token: string): readonly [string, string?] {
  const equals = token.indexOf("=");
  return equals < 0 ? [token] : [token.slice(0, equals), token.slice(equals + 1)];
}

/** A flag in the one spelling that node:util reads without doubt; nothing for a switch that is off. */
function spelled(flag: Flag, word: string, value: string | undefined): readonly string[] {
  if (flag.kind === "switch") return switchValue(word, value) ? [`--${flag.name}`] : [];
  if (value === undefined)
    throw usageError(`${word} needs a value: ${word} ${shown(flag)}.`, `${word} には値が必要です: ${word} ${shown(flag)}`);
  return [`--${flag.name}=${value}`];
}

const isFlag = (token: string): boolean => token.length > 1 && token.startsWith("-") && !/^-\d/u.test(token);

const shown = (flag: Flag): string => flag.value ?? "<value>";

function switchValue(word: string, value: string | undefined): boolean {
  if (value === undefined || value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw usageError(`${word} takes no value, or true or false.`, `${word} に値は付けません（付けるなら true か false）。`);
}

function unknownFlag(command: Command, flags: readonly Flag[], word: string): Error {
  if (word === "--apikey")
    return usageError(
      "The API key is not taken as a flag, because every user of the machine can read it there: use --apikey-file, HINOBAN_APIKEY or `hinoban login`.",
      "APIキーはフラグでは受け取りません（同じマシンの誰にでも見えるため）。--apikey-file、HINOBAN_APIKEY、`hinoban login` のどれかを使ってください。",
    );
  const guess = nearest(
    word.replace(/^-+/u, ""),
    flags.flatMap((flag) => [flag.name, ...(flag.alias ?? [])]),
  );
  return guess === undefined
    ? usageError(
        `${word} is not a flag of \`${command.name}\`; \`hinoban ${command.name} --help\` lists them.`,
        `\`${command.name}\` に ${word} というフラグはありません。\`hinoban ${command.name} --help\` で一覧を表示します。`,
      )
    : usageError(
        `${word} is not a flag of \`${command.name}\`; did you mean --${guess}?`,
        `\`${command.name}\` に ${word} というフラグはありません。--${guess} のことですか？`,
      );
}

function valueOf(flag: Flag, value: unknown): string | readonly string[] | true | undefined {
  if (value === true) return true;
  if (typeof value === "string") return checked(flag, value);
  if (!Array.isArray(value)) return undefined;
  const items = value.flatMap((item) => String(item).split(",")).map((item) => item.trim());
  return items.filter((item) => item !== "").map((item) => checked(flag, item));
}

function checked(flag: Flag, value: string): string {
  if (flag.choices && !flag.choices.includes(value)) {
    const guess = nearest(value, flag.choices);
    const all = flag.choices.join(", ");
    throw usageError(
      `--${flag.name} must be one of ${all}, not "${value}"${guess ? `; did you mean ${guess}?` : "."}`,
      `--${flag.name} は ${all} のどれかです（"${value}" ではなく${guess ? ` ${guess} ？` : ""}）。`,
    );
  }
  if (flag.kind === "integer" && !/^-?\d{1,15}$/u.test(value))
    throw usageError(`--${flag.name} must be a whole number, not "${value}".`, `--${flag.name} は整数です（"${value}" は使えません）。`);
  return value;
}

function demandRequired(command: Command, given: Given): void {
  const missing = (command.flags ?? []).filter((flag) => flag.isRequired && !given.has(flag.name));
  if (missing.length === 0) return;
  const list = missing.map((flag) => `--${flag.name} ${shown(flag)}`).join(", ");
  throw usageError(`\`${command.name}\` needs ${list}.`, `\`${command.name}\` には ${list} が必要です。`);
}

function checkOperands({ name, operands, takesCommandLine }: Command, words: readonly string[]): void {
  const least = operands?.least ?? 0;
  const most = operands?.most ?? 0;
  if (words.length < least) throw usageError(`\`${name}\` needs ${operands?.name}.`, `\`${name}\` には ${operands?.name} が必要です。`);
  if (!takesCommandLine && words.length > most) {
    const extra = words.slice(most).join(" ");
    throw usageError(`\`${extra}\` is too much for \`${name}\`.`, `\`${name}\` に \`${extra}\` は余分です。`);
  }
}
