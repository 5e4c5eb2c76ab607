import { minutes, type Millis } from "#base/duration";

const classes: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  space: String.raw`\s`,
  word: String.raw`\w`,
  xdigit: "0-9A-Fa-f",
  punct: String.raw`!-\/:-@\[-\`{-~`,
};

/**
 * A regular expression as mackerel-agent's files hold it (Go's RE2) as one of JavaScript: flags at the front, `\A`, `\z`, `(?P<name>…)` and
 * classes like `[[:alpha:]]` are translated. Undefined when JavaScript cannot express it.
 */
export function goPattern(text: string): RegExp | undefined {
  const [, letters = "", rest = ""] = /^(?:\(\?([ims]+)\))?([^]*)$/u.exec(text) ?? [];
  const source = rest
    .replaceAll(String.raw`\A`, "^")
    .replaceAll(String.raw`\z`, "$")
    .replaceAll("(?P<", "(?<")
    .replace(/\[:([a-z]+):\]/gu, (whole, name: string) => classes[name] ?? whole);
  for (const flags of [`${letters}u`, letters]) {
    try {
      return new RegExp(source, flags);
    } catch {
      // without "u", escapes that mean nothing stand for themselves, as in Go
    }
  }
  return undefined;
}

const units: Readonly<Record<string, number>> = { h: 60, m: 1, s: 1 / 60 };

/** A length as mackerel-agent takes it: a whole number of minutes, or a text like `1h30m`. Undefined for anything else. */
export function goMinutes(value: unknown): Millis | undefined {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return minutes(value);
  if (typeof value !== "string" || !/^(?:\d+(?:\.\d+)?[hms])+$/u.test(value)) return undefined;
  let total = 0;
  for (const [, count, unit] of value.matchAll(/(\d+(?:\.\d+)?)([hms])/gu)) total += Number(count) * (units[unit ?? ""] ?? 0);
  return minutes(total);
}
