import type { Severity } from "#wire/alerting";
import type { Beat, Mapping } from "#wire/sources";

/** One thing that another product says is wrong, or no longer. */
export interface Item {
  /** The same in the message that opens and the one that closes; any length. */
  readonly key: string;
  readonly isOpen: boolean;
  /** Orders messages about one key that arrive out of order: of an older start nothing is believed. Unix ms; 0 when nothing is said. */
  readonly startedAt: number;
  readonly severity: Severity;
  readonly name: string;
  readonly message: string;
  /** Names under which the inventory may know the host, best first. */
  readonly hostNames: readonly string[];
  /** Labels and links for the page. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What a message says. */
export type Reading =
  | { readonly kind: "items"; readonly items: readonly Item[]; readonly truncated: number }
  /** Somebody pressed "test". */
  | { readonly kind: "test" }
  /** Understood, and nothing to do. */
  | { readonly kind: "ignored"; readonly why: string }
  /** Not understood: somebody must look. */
  | { readonly kind: "unread"; readonly why: string };

/** What a reader must know of its source. */
export interface ReaderSettings {
  readonly defaultSeverity: Severity;
  readonly mapping: Mapping | undefined;
}

export interface SourceSettings extends ReaderSettings {
  readonly beat: Beat | undefined;
}

/** Most items of one message. */
export const mostItems = 10_000;

const severityWords: ReadonlyMap<string, Severity> = new Map([
  ...(["critical", "crit", "page", "disaster", "emergency", "emerg", "fatal", "p1", "sev1", "high"] as const).map(
    (word) => [word, "critical"] as const,
  ),
  ...(["error", "err", "major", "average", "p2", "sev2"] as const).map((word) => [word, "error"] as const),
  ...(["warning", "warn", "minor", "ticket", "low", "p3", "sev3"] as const).map((word) => [word, "warning"] as const),
  ...(["information", "info", "informational", "notice", "none", "debug", "p4", "p5", "sev4"] as const).map(
    (word) => [word, "information"] as const,
  ),
]);

/** What a word that people use for severities means; undefined for others. */
export const severityOfWord = (word: string): Severity | undefined => severityWords.get(word.trim().toLowerCase());

/** When a heartbeat counts as missed, after the last one at `lastAt`. */
export const dueAfter = (lastAt: number, { intervalSeconds, graceSeconds }: Beat): number =>
  lastAt + (intervalSeconds + graceSeconds) * 1000;

/** Host names that an address may stand for: itself, and without its port. */
export function namesOfInstance(text: string): string[] {
  const trimmed = text.trim();
  if (trimmed === "") return [];
  const bare = /^\[([0-9a-f:]+)\](?::\d+)?$/iu.exec(trimmed)?.[1] ?? /^([^:]+):\d+$/u.exec(trimmed)?.[1];
  return bare === undefined ? [trimmed] : [trimmed, bare];
}

/** Cuts by characters, never through one. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
