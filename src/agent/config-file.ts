import { locate } from "./conf/toml-lines.ts";

/** What a setting's line can hold. */
export type SettingValue = string | number | readonly string[];

/** A value as the file holds it: JSON's texts and lists are TOML's, too, but for one character. */
const format = (value: SettingValue): string =>
  typeof value === "object" ? `[${value.map(format).join(", ")}]` : JSON.stringify(value).replaceAll("\u007f", String.raw`\u007f`);

/**
 * `text` (TOML) with `key = value` lines set: an existing one is replaced however many lines it takes, a new one goes to the end of what stands
 * before the first section; everything else stays as it was.
 */
export function setInFile(text: string, settings: ReadonlyMap<string, SettingValue>): string {
  let lines = text === "" ? [] : text.replace(/\r?\n$/u, "").split(/\r?\n/u);
  for (const [key, value] of settings) {
    const line = `${key} = ${format(value)}`;
    const { statements, firstHeader } = locate(lines.join("\n"));
    const old = statements.find(({ path }) => path.length === 1 && path[0] === key);
    const at = old ? old.from - 1 : firstHeader === undefined ? lines.length : endBefore(lines, firstHeader - 1);
    lines = [...lines.slice(0, at), line, ...lines.slice(old ? old.to : at)];
  }
  return `${lines.join("\n")}\n`;
}

/** Where a new line goes before the section at `header`: above its comments and the blank lines before them. */
function endBefore(lines: readonly string[], header: number): number {
  let at = header;
  while (at > 0 && /^\s*(?:#|$)/u.test(lines[at - 1] ?? "")) at -= 1;
  return at;
}
