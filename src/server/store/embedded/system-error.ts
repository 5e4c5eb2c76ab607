/** True when `error` is an error of the operating system with one of these codes, for example "ENOENT". */
export const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && "code" in error && typeof error.code === "string" && codes.includes(error.code);
