import { millis, type Millis } from "#base/duration";

/** How long to wait between tries. */
export interface BackoffRange {
  readonly first: Millis;
  readonly longest: Millis;
}

/**
 * The wait before the next try: doubles from `first` to `longest`, minus up to half of it at random, so that a fleet whose server
 * comes back does not ask in one voice.
 * @param tries failures so far, from 1
 */
export function backoff(tries: number, { first, longest }: BackoffRange, random: () => number): Millis {
  const full = Math.min(first * 2 ** Math.min(tries - 1, 30), longest);
  return millis(Math.round(full * (0.5 + random() / 2)));
}
