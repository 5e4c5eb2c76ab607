import type { Clock } from "#base/clock";
import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";

/** More addresses than this within a minute share what is left to them. */
const mostCounted = 10_000;

/** Counts requests of an address within a minute. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #most: number;
  #since: number;
  #counts = new Map<string, number>();

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
    this.#since = clock.mono();
  }

  /** @throws HinobanError "too-many-requests" with `retryAfter` in seconds */
  take(address: string): void {
    const now = this.#clock.mono();
    if (now - this.#since >= minutes(1)) {
      this.#counts = new Map();
      this.#since = now;
    }
    const own = networkOf(address);
    const key = this.#counts.has(own) || this.#counts.size < mostCounted ? own : "";
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count <= this.#most) return;
    const retryAfter = Math.ceil((minutes(1) - (now - this.#since)) / 1000);
    throw new HinobanError("too-many-requests", "Too many requests. Try again in a minute.", { retryAfter });
  }
}

/** Whoever has one IPv6 address has its whole /64. */
const networkOf = (address: string): string =>
  address.includes(":") && !address.includes(".") ? address.split(":").slice(0, 4).join(":") : address;
