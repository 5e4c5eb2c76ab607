import { millis, minutes, seconds, type Millis } from "#base/duration";
import type { SpoolEntry } from "./spool.ts";

/** A minute that the server refused: it goes alone, not before `retryAt` (monotonic). */
export interface Refusal {
  readonly failures: number;
  readonly retryAt: Millis;
}

/** Minutes in one post while a backlog is delivered: a post stays far below 1 MB. */
export const mergeLimit = 4;

/** A refused minute is dropped when it failed more often than this. */
export const refusalLimit = 60;

export const refusalPause: Millis = minutes(1);
export const whileAway = { first: seconds(2), longest: minutes(1) };
export const whileDenied = { first: minutes(1), longest: minutes(5) };

/**
 * What to send next: the oldest minutes, a few in one post. Minutes that were refused wait aside until their time and then go alone, so that
 * one bad minute never holds back the good ones, and everything else stays in order.
 */
export function chooseBatch(entries: readonly SpoolEntry[], refusals: ReadonlyMap<string, Refusal>, now: Millis): readonly SpoolEntry[] {
  const batch: SpoolEntry[] = [];
  for (const entry of entries) {
    const refusal = refusals.get(entry.key);
    if (!refusal) {
      batch.push(entry);
      if (batch.length === mergeLimit) break;
    } else if (refusal.retryAt <= now) {
      if (batch.length === 0) return [entry];
      break;
    }
  }
  return batch;
}

/** When the earliest refused minute may be tried again. */
export function earliestRetry(refusals: ReadonlyMap<string, Refusal>): Millis | undefined {
  let earliest: Millis | undefined;
  for (const { retryAt } of refusals.values()) if (earliest === undefined || retryAt < earliest) earliest = retryAt;
  return earliest;
}

/**
 * The pause between two posts of a backlog: twenty times what the server took for the last one, 0.5-30 s, ±25 %. So an agent uses at most
 * a twentieth of the server's time however slow it is, and thousands that come back together slow down together.
 */
export function drainPause(took: Millis, random: () => number): Millis {
  const even = Math.min(Math.max(took * 20, 500), 30_000);
  return millis(Math.round(even * (0.75 + random() / 2)));
}

/** How long after the full minute this host posts, 0-29 s: the fleet spreads itself, and data is never older than it must be. */
export function spreadOf(hostId: string): Millis {
  let hash = 0x811c9dc5; // FNV-1a: ids are random already, this only folds them
  for (const character of hostId) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return seconds(hash % 30);
}
