import { millis, type Millis } from "#base/duration";
import { invalidInput, type FieldProblem } from "#base/errors";
import { Secret } from "#base/secret";

/** A section of the file, with the places of its options. */
export interface OptionSection {
  /** Its path, as in `[integrations.nginx]`, for error messages. */
  readonly label: string;
  readonly file: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The line of an option; the section's own line for one that is not there. */
  readonly lineOf: (option: string) => number;
}

interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

/**
 * The options of one section, taken by name and type. A wrong value is noted and its default (or an empty value) returned, so that all mistakes of
 * a section are told at once by {@link done}.
 */
export class Options {
  readonly #section: OptionSection;
  readonly #taken = new Set<string>();
  readonly #problems: FieldProblem[] = [];
  readonly #warn: (sentence: string) => void;

  /** @param warn takes a sentence for each option that nobody asked for */
  constructor(section: OptionSection, warn: (sentence: string) => void) {
    this.#section = section;
    this.#warn = warn;
  }

  has(key: string): boolean {
    return this.#section.options[key] !== undefined;
  }

  /** A text; undefined when it is not there. */
  optionalText(key: string): string | undefined {
    const value = this.#take(key);
    if (value === undefined || (typeof value === "string" && value !== "")) return value;
    this.problem(key, 'must be a text in quotes, like "text", and not empty');
    return undefined;
  }

  /** A text that must be there unless `otherwise` is given. */
  text(key: string, otherwise?: string): string {
    const value = this.optionalText(key);
    if (value === undefined && otherwise === undefined && !this.has(key)) this.problem(key, `is missing; write \`${key} = "…"\``);
    return value ?? otherwise ?? "";
  }

  /** One of a few words. */
  word<T extends string>(key: string, words: readonly T[], otherwise: T): T {
    const value = this.optionalText(key);
    if (value === undefined) return otherwise;
    const found = words.find((word) => word === value);
    if (found === undefined) this.problem(key, `must be one of ${words.join(", ")}, not \`${value}\``);
    return found ?? otherwise;
  }

  /** A text that never shows in a log or error. */
  secret(key: string): Secret | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value !== "") return new Secret(value);
    this.problem(key, "must be a text in quotes and not empty");
    return undefined;
  }

  /** An http or https address. */
  url(key: string, otherwise?: string): URL {
    const value = this.text(key, otherwise);
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed && (parsed.protocol === "http:" || parsed.protocol === "https:")) return parsed;
    if (this.has(key) && value !== "") this.problem(key, "must be an address that begins with http:// or https://");
    return new URL("http://invalid.invalid/");
  }

  /** A whole number. */
  integer(key: string, otherwise: number, { least = 0, most = Number.MAX_SAFE_INTEGER }: Bounds = {}): number {
    const value = this.#take(key);
    if (value === undefined) return otherwise;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    this.problem(key, `must be a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}`);
    return otherwise;
  }

  /** A length of time, written as whole seconds. */
  seconds(key: string, otherwise: number, bounds: Bounds = { least: 1, most: 3600 }): Millis {
    return millis(this.integer(key, otherwise, bounds) * 1000);
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.#take(key);
    if (value === undefined || typeof value === "boolean") return value ?? otherwise;
    this.problem(key, "must be true or false");
    return otherwise;
  }

  /** A list of texts; one text alone counts as a list of one. */
  list(key: string, otherwise: readonly string[] = []): readonly string[] {
    const value = this.#take(key);
    if (value === undefined) return otherwise;
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const texts = items.filter((item) => typeof item === "string" && item !== "");
    if (texts.length === items.length) return texts.map(String);
    this.problem(key, 'must be a list like ["a", "b"]');
    return otherwise;
  }

  /** A table whose values are texts. */
  texts(key: string): Readonly<Record<string, string>> {
    const value = this.#take(key);
    const found: Record<string, string> = {};
    if (value === undefined) return found;
    const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
    for (const [name, text] of isTable ? Object.entries(value) : []) {
      if (typeof text === "string") found[name] = text;
      else this.problem(`${key}.${name}`, 'must be a text in quotes, like "text"');
    }
    if (!isTable) this.problem(key, 'must be a table like { name = "value" }');
    return found;
  }

  /** Tells the operator about something that works but should be changed. */
  warn(key: string, sentence: string): void {
    this.#warn(`${this.place(key)}, ${this.#path(key)}: ${sentence}`);
  }

  /** File and line of an option. */
  place(key: string): string {
    return `${this.#section.file} line ${this.#section.lineOf(key)}`;
  }

  /** The value as it stands, for what no other method reads. */
  raw(key: string): unknown {
    return this.#take(key);
  }

  /** Notes that `key` is wrong; `problem` says what would be right and never repeats a secret. */
  problem(key: string, problem: string): void {
    this.#problems.push({ field: `${this.place(key)}, ${this.#path(key)}`, problem });
  }

  /** What was wrong so far. */
  get problems(): readonly FieldProblem[] {
    return this.#problems;
  }

  /** Reads a table inside this one; what is wrong in it counts here. */
  within<T>(key: string, table: Readonly<Record<string, unknown>>, read: (options: Options) => T): T {
    const { label, file, lineOf } = this.#section;
    const inner = new Options(
      { label: `${label}.${key}`, file, options: table, lineOf: (option) => lineOf(option === "" ? key : `${key}.${option}`) },
      this.#warn,
    );
    const value = read(inner);
    this.#problems.push(...inner.end());
    return value;
  }

  /** Ends the reading. @throws HinobanError "invalid-input" with all that is wrong */
  done(): void {
    const problems = this.end();
    if (problems.length > 0) throw invalidInput(problems);
  }

  /** Ends the reading: warns about options that nobody took. @returns all that is wrong */
  end(): readonly FieldProblem[] {
    const { label, options } = this.#section;
    const known = [...this.#taken].join(", ");
    for (const key of Object.keys(options)) {
      if (this.#taken.has(key)) continue;
      this.#warn(`${this.place(key)}: \`${key}\` is not known in [${label}] and was left out; known are ${known}.`);
    }
    return this.#problems;
  }

  #path(key: string): string {
    const { label } = this.#section;
    return label === "" || key === "" ? label + key : `${label}.${key}`;
  }

  #take(key: string): unknown {
    this.#taken.add(key);
    return this.#section.options[key];
  }
}
