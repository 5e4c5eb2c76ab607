/**
 * Looks for a pattern in which `*` stands for anything within a line, large and small letters alike. Takes time in proportion to the text,
 * whatever the pattern: people type patterns, and strangers the text.
 * @returns what the stars stand for, each as short as it can be, in the first line that fits; undefined when none does
 */
export function findPattern(pattern: string, text: string): readonly string[] | undefined {
  const pieces = pattern.trim().toLowerCase().split(/\*+/u);
  for (const line of text.split(/\r?\n/u)) {
    const found = inLine(pieces, line);
    if (found) return found;
  }
  return undefined;
}

function inLine(pieces: readonly string[], line: string): string[] | undefined {
  const low = line.toLowerCase();
  // Letters that change their length with their case would move what is cut out.
  const shown = low.length === line.length ? line : low;
  const found: string[] = [];
  const [first = "", ...rest] = pieces;
  let at = low.indexOf(first);
  if (at < 0) return undefined;
  at += first.length;
  for (const [index, piece] of rest.entries()) {
    const isLast = index === rest.length - 1;
    const next = piece === "" && isLast ? low.length : low.indexOf(piece, at);
    if (next < 0) return undefined;
    found.push(shown.slice(at, next).trim());
    at = next + piece.length;
  }
  // A star at the very beginning stands for all that comes before.
  return found;
}

/** Fills `{subject}`, `{from}`, `{body}` and the numbered stars in; what is not known is empty. */
export const fillTemplate = (template: string, values: ReadonlyMap<string, string>): string =>
  template
    .replaceAll(/\{(\w{1,20})\}/gu, (_, name: string) => values.get(name.toLowerCase()) ?? "")
    .replaceAll(/\s+/gu, " ")
    .trim();
