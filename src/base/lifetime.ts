import { HinobanError, messageOf } from "#base/errors";

/**
 * Owns things that must be closed, in reverse order of ownership. One failing close keeps none of the others open;
 * all failures are reported together.
 */
export class Lifetime {
  readonly #owned: { name: string; close: () => unknown }[] = [];
  #closing: Promise<void> | undefined;

  /** Registers `close` to be run when the lifetime ends. Returns a function that gives the thing back unclosed. */
  own(name: string, close: () => unknown): () => void {
    const entry = { name, close };
    this.#owned.push(entry);
    return () => {
      const at = this.#owned.indexOf(entry);
      if (at >= 0) this.#owned.splice(at, 1);
    };
  }

  /** True from the moment `close` was called. */
  get isEnding(): boolean {
    return this.#closing !== undefined;
  }

  /** Closes everything once; later calls wait for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: string[] = [];
    for (let entry = this.#owned.pop(); entry; entry = this.#owned.pop()) {
      try {
        await entry.close();
      } catch (error) {
        failures.push(`${entry.name}: ${messageOf(error)}`);
      }
    }
    if (failures.length > 0) throw new HinobanError("internal", `Closing failed: ${failures.join("; ")}`, { failures });
  }
}
