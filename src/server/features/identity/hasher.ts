import { hash, verify } from "@node-rs/argon2";
import { HinobanError } from "#base/errors";

/** OWASP's second recommendation for argon2id: 19 MiB, two passes, one lane; about 14 ms of one core. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const costMark = `$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`;

const mostAtOnce = 2;
const mostWaiting = 32;

/**
 * Hashes and checks passwords, at most two at a time: each takes 19 MiB and a core, so an unbounded number would be an easy way to
 * stop the server.
 */
export class Hasher {
  #busy = 0;
  readonly #waiting: (() => void)[] = [];

  /**
   * Runs `work` when one of the two places is free.
   * @throws HinobanError "too-many-requests" when 32 wait already.
   */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** The argon2id hash of a password in PHC form. Call it inside {@link inTurn}. */
  hash(password: string): Promise<string> {
    return hash(normal(password), cost);
  }

  /**
   * Whether `password` is the one behind `stored`. Without a stored hash it costs the same time and says no, so that nobody learns
   * from the clock who has an account. Call it inside {@link inTurn}.
   */
  async isRight(password: string, stored: string | null | undefined): Promise<boolean> {
    if (stored) return verify(stored, normal(password));
    await this.hash(password);
    return false;
  }

  /** Whether a hash was made at another cost than today's and should be made anew at the next chance. */
  isOutdated(stored: string): boolean {
    return !stored.includes(costMark);
  }

  async #enter(): Promise<void> {
    if (this.#busy < mostAtOnce) {
      this.#busy += 1;
      return;
    }
    if (this.#waiting.length >= mostWaiting) {
      throw new HinobanError("too-many-requests", "Too many people are signing in at this moment. Try again in a few seconds.", {
        retryAfter: 2,
      });
    }
    // Whoever leaves hands its place over, so the number of busy places stays.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy -= 1;
  }
}

/** The same password typed on another keyboard may come as other code points of the same characters. */
const normal = (password: string): string => password.normalize("NFKC");
