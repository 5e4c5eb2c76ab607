import type { OtherHost, TimedValue } from "../integration.ts";

/** A host whose values wait. */
export type HostOfValues = Omit<OtherHost, "metrics" | "points">;

interface Waiting {
  readonly host: HostOfValues;
  points: readonly TimedValue[];
}

/** Beyond this the oldest go: it is more than an hour of 200 databases. */
const mostWaiting = 250_000;

/** Hands the values of a round on in portions, because a minute of the agent holds a limited number of values. */
export class Outbox {
  #waiting: Waiting[] = [];
  #size = 0;
  #dropped = 0;

  /** Values that were thrown away because too many waited. */
  get dropped(): number {
    return this.#dropped;
  }

  add(host: HostOfValues, points: readonly TimedValue[]): void {
    if (points.length === 0) return;
    this.#waiting.push({ host, points });
    this.#size += points.length;
    while (this.#size > mostWaiting) {
      const oldest = this.#waiting.shift();
      if (!oldest) return;
      this.#size -= oldest.points.length;
      this.#dropped += oldest.points.length;
    }
  }

  /** At most `most` values, the longest waiting first. */
  take(most: number): readonly OtherHost[] {
    const taken: OtherHost[] = [];
    let room = most;
    for (let next = this.#waiting[0]; next && room > 0; next = this.#waiting[0]) {
      const points = next.points.slice(0, room);
      room -= points.length;
      this.#size -= points.length;
      taken.push({ ...next.host, points });
      if (points.length < next.points.length) next.points = next.points.slice(points.length);
      else this.#waiting.shift();
    }
    return taken;
  }
}
