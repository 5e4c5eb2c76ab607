import { createContext, use, useEffect, useState } from "react";
import type { Clock, Timer } from "#base/clock";
import { millis, unixMs, type Millis, type UnixMs } from "#base/duration";

/** The console's only use of the machine's clock; tests put a fake clock into {@link ClockContext} instead. */
export const browserClock: Clock = {
  now: () => unixMs(Date.now()),
  mono: () => millis(performance.now()),
  after(name, delay, task): Timer {
    const id = window.setTimeout(task, delay);
    return { name, cancel: () => window.clearTimeout(id) };
  },
  every(name, period, task): Timer {
    const id = window.setInterval(task, period);
    return { name, cancel: () => window.clearInterval(id) };
  },
  sleep(name, delay, signal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = browserClock.after(name, delay, resolve);
      signal?.addEventListener(
        "abort",
        () => {
          timer.cancel();
          reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
        },
        { once: true },
      );
    });
  },
};

export const ClockContext = createContext<Clock>(browserClock);

export const useClock = (): Clock => use(ClockContext);

/** The time now, renewed every `period`, so that "3 minutes ago" stays true on a page left open. */
export function useNow(period: Millis): UnixMs {
  const clock = useClock();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const timer = clock.every("ui.now", period, () => setNow(clock.now()));
    return () => timer.cancel();
  }, [clock, period]);
  return now;
}
