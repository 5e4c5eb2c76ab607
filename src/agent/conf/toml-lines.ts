/** Where keys and section headers of a TOML text stand. */
export interface TomlLines {
  /** The line of a key or table by its path, else of the first thing inside it, else of the nearest thing around it; else 1. */
  lineOf(path: readonly string[]): number;
  /** True when the text holds a `[header]` with exactly this path. */
  hasHeader(path: readonly string[]): boolean;
  /** True when the text holds a `[header]` with this path or one below it. */
  hasHeaderBelow(path: readonly string[]): boolean;
  /** `key = value` statements in order; `header` is the path of the section they stand in. */
  readonly statements: readonly Statement[];
  /** The line of the first section header, if there is one. */
  readonly firstHeader: number | undefined;
}

/** One `key = value`, which may span lines. Lines count from 1, both ends included. */
export interface Statement {
  readonly path: readonly string[];
  readonly from: number;
  readonly to: number;
}

const joined = (path: readonly string[]): string => JSON.stringify(path);

/**
 * Finds the places in a text that a TOML parser has accepted: parsers give values without them. On a text that is no TOML it ends, too, with
 * places that mean nothing.
 */
export function locate(text: string): TomlLines {
  const walk = new Walk(text);
  const places = new Map<string, number>();
  const headers = new Set<string>();
  const statements: Statement[] = [];
  let section: readonly string[] = [];
  let firstHeader: number | undefined;
  while (walk.toStatement()) {
    const from = walk.line;
    if (walk.peek() === "[") {
      section = walk.header();
      firstHeader ??= from;
      headers.add(joined(section));
      if (!places.has(joined(section))) places.set(joined(section), from);
    } else {
      const path = [...section, ...walk.key()];
      walk.value();
      places.set(joined(path), from);
      statements.push({ path, from, to: walk.line });
    }
    walk.toLineEnd();
  }
  const lineOf = (path: readonly string[]): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const around = joined(path.slice(0, length));
      const line = places.get(around) ?? (length === path.length ? firstBelow(places, around) : undefined);
      if (line !== undefined) return line;
    }
    return 1;
  };
  const hasHeader = (path: readonly string[]): boolean => headers.has(joined(path));
  const hasHeaderBelow = (path: readonly string[]): boolean => {
    const start = joined(path).slice(0, -1);
    return hasHeader(path) || [...headers].some((header) => header.startsWith(`${start},`));
  };
  return { lineOf, hasHeader, hasHeaderBelow, statements, firstHeader };
}

function firstBelow(places: ReadonlyMap<string, number>, path: string): number | undefined {
  const start = `${path.slice(0, -1)},`;
  for (const [place, line] of places) if (place.startsWith(start)) return line;
  return undefined;
}

const bareKey = /[A-Za-z0-9_-]+/uy;

/** A cursor over the text that knows TOML's quotes, comments and brackets, and nothing of values. */
class Walk {
  readonly #text: string;
  #at = 0;
  line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): string {
    return this.#text[this.#at] ?? "";
  }

  /** Moves to the next character that begins a statement. False at the end. */
  toStatement(): boolean {
    for (;;) {
      const character = this.peek();
      if (character === "") return false;
      if (character === "#") this.toLineEnd();
      else if (/\s|\uFEFF/u.test(character)) this.#step();
      else return true;
    }
  }

  toLineEnd(): void {
    while (this.peek() !== "" && this.peek() !== "\n") this.#at += 1;
  }

  header(): readonly string[] {
    while (this.peek() === "[") this.#at += 1;
    return this.key();
  }

  /** A dotted key; ends before `=` or `]`. */
  key(): readonly string[] {
    const parts: string[] = [];
    for (;;) {
      this.#blanks();
      const character = this.peek();
      if (character === '"' || character === "'") parts.push(this.#quotedKey(character));
      else {
        bareKey.lastIndex = this.#at;
        const word = bareKey.exec(this.#text)?.[0] ?? "";
        this.#at += word.length;
        parts.push(word);
      }
      this.#blanks();
      if (this.peek() !== ".") return parts;
      this.#at += 1;
    }
  }

  /** Skips `= value`: up to the end of the line, or further inside brackets and long texts. */
  value(): void {
    for (let depth = 0; this.peek() !== "";) {
      const character = this.peek();
      if (character === "\n" && depth <= 0) return;
      if (character === "#") {
        this.toLineEnd();
        continue;
      }
      if (character === '"' || character === "'") {
        this.#quoted(character);
        continue;
      }
      if (character === "[" || character === "{") depth += 1;
      else if (character === "]" || character === "}") depth -= 1;
      this.#step();
    }
  }

  #quotedKey(quote: string): string {
    const start = this.#at;
    this.#quoted(quote);
    const raw = this.#text.slice(start + 1, this.#at - 1);
    if (quote === "'") return raw;
    try {
      const text: unknown = JSON.parse(`"${raw}"`); // TOML's short escapes are JSON's, but for \e and \U, which no name needs
      return String(text);
    } catch {
      return raw;
    }
  }

  #quoted(quote: string): void {
    const long = quote.repeat(3);
    const isLong = this.#text.startsWith(long, this.#at);
    const end = isLong ? long : quote;
    this.#at += end.length;
    while (this.peek() !== "" && !this.#text.startsWith(end, this.#at)) {
      if (!isLong && this.peek() === "\n") return;
      if (quote === '"' && this.peek() === "\\") this.#step();
      this.#step();
    }
    this.#at += end.length;
    if (isLong) while (this.peek() === quote) this.#at += 1; // a long text may end with quotes of its own
  }

  #blanks(): void {
    while (this.peek() === " " || this.peek() === "\t") this.#at += 1;
  }

  #step(): void {
    if (this.peek() === "\n") this.line += 1;
    this.#at += 1;
  }
}
