import type { CheckResult, CheckStatus } from "../checks/check.ts";

/** One thing that is not as it should be. */
export interface Finding {
  readonly status: Exclude<CheckStatus, "OK">;
  readonly text: string;
}

/** What a check says in the end. */
export type Verdict = Pick<CheckResult, "status" | "message">;

const weights: Readonly<Record<CheckStatus, number>> = { OK: 0, UNKNOWN: 1, WARNING: 2, CRITICAL: 3 };

// The server takes 1,024 characters; a screen shows fewer.
const longestMessage = 900;
const mostTexts = 10;

/** The worst of `findings` with all their texts, the worst first; `whenFine` when there are none. */
export function verdict(findings: readonly Finding[], whenFine: string): Verdict {
  const sorted = [...findings].sort((a, b) => weights[b.status] - weights[a.status]);
  const [worst] = sorted;
  if (!worst) return { status: "OK", message: shorten(whenFine) };
  const texts = sorted.slice(0, mostTexts).map((finding) => finding.text);
  const rest = sorted.length - texts.length;
  return { status: worst.status, message: shorten(texts.join("; ") + (rest > 0 ? `; and ${rest} more` : "")) };
}

const shorten = (text: string): string => (text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text);

/** `verdict` as the result of the check `name`. */
export const checkOf = (name: string, findings: readonly Finding[], whenFine: string): CheckResult => ({
  name,
  ...verdict(findings, whenFine),
});
