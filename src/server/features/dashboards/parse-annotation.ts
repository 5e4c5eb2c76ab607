import { annotationLimits as limits } from "#wire/annotations";
import { fieldsOf, optional, Problems } from "#base/fields";

const mostSeconds = 4_294_967_295;

/** What an annotation is created or replaced with. Times in unix seconds. */
export interface AnnotationInput {
  readonly title: string;
  readonly description?: string;
  readonly from: number;
  readonly to: number;
  readonly service: string;
  /** Names of roles of the service; absent and empty are kept apart, for they come back as they were written. */
  readonly roles?: readonly string[];
}

/**
 * An annotation out of a JSON value of anybody's.
 * @throws HinobanError "bad-request" for what is no object, "invalid-input" with every wrong field
 */
export function annotationOf(body: unknown): AnnotationInput {
  const problems = new Problems();
  const fields = fieldsOf(body, problems);
  const title = fields.needed("title", { least: 1, most: limits.title });
  const description = fields.text("description", { most: limits.description });
  const from = fields.neededInteger("from", 0, mostSeconds);
  const to = fields.neededInteger("to", 0, mostSeconds);
  const service = fields.needed("service", { least: 1, most: 63 });
  const roles = fields.texts("roles", limits.roles, { least: 1, most: 63 });
  if (from > to) fields.problem("to", "must not be earlier than from");
  problems.throwIfAny();
  return { title, ...optional("description", description), from, to, service, ...optional("roles", roles && [...new Set(roles)]) };
}
