import { lex, templateError, type Piece, type Token } from "./lex.ts";

/** A value: where it begins, and the fields that are taken of it. */
export interface Operand {
  readonly from:
    | { readonly kind: "dot" }
    | { readonly kind: "literal"; readonly value: string | number | boolean | null }
    | { readonly kind: "variable"; readonly name: string }
    | { readonly kind: "function"; readonly name: string }
    | { readonly kind: "group"; readonly pipeline: Pipeline };
  readonly fields: readonly string[];
}

/** Commands whose values go into each other; `sets` names the variables that take the last one. */
export interface Pipeline {
  readonly sets: readonly string[];
  readonly commands: readonly (readonly Operand[])[];
}

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "output"; readonly pipeline: Pipeline }
  | {
      readonly kind: "if" | "with" | "range";
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

/** Reads the part of Go's text/template that mkr's users write: output, if, with, range, variables, pipelines. @throws CliFailure */
export function parseTemplate(source: string): readonly Node[] {
  const pieces = lex(source);
  const reader = new BlockReader(pieces);
  const { nodes, ended } = reader.block();
  if (ended !== undefined) throw templateError(`{{${ended}}} without a beginning`);
  return nodes;
}

const openers = ["if", "with", "range"] as const;
const mostNested = 50;

class BlockReader {
  readonly #pieces: readonly Piece[];
  #at = 0;
  #depth = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Nodes until {{end}}, {{else}} or the end of the source; `rest` are the words behind {{else}}. */
  block(): { readonly nodes: Node[]; readonly ended: "end" | "else" | undefined; readonly rest: readonly Token[] } {
    const nodes: Node[] = [];
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at];
      this.#at += 1;
      if (!piece) break;
      if ("text" in piece) {
        nodes.push({ kind: "text", text: piece.text });
        continue;
      }
      const [first, ...rest] = piece.action;
      const word = first?.kind === "name" ? first.text : "";
      if (word === "end" || word === "else") return { nodes, ended: word, rest };
      const opener = openers.find((one) => one === word);
      nodes.push(opener ? this.#opened(opener, rest) : { kind: "output", pipeline: pipelineOf(piece.action) });
    }
    return { nodes, ended: undefined, rest: [] };
  }

  #opened(kind: (typeof openers)[number], words: readonly Token[]): Node {
    this.#depth += 1;
    if (this.#depth > mostNested) throw templateError("too many blocks inside each other");
    const pipeline = pipelineOf(words);
    const { nodes: body, ended, rest } = this.block();
    const otherwise = ended === "else" ? this.#otherwise(rest) : this.#closed(ended, kind);
    this.#depth -= 1;
    return { kind, pipeline, body, otherwise };
  }

  #closed(ended: string | undefined, kind: string): Node[] {
    if (ended !== "end") throw templateError(`{{${kind}}} without {{end}}`);
    return [];
  }

  #otherwise(rest: readonly Token[]): readonly Node[] {
    const [first, ...words] = rest;
    if (first?.text === "if" || first?.text === "with") return [this.#opened(first.text, words)];
    if (first) throw templateError(`{{else ${first.text}}}`);
    const { nodes, ended } = this.block();
    this.#closed(ended, "else");
    return nodes;
  }
}

function pipelineOf(words: readonly Token[]): Pipeline {
  const reader = new PipelineReader(words);
  const pipeline = reader.pipeline();
  reader.demandEnd();
  return pipeline;
}

class PipelineReader {
  readonly #words: readonly Token[];
  #at = 0;

  constructor(words: readonly Token[]) {
    this.#words = words;
  }

  pipeline(): Pipeline {
    const sets = this.#sets();
    const commands: Operand[][] = [];
    do commands.push(this.#command());
    while (this.#takes("|"));
    return { sets, commands };
  }

  demandEnd(): void {
    const left = this.#words[this.#at];
    if (left) throw templateError(`${left.text} is too much`);
  }

  /** `$x :=`, `$x =` or `$i, $x :=`. */
  #sets(): string[] {
    const end = this.#words.findIndex((word) => word.text === ":=" || word.text === "=");
    if (end < 0 || this.#at > 0) return [];
    const names = this.#words.slice(0, end).filter((word) => word.text !== ",");
    if (names.some((word) => word.kind !== "variable") || names.length > 2) throw templateError("only variables can stand before :=");
    this.#at = end + 1;
    return names.map((word) => word.text);
  }

  #takes(sign: string): boolean {
    if (this.#words[this.#at]?.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #command(): Operand[] {
    const operands: Operand[] = [];
    for (;;) {
      const word = this.#words[this.#at];
      if (!word || word.text === "|" || word.text === ")") break;
      operands.push(this.#operand(word));
    }
    if (operands.length === 0) throw templateError("{{ }} holds nothing");
    return operands;
  }

  #operand(word: Token): Operand {
    this.#at += 1;
    if (word.kind === "field") return { from: { kind: "dot" }, fields: [word.text.slice(1), ...this.#fields()] };
    return { from: this.#start(word), fields: this.#fields() };
  }

  #start({ kind, text }: Token): Operand["from"] {
    if (kind === "text") return { kind: "literal", value: text.startsWith("`") ? text.slice(1, -1) : unquoted(text) };
    if (kind === "number") return { kind: "literal", value: Number(text) };
    if (kind === "variable") return { kind: "variable", name: text };
    if (text === ".") return { kind: "dot" };
    if (text === "(") {
      const pipeline = new PipelineReader(this.#inner()).pipeline();
      return { kind: "group", pipeline };
    }
    if (kind !== "name") throw templateError(`${text} cannot begin a value`);
    const words = new Map<string, boolean | null>([
      ["true", true],
      ["false", false],
      ["nil", null],
    ]);
    const value = words.get(text);
    return value === undefined ? { kind: "function", name: text } : { kind: "literal", value };
  }

  /** The words up to the parenthesis that closes the one just read. */
  #inner(): Token[] {
    const start = this.#at;
    for (let depth = 1; depth > 0; this.#at += 1) {
      const word = this.#words[this.#at];
      if (!word) throw templateError("( without )");
      if (word.text === "(" && word.kind === "sign") depth += 1;
      if (word.text === ")" && word.kind === "sign") depth -= 1;
      if (depth > mostNested) throw templateError("too many parentheses");
    }
    return this.#words.slice(start, this.#at - 1);
  }

  #fields(): string[] {
    const fields: string[] = [];
    for (let word = this.#words[this.#at]; word?.kind === "field" && word.isGlued; word = this.#words[this.#at]) {
      fields.push(word.text.slice(1));
      this.#at += 1;
    }
    return fields;
  }
}

/** A quoted text; Go's escapes that JSON lacks are rewritten. */
function unquoted(text: string): string {
  try {
    const value: unknown = JSON.parse(
      text
        .replaceAll(/\\x([0-9A-Fa-f]{2})/gu, "\\u00$1")
        .replaceAll(/\\([av'])/gu, "$1")
        .replaceAll("\t", "\\t"),
    );
    return typeof value === "string" ? value : "";
  } catch {
    throw templateError(`${text} is not a text`);
  }
}
