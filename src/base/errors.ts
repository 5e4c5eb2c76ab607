/**
 * Every failure the product raises on purpose carries one of these codes. A code is documented in docs/reference/errors.md,
 * never changes its meaning and is never reused. The number is the HTTP status it becomes at the edge.
 */
export const errorCodes = {
  "bad-request": 400,
  "invalid-input": 400,
  unauthenticated: 401,
  "session-expired": 401,
  "wrong-credentials": 401,
  forbidden: 403,
  "csrf-mismatch": 403,
  "not-found": 404,
  conflict: 409,
  gone: 410,
  "too-large": 413,
  "unsupported-media-type": 415,
  "too-many-requests": 429,
  locked: 423,
  internal: 500,
  "storage-damaged": 500,
  unavailable: 503,
  "storage-full": 507,
  timeout: 504,
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Facts that help the operator; they are shown and logged, so never a secret. */
export type ErrorFacts = Readonly<Record<string, unknown>>;

/** The one error class that is thrown on purpose: a stable code, a sentence for a person, and facts. */
export class HinobanError extends Error {
  override readonly name = "HinobanError";
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.facts = facts;
  }

  /** The HTTP status that stands for this code. */
  get status(): number {
    return errorCodes[this.code];
  }
}

/** One field of the input that was refused: where (JSON pointer or dotted path) and what would be right. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

/** The input was understood but a field of it is wrong. */
export function invalidInput(problems: readonly FieldProblem[]): HinobanError {
  const text = problems.map((p) => `${p.field}: ${p.problem}`).join("; ");
  return new HinobanError("invalid-input", text, { fields: problems });
}

/** The sentence of any thrown thing, for logs. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
