import { isIPv6 } from "node:net";
import type { Clock } from "#base/clock";
import { minutes } from "#base/duration";
import { plainAddress, samePeer, type Hop } from "./transport.ts";

/** How long an answer of the name service is taken for true. */
const freshFor = minutes(1);

/** At least one. */
export type Some<T> = readonly [T, ...T[]];

export const familyOf = ({ address }: Hop): 4 | 6 => (isIPv6(address) ? 6 : 4);

/** The addresses of a line's server, those that worked last in front. */
export class Hops {
  readonly #clock: Clock;
  readonly #locate: () => Promise<Some<Hop>>;
  #hops: readonly Hop[] = [];
  #failed: readonly Hop[] = [];
  #askedAt: number | undefined;
  #family: 4 | 6 | undefined;
  readonly #ours = new Set<string>();

  constructor(clock: Clock, find: () => Promise<Some<Hop>>) {
    this.#clock = clock;
    this.#locate = find;
  }

  /** From now on addresses of that family alone: a datagram socket reaches no others. */
  keepTo(family: 4 | 6): void {
    this.#family = family;
  }

  /** The first that can be reached; where none can, the first. */
  reachable(hops: Some<Hop>): Hop {
    return hops.find((hop) => this.#family === undefined || familyOf(hop) === this.#family) ?? hops[0];
  }

  /** All addresses of one family, in the order in which they should be tried. @throws HinobanError "unavailable" when none is known */
  async list(): Promise<readonly Hop[]> {
    const now = this.#clock.mono();
    if (this.#askedAt === undefined || now - this.#askedAt >= freshFor) await this.#refresh(now);
    const isFailed = (hop: Hop): boolean => this.#failed.some((one) => samePeer(one, hop));
    return [...this.#hops.filter((hop) => !isFailed(hop)), ...this.#hops.filter(isFailed)];
  }

  async #refresh(now: number): Promise<void> {
    try {
      const found = await this.#locate();
      const first = this.reachable(found);
      this.#hops = found.filter((hop) => familyOf(hop) === familyOf(first));
      this.#ours.clear();
      for (const { address } of found) this.#ours.add(plainAddress(address));
      this.#askedAt = now;
    } catch (error) {
      // A name service that is away does not take away what it said before.
      if (this.#hops.length === 0) throw error;
    }
  }

  /** One did not work: it is tried last from now on. */
  failed(hop: Hop): void {
    this.#failed = [...this.#failed.filter((one) => !samePeer(one, hop)), hop].slice(-8);
  }

  worked(hop: Hop): void {
    this.#failed = this.#failed.filter((one) => !samePeer(one, hop));
  }

  /** Whether an address is one of the server's. */
  has(address: string): boolean {
    return this.#ours.has(plainAddress(address));
  }
}
