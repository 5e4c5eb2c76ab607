import { globalFlags, type Command, type Flag } from "./command.ts";
import { flagSentence, flagText, usageOf } from "./help.ts";
import type { Language, Text } from "./text.ts";

const words = {
  flag: { en: "flag", ja: "フラグ" },
  means: { en: "what it says", ja: "意味" },
  common: { en: "Flags of every command that asks the server", ja: "サーバーに問い合わせるコマンドに共通のフラグ" },
} as const satisfies Record<string, Text>;

const inCell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function flagTable(flags: readonly Flag[], language: Language): string {
  const rows = flags.map((flag) => `| \`${inCell(flagText(flag))}\` | ${inCell(flagSentence(flag, language))} |\n`);
  return `| ${words.flag[language]} | ${words.means[language]} |\n|---|---|\n${rows.join("")}`;
}

/** The guide's part about every command, in Markdown, from the same table that help and parsing follow. */
export function referenceOf(commands: readonly Command[], language: Language): string {
  const parts = commands.filter((command) => !command.isHidden).flatMap((command) => partsOf([], command, language));
  return `### ${words.common[language]}\n${flagTable(globalFlags, language)}\n${parts.join("\n")}`;
}

function partsOf(parents: readonly string[], command: Command, language: Language): string[] {
  const path = [...parents, command.name];
  const flags = command.flags ?? [];
  const { operands, more = [], examples = [] } = command;
  const about = [
    `### ${path.join(" ")}\n`,
    `\`hinoban ${usageOf(path, command)}\`\n\n`,
    `${[command.does, ...more].map((text) => sentence(text[language], language)).join(language === "ja" ? "" : " ")}\n`,
    ...(operands && operands.does.en !== "" ? [`\n\`${operands.name}\`: ${operands.does[language]}\n`] : []),
    ...(flags.length > 0 ? [`\n${flagTable(flags, language)}`] : []),
    ...(examples.length > 0 ? [`\n\`\`\`sh\n${examples.map((one) => `${one.line}   # ${one.does[language]}\n`).join("")}\`\`\`\n`] : []),
  ];
  return [about.join(""), ...(command.commands ?? []).flatMap((inner) => partsOf(path, inner, language))];
}

/** What a command does, as a sentence of a page. */
function sentence(text: string, language: Language): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.。]$/u.test(first) ? first : first + (language === "ja" ? "。" : ".");
}
