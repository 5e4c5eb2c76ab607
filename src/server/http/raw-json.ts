/** A JSON text that goes out exactly as it is: a number keeps its spelling, an object the order of its keys. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * The raw text of a member of the outermost object, cut out of `text`; the last one when the key is there twice, as JSON.parse has it.
 * Undefined when there is no such member.
 * @param text JSON that JSON.parse has already accepted.
 */
export function rawMember(text: string, key: string): string | undefined {
  let at = skipSpace(text, 0);
  if (text[at] !== "{") return undefined;
  let found: string | undefined;
  at = skipSpace(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at);
    const isWanted = JSON.parse(text.slice(at, keyEnd)) === key;
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    if (isWanted) found = text.slice(start, end);
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return found;
}

/** `value` as JSON with some members given as JSON texts of their own, which are put in untouched. */
export function withRaw(value: object, raw: Readonly<Record<string, string>>): JsonText {
  const plain = JSON.stringify(value);
  const parts = Object.entries(raw).map(([key, text]) => `${JSON.stringify(key)}:${text}`);
  if (plain !== "{}") parts.unshift(plain.slice(1, -1));
  return new JsonText(`{${parts.join(",")}}`);
}

/** How deep objects and lists lie in each other. @param text JSON that JSON.parse has already accepted. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length;) {
    const c = text[at];
    if (c === "{" || c === "[") deepest = Math.max(deepest, ++depth);
    if (c === "}" || c === "]") depth--;
    at = c === '"' ? endOfString(text, at) : at + 1;
  }
  return deepest;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t")) at += 1;
  return at;
}

/** @param from where the opening quote stands. Returns where the text goes on after the closing one. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return endOfString(text, from);
  if (first !== "{" && first !== "[") return endOfLiteral(text, from);
  let depth = 0;
  let at = from;
  do {
    const c = text[at];
    if (c === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (c === "{" || c === "[") depth += 1;
    if (c === "}" || c === "]") depth -= 1;
    at += 1;
  } while (depth > 0 && at < text.length);
  return at;
}

function endOfLiteral(text: string, from: number): number {
  let at = from;
  while (at < text.length && !", }]\n\r\t".includes(text.charAt(at))) at += 1;
  return at;
}
