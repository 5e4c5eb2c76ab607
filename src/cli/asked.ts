import type { World } from "./world.ts";
import { durationOf, timeOf } from "./units.ts";

/** Values of flags, by name. */
export type Given = ReadonlyMap<string, string | readonly string[] | true>;

/** What was typed behind a command's name, checked against its description. */
export interface Parsed {
  readonly given: Given;
  readonly operands: readonly string[];
}

/** What was asked for, and of whom. */
export class Asked {
  readonly world: World;
  readonly #parsed: Parsed;

  constructor(world: World, parsed: Parsed) {
    this.world = world;
    this.#parsed = parsed;
  }

  get operands(): readonly string[] {
    return this.#parsed.operands;
  }

  isOn(flag: string): boolean {
    return this.#parsed.given.get(flag) === true;
  }

  has(flag: string): boolean {
    return this.#parsed.given.has(flag);
  }

  /** Undefined when the flag was not given, or given with nothing. */
  text(flag: string): string | undefined {
    const value = this.#parsed.given.get(flag);
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  list(flag: string): readonly string[] {
    const value = this.#parsed.given.get(flag);
    return Array.isArray(value) ? value : [];
  }

  integer(flag: string): number | undefined {
    const value = this.text(flag);
    return value === undefined ? undefined : Number(value);
  }

  /** Unix seconds. @throws CliFailure */
  time(flag: string): number | undefined {
    const value = this.text(flag);
    return value === undefined ? undefined : timeOf(flag, value, this.world.clock.now());
  }

  /** Seconds. @throws CliFailure */
  duration(flag: string): number | undefined {
    const value = this.text(flag);
    return value === undefined ? undefined : durationOf(flag, value);
  }
}
