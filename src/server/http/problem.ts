import type { FastifyError } from "fastify";
import { HinobanError, type FieldProblem } from "#base/errors";
import type { Problem } from "#wire/shapes";

/** Any thrown thing as a HinobanError: framework errors keep their meaning, everything else is "internal". */
export function asHinobanError(error: unknown): HinobanError {
  if (error instanceof HinobanError) return error;
  if (isFrameworkError(error)) return fromFramework(error);
  return new HinobanError(
    "internal",
    "Something went wrong on our side. The log has the details under this request's id.",
    {},
    { cause: error },
  );
}

/** RFC 9457 problem details of an error, as every operation of /api/v1 answers it. */
export function problemOf(error: HinobanError, requestId: string): Problem {
  const fields = fieldsOf(error);
  return {
    type: `urn:hinoban:error:${error.code}`,
    title: error.code.replaceAll("-", " "),
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(typeof error.facts["retryAt"] === "number" ? { retryAt: error.facts["retryAt"] } : {}),
    ...(fields ? { fields: [...fields] } : {}),
  };
}

function fieldsOf(error: HinobanError): readonly FieldProblem[] | undefined {
  const fields = error.facts["fields"];
  return Array.isArray(fields) ? (fields as FieldProblem[]) : undefined; // only invalidInput() sets it
}

const isFrameworkError = (error: unknown): error is FastifyError =>
  error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("FST_");

function fromFramework(error: FastifyError): HinobanError {
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new HinobanError("too-large", "The body is larger than this operation accepts.");
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new HinobanError("unsupported-media-type", "Send the body as application/json.");
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return new HinobanError("bad-request", "The body is empty; JSON was expected.");
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return new HinobanError("bad-request", "The body is not JSON.");
    default:
      return (error.statusCode ?? 500) < 500
        ? new HinobanError("bad-request", error.message)
        : new HinobanError("internal", "Something went wrong on our side.", {}, { cause: error });
  }
}
