import { invalidInput, type FieldProblem } from "#base/errors";
import type { SourceInput, SourceKind } from "#wire/sources";

/** What the shapes alone cannot say about a source. @throws "invalid-input" */
export function checkSource(kind: SourceKind, input: SourceInput): void {
  const problems: FieldProblem[] = [];
  if (kind === "heartbeat" && !input.beat) problems.push({ field: "beat", problem: "must say how often the heartbeat comes" });
  if (kind !== "heartbeat" && input.beat) problems.push({ field: "beat", problem: "is for heartbeats" });
  if (kind !== "generic" && input.mapping) problems.push({ field: "mapping", problem: "is for sources of the kind generic" });
  if (input.mapping && !/\{(?:\/[^{}]*)?\}/u.test(input.mapping.key))
    problems.push({
      field: "mapping.key",
      problem: "must hold a pointer such as {/id}: a key that never changes would make one alert of all",
    });
  if (problems.length > 0) throw invalidInput(problems);
}
