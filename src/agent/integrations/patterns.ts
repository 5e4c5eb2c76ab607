import type { Options } from "./options.ts";

/** A question whether one of the regular expressions of the list `key` matches. Wrong ones are noted. */
export function readPatterns(key: string, options: Options): (text: string) => boolean {
  const patterns: RegExp[] = [];
  for (const source of options.list(key)) {
    try {
      patterns.push(new RegExp(source, "u"));
    } catch {
      options.problem(key, `\`${source.slice(0, 60)}\` is not a regular expression`);
    }
  }
  return (text) => patterns.some((pattern) => pattern.test(text));
}
