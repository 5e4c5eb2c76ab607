import type { Clock } from "#base/clock";
import { seconds } from "#base/duration";

/** How long an answer counts without another look. Another process's change is seen this late at the latest, should its hint get lost. */
const goodFor = seconds(3);

interface Remembered<T> {
  readonly answer: Promise<T | undefined>;
  readonly until: number;
  /** Set once the answer is there. */
  value?: T;
}

/**
 * Remembers answers for a few seconds. Callers that ask for the same thing at the same time share one look.
 * A look that began before a `drop` is never remembered after it.
 */
export class Recent<T> {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #remembered = new Map<string, Remembered<T>>();

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** The answer for `key`, from memory or from `look`. "Nothing found" and failures are not remembered. */
  async get(key: string, look: () => Promise<T | undefined>): Promise<T | undefined> {
    const now = this.#clock.mono();
    const known = this.#remembered.get(key);
    if (known && now < known.until) return known.answer;
    const entry: Remembered<T> = { answer: look(), until: now + goodFor };
    this.#remembered.delete(key);
    this.#makeRoom();
    this.#remembered.set(key, entry);
    try {
      const value = await entry.answer;
      if (value === undefined) this.#forget(key, entry);
      else entry.value = value;
      return value;
    } catch (error) {
      this.#forget(key, entry);
      throw error;
    }
  }

  /** Forgets what matches, and every look that is still under way. */
  drop(isStale: (value: T) => boolean): void {
    for (const [key, entry] of this.#remembered) {
      if (entry.value === undefined || isStale(entry.value)) this.#remembered.delete(key);
    }
  }

  clear(): void {
    this.#remembered.clear();
  }

  #forget(key: string, entry: Remembered<T>): void {
    if (this.#remembered.get(key) === entry) this.#remembered.delete(key);
  }

  #makeRoom(): void {
    if (this.#remembered.size < this.#most) return;
    const oldest = this.#remembered.keys().next();
    if (oldest.done !== true) this.#remembered.delete(oldest.value);
  }
}
