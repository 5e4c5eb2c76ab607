import { invalidInput, type FieldProblem } from "#base/errors";
import type { TargetInput } from "#wire/prometheus";
import type { TargetRow } from "./store.ts";

/** What the shapes alone cannot say about a target. @throws "invalid-input" */
export function checkTarget(input: TargetInput): void {
  const problems: FieldProblem[] = [];
  const url = URL.canParse(input.url) ? new URL(input.url) : undefined;
  if (!url || url.hostname === "") problems.push({ field: "url", problem: "must be a URL that begins with http:// or https://" });
  else if (url.username !== "" || url.password !== "") {
    problems.push({ field: "url", problem: "must not carry a user or a password: use basic authentication" });
  }
  if (input.timeoutSeconds >= input.intervalSeconds)
    problems.push({ field: "timeoutSeconds", problem: "must be shorter than the interval" });
  if (input.auth === "basic" && input.userName === "")
    problems.push({ field: "userName", problem: "basic authentication takes a user name" });
  const names = input.labels.map((label) => label.name);
  if (new Set(names).size < names.length) problems.push({ field: "labels", problem: "each label may come once" });
  if (problems.length > 0) throw invalidInput(problems);
}

/**
 * Whether the secret that is kept may be used for what somebody typed. Only with the same server as before: otherwise whoever may change
 * a target could have its password sent to a machine of their own.
 * @throws "invalid-input" when a secret is needed and must be typed
 */
export function demandSecret(input: TargetInput, kept: TargetRow | undefined): void {
  if (input.auth === "none" || (input.secret !== undefined && input.secret !== "")) return;
  const isKept = kept !== undefined && kept.secret !== null && input.secret === undefined;
  if (isKept && new URL(kept.url).origin === new URL(input.url).origin && kept.auth === input.auth) return;
  const problem = isKept ? "must be typed again, since the address or the kind of authentication is another one" : "must be given";
  throw invalidInput([{ field: "secret", problem }]);
}
