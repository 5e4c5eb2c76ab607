import type { Clock } from "#base/clock";
import { millis, type Millis } from "#base/duration";

/** Long work asks this between its steps, and waits when told to: so that nobody else has to wait for it. */
export interface Pace {
  /** A promise to wait for, or undefined to go on at once. */
  pause(): Promise<void> | undefined;
}

/** For a thread of its own. */
export const unhurried: Pace = { pause: () => undefined };

/** Lets everything else run after each slice of this length. */
export function slices(clock: Clock, length: Millis = millis(4)): Pace {
  let since = clock.mono();
  return {
    pause: () => {
      if (clock.mono() - since < length) return undefined;
      return new Promise((resolve) => {
        setImmediate(() => {
          since = clock.mono();
          resolve();
        });
      });
    },
  };
}
