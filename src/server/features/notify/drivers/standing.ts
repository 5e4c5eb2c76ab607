import type { Severity } from "#wire/alerting";
import type { Job } from "../driver.ts";

/** What a service that keeps alerts of its own is to do: open one, say who has it, close it; `news` is nothing that could be closed. */
export type Standing = "open" | "taken" | "over" | "news";

/** A notice says it itself; otherwise by whether it is bad or good, and whether more about the same can follow. */
export function standingOf({ notice }: Pick<Job, "notice">): Standing {
  if (notice.standing !== undefined) return notice.standing;
  if (notice.tone === "bad") return "open";
  if (notice.thread === undefined) return "news";
  return notice.tone === "good" ? "over" : "open";
}

/** By which the service knows that two messages are about one thing. A test, and what has no thread, stands for itself. */
export const aliasOf = ({ notice, deliveryId }: Pick<Job, "notice" | "deliveryId">): string => `hinoban/${notice.thread ?? deliveryId}`;

/** Facts as a service shows them, by their labels: of two alike the first. */
export function factsOf(
  { notice }: Pick<Job, "notice">,
  most: { readonly count: number; readonly length: number },
): Record<string, string> {
  const facts = new Map<string, string>();
  for (const { label, value } of notice.facts) {
    if (facts.size >= most.count) break;
    if (!facts.has(label)) facts.set(label.slice(0, most.length), value.slice(0, most.length));
  }
  return Object.fromEntries(facts);
}

export type BySeverity = Readonly<Record<Severity, string>>;
