import { sql } from "kysely";
import type { Tx } from "#store";

const groupingLock = 4_701_124; // any constant: the same for all servers

/**
 * One at a time decides what belongs together, until its transaction ends. Whoever takes this lock must not hold rows that a listener of
 * another's report may write; so call `report` before your own writes, or take the lock first.
 */
export async function lockGrouping(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${groupingLock}, hashtext(hinoban_organisation()))`.execute(tx);
}
