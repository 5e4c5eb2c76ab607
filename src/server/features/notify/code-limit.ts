import type { Clock } from "#base/clock";
import { hours } from "#base/duration";
import { HinobanError } from "#base/errors";

const within = hours(1);
const most = 5;
/** More than this and the oldest are forgotten: nobody has so many people. */
const mostCounted = 10_000;

/** Counts codes that go to somebody or to an address: whoever adds and removes an address again and again fills nobody's mailbox. */
export class CodeLimit {
  readonly #clock: Clock;
  readonly #sent = new Map<string, readonly number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws "too-many-requests" with `retryAfter` in seconds */
  take(who: string): void {
    const now = this.#clock.mono();
    const recent = (this.#sent.get(who) ?? []).filter((at) => now - at < within);
    const [oldest = now] = recent;
    if (recent.length >= most) {
      const retryAfter = Math.ceil((within - (now - oldest)) / 1000);
      throw new HinobanError("too-many-requests", `At most ${most} codes are sent in an hour. Try again later.`, { retryAfter });
    }
    this.#sent.delete(who);
    this.#sent.set(who, [...recent, now]);
    const [first] = this.#sent.keys();
    if (this.#sent.size > mostCounted && first !== undefined) this.#sent.delete(first);
  }
}
