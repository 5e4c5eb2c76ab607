import type { Fields } from "#base/fields";
import type { MonitorSettings } from "#wire/monitor-settings";

/** What was read of somebody's settings, with the keys that they wrote and in our order. */
export class Written {
  readonly #fields: Fields;
  readonly #members: Record<string, unknown> = {};

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  put(key: string, value: unknown): void {
    this.#members[key] = value;
  }

  /** Only when there is a value. */
  keep(key: string, value: unknown): void {
    if (value !== undefined) this.#members[key] = value;
  }

  /** A threshold: `null` when none is set, for that is how it travels. */
  threshold(key: string, least?: number, most = Number.MAX_VALUE): number | undefined {
    const value = this.#fields.number(key, least);
    if (value !== undefined && value > most) this.#fields.problem(key, `must be at most ${most}`);
    this.#members[key] = value ?? null;
    return value;
  }

  /** What was read; whoever calls has made sure that nothing was wrong with it. */
  settings(): MonitorSettings {
    return this.#members as unknown as MonitorSettings; // each reader puts just what its type has
  }
}
