import type { Clock } from "#base/clock";
import { answersWithin } from "./acts.ts";

/** What comes of `work` in the time that a chat waits for an answer; undefined when it takes longer. It goes on all the same. */
export async function withinTime<T>(clock: Clock, work: Promise<T>): Promise<T | undefined> {
  const enough = new AbortController();
  try {
    return await Promise.race([work, clock.sleep("acts.answer", answersWithin, enough.signal).then(() => undefined)]);
  } finally {
    enough.abort(new Error("answered"));
  }
}
