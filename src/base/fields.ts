import { HinobanError, invalidInput, type FieldProblem } from "./errors.ts";

const mostProblems = 20;

/** What is wrong with one input, over all its parts. */
export class Problems {
  readonly #found: FieldProblem[] = [];

  add(field: string, problem: string): void {
    if (this.#found.length < mostProblems) this.#found.push({ field, problem });
  }

  get areThere(): boolean {
    return this.#found.length > 0;
  }

  /** @throws "invalid-input" that names each wrong field, when there is any */
  throwIfAny(): void {
    if (this.#found.length > 0) throw invalidInput(this.#found);
  }
}

export interface TextRule {
  readonly least?: number;
  /** In characters. */
  readonly most: number;
}

/**
 * An object of somebody else's, read member by member; what is wrong is collected with its path. `null` counts as absent throughout, for
 * Mackerel's clients send it for what they do not set.
 */
export class Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #problems: Problems;

  constructor(object: Readonly<Record<string, unknown>>, problems: Problems, path = "") {
    this.#object = object;
    this.#problems = problems;
    this.#path = path;
  }

  problem(key: string, problem: string): undefined {
    this.#problems.add(key === "" ? this.#path || "body" : this.pathOf(key), problem);
    return undefined;
  }

  pathOf(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }

  /** The member, undefined when it is absent or null. */
  get(key: string): unknown {
    const value = Object.hasOwn(this.#object, key) ? this.#object[key] : undefined;
    return value === null ? undefined : value;
  }

  /** Undefined when it is absent or wrong; a wrong one is a problem. */
  text(key: string, { least = 0, most }: TextRule): string | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (typeof value !== "string") return this.problem(key, "must be a text");
    const text = clean(value);
    const isRight = text.length >= least && (text.length <= most || [...text].length <= most);
    return isRight ? text : this.problem(key, `must have ${least} to ${most} characters`);
  }

  /** The same, and its absence is a problem too. */
  needed(key: string, rule: TextRule): string {
    if (this.get(key) === undefined) this.problem(key, "must be given");
    return this.text(key, rule) ?? "";
  }

  number(key: string, least = -Number.MAX_VALUE): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isFinite(value) && value >= least) return value;
    return this.problem(key, least > -Number.MAX_VALUE ? `must be a number of at least ${least}` : "must be a number");
  }

  /** A whole number; 60.0 and 6e1 are 60. */
  integer(key: string, least: number, most: number): number | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value + 0; // -0 is 0
    return this.problem(key, `must be a whole number from ${least} to ${most}`);
  }

  neededInteger(key: string, least: number, most: number): number {
    if (this.get(key) === undefined) this.problem(key, "must be given");
    return this.integer(key, least, most) ?? least;
  }

  boolean(key: string): boolean | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === "boolean") return value;
    return this.problem(key, "must be true or false");
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const value = this.get(key);
    return choices.find((choice) => choice === value) ?? this.problem(key, `must be one of ${choices.join(", ")}`);
  }

  object(key: string): Fields | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (isObject(value)) return new Fields(value, this.#problems, this.pathOf(key));
    return this.problem(key, "must be an object");
  }

  list(key: string, most: number): readonly unknown[] | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.problem(key, "must be a list");
    return value.length <= most ? value : this.problem(key, `may have ${most} ${most === 1 ? "entry" : "entries"}`);
  }

  /** A list of objects, each read by `read`; what is no object is a problem. */
  objects<T>(key: string, most: number, read: (item: Fields) => T): T[] | undefined {
    return this.list(key, most)?.flatMap((item, index) => {
      const path = `${key}.${index}`;
      if (isObject(item)) return [read(new Fields(item, this.#problems, this.pathOf(path)))];
      this.problem(path, "must be an object");
      return [];
    });
  }

  /** A list of texts. */
  texts(key: string, most: number, rule: TextRule): string[] | undefined {
    const items = this.list(key, most);
    if (!items) return undefined;
    const texts = new Fields(Object.fromEntries(items.entries()), this.#problems, this.pathOf(key));
    return items.map((_, index) => texts.needed(String(index), rule));
  }
}

/** PostgreSQL keeps no U+0000, and half a surrogate pair is no text. */
const clean = (text: string): string => text.replaceAll("\0", "\uFFFD").toWellFormed();

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The members of a body. @throws "bad-request" when it is no object */
export function fieldsOf(body: unknown, problems: Problems): Fields {
  if (!isObject(body)) throw new HinobanError("bad-request", "The body must be a JSON object.");
  return new Fields(body, problems);
}

/** An object with the member, or without it when there is no value. */
export function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value }; // a computed key widens to string
}
