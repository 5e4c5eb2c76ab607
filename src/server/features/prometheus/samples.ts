import type { Plan } from "./mapping.ts";

/** Samples that were read and not yet stored, in columns: hosts must be looked up first, which takes time. */
export class Samples {
  readonly #plans: Plan[] = [];
  readonly #facts: Plan[] = [];
  #times = new Float64Array(64);
  #values = new Float64Array(64);
  #starts = new Float64Array(64);

  /** @param at milliseconds since 1970 @param startedAt when the counter began at zero; 0 when nobody says */
  add(plan: Plan, at: number, value: number, startedAt = 0): void {
    const index = this.#plans.length;
    if (index === this.#times.length) this.#grow();
    this.#plans.push(plan);
    if (plan.fact !== undefined) this.#facts.push(plan);
    this.#times[index] = at;
    this.#values[index] = value;
    this.#starts[index] = startedAt;
  }

  get count(): number {
    return this.#plans.length;
  }

  /** The plans in the order of their samples; one that has several comes several times. */
  get plans(): readonly Plan[] {
    return this.#plans;
  }

  /** Those of them that tell something about their host. */
  get facts(): readonly Plan[] {
    return this.#facts;
  }

  at(index: number): number {
    return this.#times[index] ?? 0;
  }

  value(index: number): number {
    return this.#values[index] ?? Number.NaN;
  }

  startedAt(index: number): number {
    return this.#starts[index] ?? 0;
  }

  #grow(): void {
    const grown = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const wide = new Float64Array(old.length * 2);
      wide.set(old);
      return wide;
    };
    [this.#times, this.#values, this.#starts] = [grown(this.#times), grown(this.#values), grown(this.#starts)];
  }
}
