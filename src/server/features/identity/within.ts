import { sql } from "kysely";
import { record, type Entry } from "#features/ledger";
import { installationScope, type Tx } from "#store";

/** Runs `work` in the same transaction with another organisation in scope, then puts the former one back. */
export async function within<T>(tx: Tx, organisationId: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await sql<{ former: string | null }>`select hinoban_organisation() as former`.execute(tx);
  await enter(tx, organisationId);
  const result = await work();
  // After a failure nothing needs to be put back: the transaction is over.
  await enter(tx, rows[0]?.former ?? "");
  return result;
}

/** Makes `personId` the person whose own rows the rest of the transaction may touch: somebody who was just created or just proved who they are. */
export async function actAs(tx: Tx, personId: string): Promise<void> {
  await sql`select set_config('hinoban.person_id', ${personId}, true)`.execute(tx);
}

const enter = (tx: Tx, organisationId: string): Promise<unknown> =>
  sql`select set_config('hinoban.organisation_id', ${organisationId}, true)`.execute(tx);

/**
 * Records what somebody did about themselves (signing in, a new password) in the history of each organisation they belong to, or in
 * the installation's when there is none. The transaction must act as that person.
 */
export async function recordForPerson(tx: Tx, personId: string, entry: Entry): Promise<void> {
  const memberships = await tx
    .selectFrom("identity_membership")
    .select("organisation_id")
    .where("person_id", "=", personId)
    .where("removed_at", "is", null)
    .orderBy("organisation_id")
    .execute();
  const organisations = memberships.length > 0 ? memberships.map((m) => m.organisation_id) : [installationScope.organisationId];
  for (const organisationId of organisations) await within(tx, organisationId, () => record(tx, entry));
}
