import { invalidInput } from "#base/errors";
import { functions, type Argument, type ParameterKind, type Signature } from "./functions.ts";
import { numberOf, secondsOf, type Node } from "./model.ts";
import { scan, type Token } from "./scan.ts";

/** Longest expression in characters, and how deep functions may stand in each other. */
export const longestExpression = 10_000;
const deepest = 50;

const roleName = /^([A-Za-z0-9][A-Za-z0-9_-]{1,62}):\s*([A-Za-z0-9][A-Za-z0-9_-]{1,62})$/u;

/**
 * Reads an expression.
 * @param field how the text is called where it came from, for messages
 * @throws "invalid-input" which names the place in the text and what would be right there
 */
export function parseExpression(text: string, field = "expression"): Node {
  if (text.length > longestExpression) throw invalidInput([{ field, problem: `must have at most ${longestExpression} characters` }]);
  const tokens = scan(text);
  if ("problem" in tokens) throw problemAt(text, field, tokens.at, tokens.problem);
  return new Parser(text, field, tokens).whole();
}

function problemAt(text: string, field: string, at: number, problem: string): Error {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  return invalidInput([{ field, problem: `line ${line}, column ${column}: ${problem}` }]);
}

class Parser {
  readonly #text: string;
  readonly #field: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string, field: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#field = field;
    this.#tokens = tokens;
  }

  whole(): Node {
    const node = this.#call();
    const rest = this.#tokens[this.#next];
    if (rest) throw this.#problem(rest, `nothing may follow the last bracket, but here stands ${this.#shown(rest)}`);
    return node;
  }

  #call(): Node {
    const token = this.#tokens[this.#next];
    const signature = token?.kind === "word" ? functions.get(token.text) : undefined;
    if (!token || !signature) {
      throw this.#problem(token, `expected a function (${[...functions.keys()].join(", ")}), not ${this.#shown(token)}`);
    }
    this.#depth += 1;
    if (this.#depth > deepest) throw this.#problem(token, `functions stand more than ${deepest} deep in each other`);
    this.#next += 1;
    this.#expect("(", signature.usage);
    const args = this.#arguments(signature);
    const end = this.#expect(")", signature.usage).end;
    this.#depth -= 1;
    return signature.build(args, this.#text.slice(token.at, end));
  }

  #arguments({ parameters, isRepeated, usage }: Signature): Argument[] {
    const args: Argument[] = [];
    for (let i = 0; ; i += 1) {
      const kind = parameters[i] ?? (isRepeated ? parameters.at(-1) : undefined);
      if (kind === undefined) return args;
      if (i > 0) {
        const isOver = i >= parameters.length && this.#tokens[this.#next]?.kind !== ",";
        if (isOver) return args;
        this.#expect(",", usage);
      }
      args.push(kind === "metric" ? this.#call() : this.#plain(kind, usage));
    }
  }

  #plain(kind: Exclude<ParameterKind, "metric">, usage: string): Argument {
    const token = this.#tokens[this.#next];
    if (token?.kind !== "word" && token?.kind !== "quoted")
      throw this.#problem(token, `expected ${expected[kind]}, not ${this.#shown(token)}; usage: ${usage}`);
    this.#next += 1;
    const read = readers[kind](token.text);
    if (read === undefined) throw this.#problem(token, `expected ${expected[kind]}, not ${this.#shown(token)}; usage: ${usage}`);
    return read;
  }

  #expect(kind: Token["kind"], usage: string): Token {
    const token = this.#tokens[this.#next];
    if (token?.kind !== kind) throw this.#problem(token, `expected "${kind}", not ${this.#shown(token)}; usage: ${usage}`);
    this.#next += 1;
    return token;
  }

  #shown(token: Token | undefined): string {
    return token ? `"${this.#text.slice(token.at, Math.min(token.end, token.at + 60))}"` : "the end";
  }

  #problem(token: Token | undefined, problem: string): Error {
    return problemAt(this.#text, this.#field, token?.at ?? this.#text.length, problem);
  }
}

const expected: Readonly<Record<Exclude<ParameterKind, "metric">, string>> = {
  name: "a name",
  role: "a role as service:role",
  length: "a length of time such as 30m, 1h, 7d, 2w, 3mo or 1y",
  number: "a number such as 10, -0.5 or 1/60",
  percentage: "a number between 0 and 100",
};

const readers: Readonly<Record<Exclude<ParameterKind, "metric">, (text: string) => Argument | undefined>> = {
  name: (text) => (text === "" ? undefined : text),
  role: (text) => {
    const [, service, role] = roleName.exec(text.trim()) ?? [];
    return service === undefined || role === undefined ? undefined : { service, role };
  },
  length: secondsOf,
  number: numberOf,
  percentage: (text) => {
    const value = numberOf(text);
    return value !== undefined && value > 0 && value < 100 ? value : undefined;
  },
};
