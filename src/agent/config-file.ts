import type { FieldProblem } from "#base/errors";

/** A value of the file with the line it stands on. */
export interface FileValue {
  readonly value: string | number | boolean | readonly string[];
  readonly line: number;
}

export interface ParsedFile {
  readonly values: ReadonlyMap<string, FileValue>;
  /** Lines that could not be understood, each saying what would be right. */
  readonly problems: readonly FieldProblem[];
}

/**
 * Reads `key = value` lines, a subset of TOML: "…" with escapes, '…' as it stands, whole numbers, true and false, lists of texts on one
 * line, # comments. Any TOML reader understands the same file.
 */
export function parseConfigFile(text: string, file: string): ParsedFile {
  const values = new Map<string, FileValue>();
  const problems: FieldProblem[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/u, "")
    .split(/\r?\n/u)
    .entries()) {
    const line = index + 1;
    const wrong = (problem: string): void => void problems.push({ field: `${file} line ${line}`, problem });
    const content = raw.trim();
    if (content === "" || content.startsWith("#")) continue;
    const match = /^([A-Za-z0-9_-]+)\s*=\s*(.*)$/u.exec(content);
    if (!match) {
      wrong(
        content.startsWith("[")
          ? "sections are not used here; write `key = value`"
          : `\`${shorten(content)}\` is not a \`key = value\` line`,
      );
      continue;
    }
    const [, key = "", rest = ""] = match;
    const value = parseValue(rest);
    if (value === undefined) wrong(`\`${key}\` needs a value like "text", ["a", "b"], 10 or true, not \`${shorten(rest)}\``);
    else if (values.has(key)) wrong(`\`${key}\` already stands on line ${values.get(key)?.line ?? 0}; keep one of them`);
    else values.set(key, { value, line });
  }
  return { values, problems };
}

// A key that was pasted without quotes must not end up in a log whole.
const shorten = (text: string): string => (text.length > 12 ? `${text.slice(0, 8)}…` : text);

const quoted = `"(?:[^"\\\\]|\\\\.)*"|'[^']*'`;
const comment = String.raw`\s*(?:#.*)?`;
const oneText = new RegExp(`^(${quoted})${comment}$`, "u");
const listOfTexts = new RegExp(String.raw`^\[\s*((?:(?:${quoted})\s*(?:,\s*(?:${quoted})\s*)*,?\s*)?)\]${comment}$`, "u");
const plain = new RegExp(`^(true|false|-?\\d{1,15})${comment}$`, "u");

function parseValue(text: string): FileValue["value"] | undefined {
  const single = oneText.exec(text)?.[1];
  if (single !== undefined) return unquote(single);
  const word = plain.exec(text)?.[1];
  if (word !== undefined) return word === "true" ? true : word === "false" ? false : Number(word);
  const list = listOfTexts.exec(text)?.[1];
  if (list === undefined) return undefined;
  const items = [...list.matchAll(new RegExp(quoted, "gu"))].map((match) => unquote(match[0]));
  return items.every((item) => item !== undefined) ? items : undefined;
}

const escapes: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** The text inside the quotes, or undefined for an escape that TOML does not know. */
function unquote(text: string): string | undefined {
  const inside = text.slice(1, -1);
  if (text.startsWith("'")) return inside;
  let isWrong = false;
  const plainText = inside.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/gu, (_, hex: string | undefined, letter: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const character = letter === undefined ? undefined : escapes[letter];
    if (character === undefined) isWrong = true;
    return character ?? "";
  });
  return isWrong ? undefined : plainText;
}

/** What a setting's line can hold. */
export type SettingValue = string | number | readonly string[];

/** A value as the file holds it: JSON's texts and lists are TOML's, too. */
const format = (value: SettingValue): string => (typeof value === "object" ? `[${value.map(format).join(", ")}]` : JSON.stringify(value));

/** `text` with `key = value` lines set: an existing line is replaced, a new one goes to the end; everything else stays as it was. */
export function setInFile(text: string, settings: ReadonlyMap<string, SettingValue>): string {
  const lines = text === "" ? [] : text.replace(/\r?\n$/u, "").split(/\r?\n/u);
  for (const [key, value] of settings) {
    const line = `${key} = ${format(value)}`;
    const at = lines.findIndex((old) => new RegExp(`^\\s*${key}\\s*=`, "u").test(old));
    if (at < 0) lines.push(line);
    else lines[at] = line;
  }
  return `${lines.join("\n")}\n`;
}
