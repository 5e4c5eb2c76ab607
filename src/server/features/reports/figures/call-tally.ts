import type { WallClock } from "#base/wall-time";
import type { CallFigures } from "../model.ts";
import { nightOf } from "./period.ts";

/** A call that asked somebody to take incidents. Times in unix ms. */
interface CallFact {
  readonly personId: string | undefined;
  readonly rangAt: number | undefined;
  readonly answeredAt: number | undefined;
  /** They took what it told of. */
  readonly hasTaken: boolean;
  /** The line or the number did not work. */
  readonly hasFailed: boolean;
}

/** What a person was called. */
export interface PersonCalls {
  requested: number;
  rang: number;
  answered: number;
  nightCalls: number;
  readonly nights: Set<string>;
}

/** Adds calls up. */
export class CallTally {
  readonly people = new Map<string, PersonCalls>();
  readonly #nightCallsOf = new Map<string, number>();
  readonly #clockOf: (personId: string | undefined) => WallClock;
  readonly #dayOf: (at: number) => string;
  readonly #sum = { requested: 0, rang: 0, answered: 0, taken: 0, failed: 0, nightCalls: 0 };

  /** @param clockOf the clock on the wall of a person */
  constructor(clockOf: (personId: string | undefined) => WallClock, dayOf: (at: number) => string) {
    this.#clockOf = clockOf;
    this.#dayOf = dayOf;
  }

  add({ personId, rangAt, answeredAt, hasTaken, hasFailed }: CallFact): void {
    const of = personId === undefined ? undefined : this.#person(personId);
    // What was answered has rung, whether the line said so or not.
    const rang = rangAt ?? answeredAt;
    for (const sum of of ? [this.#sum, of] : [this.#sum]) {
      sum.requested += 1;
      sum.rang += rang === undefined ? 0 : 1;
      sum.answered += answeredAt === undefined ? 0 : 1;
    }
    this.#sum.taken += hasTaken ? 1 : 0;
    this.#sum.failed += hasFailed ? 1 : 0;
    if (rang !== undefined) this.#addNight(rang, nightOf(rang, this.#clockOf(personId)), of);
  }

  #addNight(rang: number, night: string | undefined, of: PersonCalls | undefined): void {
    if (night === undefined) return;
    this.#sum.nightCalls += 1;
    const day = this.#dayOf(rang);
    this.#nightCallsOf.set(day, (this.#nightCallsOf.get(day) ?? 0) + 1);
    if (!of) return;
    of.nightCalls += 1;
    of.nights.add(night);
  }

  nightCallsOn(day: string): number {
    return this.#nightCallsOf.get(day) ?? 0;
  }

  result(): CallFigures {
    return { ...this.#sum };
  }

  #person(id: string): PersonCalls {
    const known = this.people.get(id);
    if (known) return known;
    const made = { requested: 0, rang: 0, answered: 0, nightCalls: 0, nights: new Set<string>() };
    this.people.set(id, made);
    return made;
  }
}
