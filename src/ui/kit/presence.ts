import type { Clock } from "#base/clock";
import { minutes } from "#base/duration";

/** Without a key, a click or a scroll for this long, what the page asks is its own doing. */
const idleAfter = minutes(2);
const signs = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"] as const;

/** Watches a window for signs of a person. @returns whether nobody seems to be there */
export function watchPresence(target: EventTarget, clock: Pick<Clock, "mono">): () => boolean {
  let seenAt = clock.mono();
  const see = (): void => {
    seenAt = clock.mono();
  };
  for (const sign of signs) target.addEventListener(sign, see, { passive: true, capture: true });
  return () => clock.mono() - seenAt > idleAfter;
}
