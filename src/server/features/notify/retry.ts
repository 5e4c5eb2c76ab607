import { hours, millis, minutes, seconds, type Millis } from "#base/duration";

/** How long to wait after each failed try; the last one again and again. */
const waits = {
  /** Chats and webhooks. */
  quick: [seconds(10), seconds(30), minutes(2), minutes(10), hours(1)],
  mail: [minutes(1), minutes(5), minutes(15), hours(1)],
} as const satisfies Record<string, readonly Millis[]>;

export type Pace = keyof typeof waits;

/** Nobody wants to hear on Thursday of what was urgent on Tuesday. */
const giveUpAfter = hours(24);
const jitter = 0.2;

/**
 * When to try again after `tries` failed tries; undefined: given up.
 * @param random in [0, 1): spreads those who failed together
 * @param asked what the other side asked for
 */
export function waitAfter(pace: Pace, tries: number, random: number, asked?: Millis): Millis | undefined {
  const list: readonly Millis[] = waits[pace];
  let spent = 0;
  for (let done = 0; done < tries - 1; done++) spent += waitAt(list, done);
  const wait = waitAt(list, tries - 1);
  if (spent + wait > giveUpAfter) return undefined;
  const spread = Math.round(wait * (1 - jitter + 2 * jitter * random));
  return millis(Math.max(spread, Math.min(asked ?? 0, giveUpAfter)));
}

const waitAt = (list: readonly Millis[], done: number): Millis => list[Math.min(done, list.length - 1)] ?? hours(1);
