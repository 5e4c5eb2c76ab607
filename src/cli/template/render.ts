import { fieldOf, functions, isTrue, shown } from "./functions.ts";
import { templateError } from "./lex.ts";
import { parseTemplate, type Node, type Operand, type Pipeline } from "./parse.ts";

/** What a template writes about a value. @throws CliFailure that says what is wrong with the template */
export function renderTemplate(source: string, value: unknown): string {
  const out: string[] = [];
  new Renderer(value, out).nodes(parseTemplate(source), value);
  return out.join("");
}

class Renderer {
  readonly #out: string[];
  readonly #variables: Map<string, unknown>;

  constructor(root: unknown, out: string[]) {
    this.#variables = new Map([["$", root]]);
    this.#out = out;
  }

  nodes(nodes: readonly Node[], dot: unknown): void {
    for (const node of nodes) {
      if (node.kind === "text") this.#out.push(node.text);
      else if (node.kind === "output") this.#output(node.pipeline, dot);
      else if (node.kind === "range") this.#range(node, dot);
      else this.#branch(node, dot);
    }
  }

  #output(pipeline: Pipeline, dot: unknown): void {
    const value = this.#valueOf(pipeline, dot);
    if (pipeline.sets.length === 0) this.#out.push(shown(value));
    else this.#set(pipeline.sets[0], value);
  }

  #branch({ kind, pipeline, body, otherwise }: Exclude<Node, { kind: "text" | "output" }>, dot: unknown): void {
    const value = this.#valueOf(pipeline, dot);
    this.#set(pipeline.sets[0], value);
    if (isTrue(value)) this.nodes(body, kind === "with" ? value : dot);
    else this.nodes(otherwise, dot);
  }

  #range({ pipeline, body, otherwise }: Exclude<Node, { kind: "text" | "output" }>, dot: unknown): void {
    const value = this.#valueOf(pipeline, dot);
    const pairs: [unknown, unknown][] = Array.isArray(value)
      ? [...value.entries()]
      : typeof value === "object" && value !== null
        ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
        : [];
    const [first, second] = pipeline.sets;
    for (const [key, item] of pairs) {
      this.#set(second === undefined ? undefined : first, key);
      this.#set(second ?? first, item);
      this.nodes(body, item);
    }
    if (pairs.length === 0) this.nodes(otherwise, dot);
  }

  #set(name: string | undefined, value: unknown): void {
    if (name !== undefined) this.#variables.set(name, value);
  }

  #valueOf({ commands }: Pipeline, dot: unknown): unknown {
    let piped: readonly unknown[] = [];
    let value: unknown;
    for (const command of commands) {
      value = this.#command(command, dot, piped);
      piped = [value];
    }
    return value;
  }

  /** A function with its arguments, what was piped being the last, or a single value. */
  #command([first, ...others]: readonly Operand[], dot: unknown, piped: readonly unknown[]): unknown {
    if (!first) return undefined;
    if (first.from.kind !== "function") {
      if (others.length > 0 || piped.length > 0) throw templateError("only functions take values");
      return this.#operand(first, dot);
    }
    const call = functions.get(first.from.name);
    if (!call) throw templateError(`there is no function ${first.from.name}; there are ${[...functions.keys()].join(", ")}`);
    return call([...others.map((one) => this.#operand(one, dot)), ...piped]);
  }

  #operand({ from, fields }: Operand, dot: unknown): unknown {
    return fields.reduce((value, name) => fieldOf(value, name), this.#start(from, dot));
  }

  #start(from: Operand["from"], dot: unknown): unknown {
    switch (from.kind) {
      case "dot":
        return dot;
      case "literal":
        return from.value;
      case "group":
        return this.#valueOf(from.pipeline, dot);
      case "variable":
        if (!this.#variables.has(from.name)) throw templateError(`there is no variable ${from.name}`);
        return this.#variables.get(from.name);
      case "function":
        return this.#command([{ from, fields: [] }], dot, []);
    }
  }
}
