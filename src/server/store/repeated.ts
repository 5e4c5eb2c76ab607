import type { Db } from "./db.ts";

/** How often work is begun again before its failure counts. */
const mostRepeats = 2;

/** serialization_failure and deadlock_detected (PostgreSQL, appendix A): nothing of the transaction was kept, and the same again may well succeed. */
const passing: ReadonlySet<unknown> = new Set(["40001", "40P01"]);

/**
 * The database for work that may be done again: a transaction that PostgreSQL ended for the sake of another one is begun anew, at most twice.
 * Only for work that changes nothing but what its transaction writes.
 * @throws what the work throws, and what the driver throws in the end
 */
export const repeated = (db: Pick<Db, "tx">): Pick<Db, "tx"> => ({
  tx: async (scope, work) => {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await db.tx(scope, work);
      } catch (error) {
        if (repeats >= mostRepeats || !isPassing(error)) throw error;
      }
    }
  },
});

const isPassing = (error: unknown): boolean => error instanceof Error && "code" in error && passing.has(error.code);
