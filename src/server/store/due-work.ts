import type { Clock, Timer } from "#base/clock";
import { millis, seconds, type UnixMs } from "#base/duration";

/** What one look at the work did. */
export interface Looked {
  /** When the next piece falls due, as far as the database knows; undefined: nothing waits. */
  readonly nextAt: UnixMs | undefined;
}

export interface DueWorkOptions {
  /** Shows up in the list of running timers. */
  readonly name: string;
  readonly clock: Clock;
  /** Does what is due in all organisations. Any number of processes may run it at once: it claims its rows. */
  readonly look: () => Promise<Looked>;
  readonly onError: (error: unknown) => void;
}

/** Hints may be lost and clocks may step: nothing waits longer than this for another look. */
const longestWait = seconds(5);

/**
 * Work that falls due at moments which the database keeps. It is looked at when it is woken by a hint, at the moment when the next piece
 * is due, and every few seconds whatever happens. One look at a time; a hint during a look causes another one after it.
 */
export class DueWork {
  readonly #options: DueWorkOptions;
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;
  #isWanted = false;
  #isStopped = true;

  constructor(options: DueWorkOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    this.wake();
  }

  /** Ends looking and waits for the look that runs. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#looking;
  }

  /** Something may be due now. */
  wake(): void {
    this.#isWanted = true;
    if (this.#isStopped || this.#looking) return;
    this.#timer?.cancel();
    this.#looking = this.#run().finally(() => {
      this.#looking = undefined;
      if (this.#isWanted && !this.#isStopped) this.wake();
    });
  }

  /** Waits until no look runs or is wanted. */
  async settled(): Promise<void> {
    while (this.#looking) await this.#looking;
  }

  async #run(): Promise<void> {
    const { name, clock, look, onError } = this.#options;
    let wait: number = longestWait;
    this.#isWanted = false;
    try {
      const { nextAt } = await look();
      if (nextAt !== undefined) wait = Math.min(wait, Math.max(0, nextAt - clock.now()));
    } catch (error) {
      onError(error);
    }
    if (!this.#isStopped) this.#timer = clock.after(name, millis(wait), () => this.wake());
  }
}
