import type { Clock } from "#base/clock";
import { millis, seconds, unixMs, unixSeconds, type Millis, type UnixSeconds } from "#base/duration";
import type { Log } from "./log.ts";

const minute = 60_000;

/** A clock that says less than this was never set (a board without battery starts in 1970): its minutes would be nonsense. */
const earliestBelievable = unixMs(Date.UTC(2026, 0, 1));

/** A difference between wall and monotonic clock beyond this is somebody's doing, not the clock's slow correction. */
const jumpFrom = 5000;

export interface ScheduleDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** From start to the first values. */
  readonly firstInterval: Millis;
  /** Takes a sample for the minute `time`; `isFirst` for the short samples right after the start. */
  readonly take: (time: UnixSeconds, isFirst: boolean) => Promise<void>;
}

/** Between the first values and the second. */
const secondInterval: Millis = seconds(10);

/**
 * Calls `take` shortly after the start, once more 10 s later, and from then on at every full minute of the wall clock until `signal` is
 * aborted. Times are always full minutes. When the wall clock is set, the minutes follow it; nothing is made up for skipped ones.
 */
export async function keepMinutes({ clock, log, firstInterval, take }: ScheduleDeps, signal: AbortSignal): Promise<void> {
  const start = clock.mono();
  const extras: Millis[] = [millis(start + firstInterval), millis(start + firstInterval + secondInterval)];
  const watch = watchWallClock(clock, log);
  while (!signal.aborted) {
    const boundary = (Math.floor(clock.now() / minute) + 1) * minute;
    const untilBoundary = boundary - clock.now();
    const extra = extras[0];
    const isExtra = extra !== undefined && extra - clock.mono() < untilBoundary;
    await wait(clock, isExtra ? millis(extra - clock.mono()) : millis(untilBoundary), signal);
    if (signal.aborted) return;
    const isSet = watch();
    if (isExtra) extras.shift();
    else if (clock.now() < boundary && !isSet) {
      await wait(clock, millis(boundary - clock.now()), signal); // the timer was some milliseconds early
      if (signal.aborted) return;
    }
    const now = clock.now();
    if (now >= earliestBelievable) await take(unixSeconds(Math.floor(now / minute) * 60), isExtra);
  }
}

const wait = (clock: Clock, delay: Millis, signal: AbortSignal): Promise<void> =>
  clock.sleep("agent.sample", millis(Math.max(delay, 0)), signal).catch(() => undefined);

/** Returns a question: was the wall clock set since the last time it was asked? It tells the log. */
function watchWallClock(clock: Clock, log: Log): () => boolean {
  let offset = clock.now() - clock.mono();
  let isUnset = false;
  return () => {
    const jump = clock.now() - clock.mono() - offset;
    offset = clock.now() - clock.mono();
    const isSet = Math.abs(jump) >= jumpFrom;
    if (isSet) log.warn("The clock of this machine was set.", { by: `${Math.round(jump / 1000)}s` });
    const isNowUnset = clock.now() < earliestBelievable;
    if (isNowUnset && !isUnset)
      log.error("The clock of this machine is not set: no metrics are kept until it is.", { now: new Date(clock.now()).toISOString() });
    isUnset = isNowUnset;
    return isSet;
  };
}
