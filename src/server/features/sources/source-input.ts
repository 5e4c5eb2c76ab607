import { invalidInput, type FieldProblem } from "#base/errors";
import type { SourceInput, SourceKind } from "#wire/sources";

/** What the shapes alone cannot say about a source. @throws "invalid-input" */
export function checkSource(kind: SourceKind, input: SourceInput): void {
  const problems: FieldProblem[] = [...partsOf(kind, input)];
  if (input.mapping && !/\{(?:\/[^{}]*)?\}/u.test(input.mapping.key))
    problems.push({
      field: "mapping.key",
      problem: "must hold a pointer such as {/id}: a key that never changes would make one alert of all",
    });
  if (problems.length > 0) throw invalidInput(problems);
}

/** What only one kind has. */
const parts = [
  ["heartbeat", "beat", "is for heartbeats", "must say how often the heartbeat comes"],
  ["mail", "mailbox", "is for sources of the kind mail", "must say which mailbox is read"],
  ["generic", "mapping", "is for sources of the kind generic", undefined],
] as const;

function partsOf(kind: SourceKind, input: SourceInput): FieldProblem[] {
  return parts.flatMap(([of, field, strange, missing]): FieldProblem[] => {
    if (kind !== of && input[field]) return [{ field, problem: strange }];
    return kind === of && !input[field] && missing !== undefined ? [{ field, problem: missing }] : [];
  });
}
