/** A piece of an expression. `at` and `end` are positions in the text, in UTF-16 units. */
export interface Token {
  readonly kind: "word" | "quoted" | "(" | ")" | ",";
  /** What was written; of a quoted text, what is between the quotes. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

/** Where the text stops making sense, and why. */
export interface ScanProblem {
  readonly at: number;
  readonly problem: string;
}

const blank = /\s/u;
const wordCharacter = /[^\s(),'"]/u;

/** Cuts an expression into tokens. A space behind the colon of `service: role` belongs to the word. */
export function scan(text: string): readonly Token[] | ScanProblem {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (blank.test(character)) at += 1;
    else if (character === "(" || character === ")" || character === ",") {
      tokens.push({ kind: character, text: character, at, end: at + 1 });
      at += 1;
    } else {
      const token = character === '"' || character === "'" ? quotedAt(text, at) : wordAt(text, at);
      if (!token) return { at, problem: `the quotation mark ${character} is not closed` };
      tokens.push(token);
      at = token.end;
    }
  }
  return tokens;
}

function quotedAt(text: string, at: number): Token | undefined {
  const mark = text.charAt(at);
  let content = "";
  for (let i = at + 1; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === mark) return { kind: "quoted", text: content, at, end: i + 1 };
    if (character === "\\" && i + 1 < text.length) {
      i += 1;
      content += text.charAt(i);
    } else content += character;
  }
  return undefined;
}

function wordAt(text: string, at: number): Token {
  let end = at;
  while (end < text.length && wordCharacter.test(text.charAt(end))) end += 1;
  if (text.charAt(end - 1) === ":") {
    const next = text.slice(end).search(/\S/u);
    if (next > 0 && wordCharacter.test(text.charAt(end + next))) {
      const rest = wordAt(text, end + next);
      return { kind: "word", text: text.slice(at, end) + rest.text, at, end: rest.end };
    }
  }
  return { kind: "word", text: text.slice(at, end), at, end };
}
