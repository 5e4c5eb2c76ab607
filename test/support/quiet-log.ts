import type { Log } from "../../src/server/store/embedded/index.ts";

/** A log that nobody reads. */
export const quietLog: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A log that keeps its sentences for a test to look at. */
export function rememberingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (_facts: object, message: string): void => void lines.push(message);
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}
