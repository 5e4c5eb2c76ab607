import type { Clock, Timer } from "#base/clock";
import { millis, unixMs, type Millis } from "#base/duration";

/** A clock for component tests: it stands still until `advance` moves it, and then fires what has fallen due. */
export interface StillClock extends Clock {
  advance(by: Millis): void;
  /** Names of the timers that wait. */
  readonly waiting: () => readonly string[];
}

interface Waiting {
  readonly name: string;
  readonly task: () => void;
  readonly period: number | undefined;
  at: number;
}

export function stillClock(start = unixMs(Date.UTC(2026, 10, 22, 3, 0))): StillClock {
  let passed = 0;
  const timers = new Set<Waiting>();
  const add = (name: string, delay: Millis, task: () => void, period: number | undefined): Timer => {
    const timer = { name, task, period, at: passed + delay };
    timers.add(timer);
    return { name, cancel: () => void timers.delete(timer) };
  };
  const fire = (timer: Waiting): void => {
    if (timer.period === undefined) timers.delete(timer);
    else timer.at += timer.period;
    timer.task();
  };
  return {
    now: () => unixMs(start + passed),
    mono: () => millis(passed),
    after: (name, delay, task) => add(name, delay, task, undefined),
    every: (name, period, task) => add(name, period, task, period),
    sleep: () => Promise.resolve(),
    waiting: () => [...timers].map((timer) => timer.name),
    advance(by) {
      passed += by;
      for (const timer of timers) if (timer.at <= passed) fire(timer);
    },
  };
}
