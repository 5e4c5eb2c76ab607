/** A piece of a line of text. */
export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis" | "deleted"; readonly parts: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly parts: readonly Inline[] }
  | { readonly kind: "break" };

export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly parts: readonly Inline[] }
  | { readonly kind: "paragraph"; readonly parts: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | { readonly kind: "list"; readonly isOrdered: boolean; readonly start: number; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: "table"; readonly head: readonly (readonly Inline[])[]; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: "rule" };

/** Quotes in quotes and lists in lists: deeper ones are shown as the text they are. */
const deepest = 8;

/**
 * Reads the part of Markdown that notes on a dashboard need: headings, paragraphs, emphasis, code, links, lists, quotes, tables and rules.
 * HTML is text. It gives a tree and never markup, so that whatever is written can only be shown.
 */
export function parseMarkdown(source: string): Block[] {
  return blocksOf(source.replaceAll("\r\n", "\n").replaceAll("\t", "    ").split("\n"), 0);
}

// None of these may walk over the same characters more than once: a widget holds up to 65,536 of them.
const fence = /^ {0,3}(`{3,}|~{3,})/u;
const heading = /^ {0,3}(#{1,6})(?=\s|$)/u;
const rule = /^ {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$/u;
const quote = /^ {0,3}> ?/u;
const item = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)/u;

const isBlank = (line: string | undefined): boolean => line === undefined || line.trim() === "";

function blocksOf(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }
    const [block, next] = blockAt(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

type Read = readonly [block: Block, next: number];

/** The block that begins in a line which is not blank. */
function blockAt(lines: readonly string[], at: number, depth: number): Read {
  const line = lines[at] ?? "";
  const fenced = fence.exec(line)?.[1];
  if (fenced !== undefined) return codeAt(lines, at, fenced);
  if (heading.test(line)) return [headingOf(line), at + 1];
  if (rule.test(line)) return [{ kind: "rule" }, at + 1];
  if (depth < deepest && isContainer(line)) return quote.test(line) ? quoteAt(lines, at, depth) : listAt(lines, at, depth);
  return line.includes("|") && isDelimiterRow(lines[at + 1] ?? "") ? tableAt(lines, at) : paragraphAt(lines, at, depth);
}

const isContainer = (line: string): boolean => quote.test(line) || item.test(line);

/** `## Title ##` */
function headingOf(line: string): Block {
  const [whole = "", marks = ""] = heading.exec(line) ?? [];
  const text = line.slice(whole.length).trim();
  const open = text.replace(/(?<!#)#+$/u, "");
  const isClosed = open !== text && (open === "" || open.endsWith(" "));
  return { kind: "heading", level: marks.length, parts: parseInline(isClosed ? open.trim() : text) };
}

/** `|---|:-:|` */
function isDelimiterRow(line: string): boolean {
  const cells = line.trim().replace(/^\|/u, "").replace(/\|$/u, "").split("|");
  return line.includes("|") && cells.every((cell) => /^:?-+:?$/u.test(cell.trim()));
}

function codeAt(lines: readonly string[], at: number, mark: string): Read {
  let end = at + 1;
  while (end < lines.length && !(lines[end] ?? "").trim().startsWith(mark)) end += 1;
  return [{ kind: "code", text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function quoteAt(lines: readonly string[], at: number, depth: number): Read {
  let end = at;
  while (end < lines.length && quote.test(lines[end] ?? "")) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(quote, ""));
  return [{ kind: "quote", blocks: blocksOf(inner, depth + 1) }, end];
}

function listAt(lines: readonly string[], at: number, depth: number): Read {
  const marker = item.exec(lines[at] ?? "")?.[2] ?? "-";
  const isOrdered = /\d/u.test(marker);
  const isSame = (line: string): boolean => {
    const next = item.exec(line)?.[2];
    return next !== undefined && /\d/u.test(next) === isOrdered && !rule.test(line);
  };
  const items: Block[][] = [];
  let next = at;
  while (next < lines.length && isSame(lines[next] ?? "")) {
    const end = endOfItem(lines, next);
    items.push(blocksOf(itemLines(lines.slice(next, end)), depth + 1));
    next = end;
  }
  return [{ kind: "list", isOrdered, start: Number.parseInt(marker, 10) || 1, items }, next];
}

/** An item goes on while lines are indented below its text; a blank line ends it unless an indented one follows. */
function endOfItem(lines: readonly string[], at: number): number {
  let end = at + 1;
  while (end < lines.length) {
    const line = lines[end] ?? "";
    const isInside = isBlank(line) ? /^ {2,}\S/u.test(lines[end + 1] ?? "") : /^ {2,}/u.test(line);
    if (!isInside) break;
    end += 1;
  }
  while (end < lines.length && isBlank(lines[end]) && item.test(lines[end + 1] ?? "")) end += 1;
  return end;
}

function itemLines(lines: readonly string[]): string[] {
  const first = lines[0] ?? "";
  const width = item.exec(first)?.[0].length ?? 2;
  return [first.slice(width), ...lines.slice(1).map((line) => line.replace(new RegExp(`^ {0,${width}}`, "u"), ""))];
}

function tableAt(lines: readonly string[], at: number): Read {
  const head = cellsOf(lines[at] ?? "");
  let end = at + 2;
  const rows: (readonly Inline[])[][] = [];
  while (end < lines.length && !isBlank(lines[end]) && (lines[end] ?? "").includes("|")) {
    const cells = cellsOf(lines[end] ?? "");
    rows.push(head.map((_, column) => cells[column] ?? []));
    end += 1;
  }
  return [{ kind: "table", head, rows }, end];
}

const cellsOf = (line: string): (readonly Inline[])[] =>
  line
    .trim()
    .replace(/^\|/u, "")
    .replace(/(?<!\\)\|$/u, "")
    .split(/(?<!\\)\|/u)
    .map((cell) => parseInline(cell.trim().replaceAll("\\|", "|")));

function paragraphAt(lines: readonly string[], at: number, depth: number): Read {
  let end = at + 1;
  while (end < lines.length && !isBlank(lines[end]) && !interrupts(lines[end] ?? "", depth)) end += 1;
  return [{ kind: "paragraph", parts: parseInline(lines.slice(at, end).join("\n").trim()) }, end];
}

const interrupts = (line: string, depth: number): boolean =>
  fence.test(line) || heading.test(line) || rule.test(line) || (depth < deepest && isContainer(line));

/** The next thing in a line that is more than text: one alternative a row. */
const special = new RegExp(
  [
    String.raw`\\(?<escaped>[!-/:-@\x5B-\x60{-~])`,
    "(?<!`)(?<ticks>`{1,4})(?!`)(?<code>[\\s\\S]{1,4000}?)(?<!`)\\k<ticks>(?!`)",
    String.raw`!?\[(?<label>[^\]\[\n]{1,1000})\]\((?<href>[^\s\(\)]{1,2000})\)`,
    "(?<bare>https?://[^\\s<>()\\[\\]\"'`]{1,2000})",
    String.raw`\*\*(?=\S)(?<strong>[\s\S]{0,2000}?\S)\*\*`,
    String.raw`~~(?=\S)(?<deleted>[\s\S]{0,2000}?\S)~~`,
    String.raw`(?<!\*)\*(?=[^\s*])(?<star>[^*]{0,2000}[^\s*])\*(?!\*)`,
    // Inside a word an underscore is part of a name: cpu_user_percentage.
    String.raw`(?<![\p{L}\p{N}_])__(?=[^\s_])(?<dunder>[^_]{0,2000}[^\s_])__(?![\p{L}\p{N}_])`,
    String.raw`(?<![\p{L}\p{N}_])_(?=[^\s_])(?<under>[^_]{0,2000}[^\s_])_(?![\p{L}\p{N}_])`,
    String.raw`(?<hard>(?<! ) {2,}\n|\\\n)`,
  ].join("|"),
  "u",
);

export function parseInline(source: string, depth = 0): Inline[] {
  const parts: Inline[] = [];
  let rest = source;
  while (rest !== "") {
    const match = depth > deepest ? null : special.exec(rest);
    if (!match?.groups) {
      parts.push({ kind: "text", text: rest });
      break;
    }
    if (match.index > 0) parts.push({ kind: "text", text: rest.slice(0, match.index) });
    parts.push(pieceOf(match[0], match.groups, depth + 1));
    rest = rest.slice(match.index + match[0].length);
  }
  return parts;
}

type Groups = Readonly<Record<string, string | undefined>>;

function pieceOf(whole: string, groups: Groups, depth: number): Inline {
  const { escaped, code, label, href, bare, deleted, hard } = groups;
  if (escaped !== undefined) return { kind: "text", text: escaped };
  if (code !== undefined) return { kind: "code", text: code.replaceAll("\n", " ").trim() || code };
  if (label !== undefined && href !== undefined) return linkOf(whole, href, parseInline(label, depth));
  if (bare !== undefined) return linkOf(whole, bare, [{ kind: "text", text: bare }]);
  if (hard !== undefined) return { kind: "break" };
  if (deleted !== undefined) return { kind: "deleted", parts: parseInline(deleted, depth) };
  return emphasisOf(groups, depth);
}

function emphasisOf({ strong, dunder, star, under }: Groups, depth: number): Inline {
  const heavy = strong ?? dunder;
  if (heavy !== undefined) return { kind: "strong", parts: parseInline(heavy, depth) };
  return { kind: "emphasis", parts: parseInline(star ?? under ?? "", depth) };
}

/** Only addresses that open a page or a mail: anything else stays the text that it is. */
const linkOf = (whole: string, href: string, parts: readonly Inline[]): Inline =>
  isSafeHref(href) ? { kind: "link", href, parts } : { kind: "text", text: whole };

export const isSafeHref = (href: string): boolean => /^(?:https?:\/\/|mailto:|\/(?![/\\])|#)/iu.test(href);
