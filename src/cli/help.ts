import { version } from "#base/version";
import { globalFlags, type Command, type Flag } from "./command.ts";
import type { Language, Text } from "./text.ts";
import { padded, widthOf, wrapped } from "./width.ts";

const words = {
  usage: { en: "Usage", ja: "使い方" },
  commands: { en: "Commands", ja: "コマンド" },
  flags: { en: "Flags", ja: "フラグ" },
  common: { en: "Flags of every command that asks the server", ja: "サーバーに問い合わせるコマンドに共通のフラグ" },
  examples: { en: "Examples", ja: "例" },
  required: { en: "required", ja: "必須" },
  repeat: { en: "may be repeated, or separated by commas", ja: "繰り返しまたはカンマ区切りで複数指定可" },
  oneOf: { en: "one of", ja: "次のどれか" },
  about: { en: "watches servers, and answers for them.", ja: "サーバーを見守り、呼び出しに応える。" },
  tellsMore: { en: "`hinoban help COMMAND` tells more.", ja: "`hinoban help コマンド` で詳しく表示します。" },
} as const satisfies Record<string, Text>;

/** `hosts [flags]`, `dashboards push --file-path <file> [flags]`. */
export function usageOf(path: readonly string[], command: Command): string {
  const required = (command.flags ?? []).filter((flag) => flag.isRequired).map((flag) => `--${flag.name} ${flag.value ?? "<value>"}`);
  const hasOptional = (command.flags ?? []).some((flag) => !flag.isRequired);
  const inner = command.commands && !command.load ? ["COMMAND"] : command.commands ? ["[COMMAND]"] : [];
  const { operands } = command;
  const name = operands && (operands.least === 0 ? `[${operands.name}]` : operands.name);
  return [
    ...path,
    ...inner,
    ...required,
    ...(hasOptional ? ["[flags]"] : []),
    ...(command.takesCommandLine ? ["--"] : []),
    ...(name ? [name] : []),
  ].join(" ");
}

/** `-s, --service <service>`. */
export function flagText({ name, short, value, kind }: Flag): string {
  const long = `--${name}${kind === "switch" ? "" : ` ${value ?? "<value>"}`}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

/** The sentence about a flag, with what its values may be. */
export function flagSentence(flag: Flag, language: Language): string {
  const notes = [
    ...(flag.isRequired ? [words.required[language]] : []),
    ...(flag.choices ? [`${words.oneOf[language]}: ${flag.choices.join(", ")}`] : []),
    ...(flag.kind === "list" ? [words.repeat[language]] : []),
  ];
  const sentence = flag.does[language];
  return notes.length === 0 ? sentence : language === "ja" ? `${sentence}（${notes.join("。")}）` : `${sentence} (${notes.join("; ")})`;
}

const pageWidth = 110;
const widestLeft = 34;

/** Lines with a sentence beside each word, which is broken where the page ends. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(widestLeft, Math.max(...rows.map(([left]) => widthOf(left))));
  return rows
    .map(([left, right]) => {
      const [first = "", ...others] = wrapped(right, pageWidth - width - 4);
      const indent = " ".repeat(width + 4);
      const head = widthOf(left) > width ? `  ${left}\n${indent}${first}\n` : `  ${padded(left, width)}  ${first}\n`;
      return head + others.map((line) => `${indent}${line}\n`).join("");
    })
    .join("");
}

const paragraph = (text: string): string =>
  wrapped(text, pageWidth - 2)
    .map((line) => `  ${line}\n`)
    .join("");

/** The page about all commands. */
export function overview(commands: readonly Command[], language: Language): string {
  const rows = commands.filter((command) => !command.isHidden).map((command) => [command.name, command.does[language]] as const);
  return (
    `Hinoban ${version}: ${words.about[language]}\n\n${words.usage[language]}: hinoban COMMAND [flags]\n\n${words.commands[language]}:\n${columns(rows)}\n` +
    `${words.common[language]}:\n${flagRows(globalFlags, language)}\n${words.tellsMore[language]}\n`
  );
}

const flagRows = (flags: readonly Flag[], language: Language): string =>
  columns(flags.map((flag) => [flagText(flag), flagSentence(flag, language)] as const));

/** The page about one command. @param path its name behind those of the commands that it belongs to. */
export function commandHelp(path: readonly string[], command: Command, language: Language): string {
  const inner = (command.commands ?? []).filter((one) => !one.isHidden);
  const own = command.flags ?? [];
  const parts = [
    `${words.usage[language]}: hinoban ${usageOf(path, command)}\n`,
    `\n${paragraph(command.does[language])}`,
    ...(command.more ?? []).map((text) => paragraph(text[language])),
    ...(command.operands && command.operands.does.en !== ""
      ? [paragraph(`${command.operands.name}: ${command.operands.does[language]}`)]
      : []),
    ...(inner.length > 0
      ? [`\n${words.commands[language]}:\n${columns(inner.map((one) => [one.name, one.does[language]] as const))}`]
      : []),
    ...(own.length > 0 ? [`\n${words.flags[language]}:\n${flagRows(own, language)}`] : []),
    ...(command.isLocal ? [] : [`\n${words.common[language]}:\n${flagRows(globalFlags, language)}`]),
    ...(command.examples
      ? [`\n${words.examples[language]}:\n${command.examples.map((one) => `  ${one.line}\n      ${one.does[language]}\n`).join("")}`]
      : []),
  ];
  return parts.join("");
}
