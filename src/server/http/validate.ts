import { Compile } from "typebox/compile";
import { Value } from "typebox/value";
import type { TSchema } from "typebox";
import { invalidInput, type FieldProblem } from "#base/errors";

const mostProblems = 10;

/** A check of one part of a request: gives the value back, or throws "invalid-input" that names each wrong field. */
export type Check = (value: unknown) => unknown;

/** @param part what the fields are named after: `body`, `query` or `path`. Query and path come as texts, so numbers and lists are converted there; a body is taken as it is. */
export function checker(schema: TSchema, part: "body" | "query" | "path"): Check {
  const compiled = Compile(schema);
  return (value) => {
    const given = part === "body" ? value : Value.Convert(schema, value ?? {});
    if (compiled.Check(given)) return given;
    throw invalidInput(problemsOf(compiled.Errors(given), part));
  };
}

interface SchemaProblem {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

function problemsOf(errors: Iterable<SchemaProblem>, part: string): FieldProblem[] {
  const found = new Map<string, string>();
  for (const error of errors) {
    const field = fieldName(error, part);
    // A union reports every branch; the first message for a field is the most specific.
    if (!found.has(field) && found.size < mostProblems) found.set(field, error.message);
  }
  return [...found].map(([field, problem]) => ({ field, problem }));
}

function fieldName(error: SchemaProblem, part: string): string {
  const path = error.instancePath.slice(1).replaceAll("/", ".");
  const names =
    "requiredProperties" in error.params && Array.isArray(error.params.requiredProperties) ? error.params.requiredProperties : [];
  return [path, String(names[0] ?? "")].filter(Boolean).join(".") || part;
}
