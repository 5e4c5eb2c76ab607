import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";

/**
 * Those of the persons who can be reached by some way: verified, not muted, never refused. While nobody changed anything about it, the
 * address that one signs in with is such a way.
 */
export async function reachablePeople(tx: Tx, personIds: readonly string[], at: UnixMs): Promise<ReadonlySet<string>> {
  if (personIds.length === 0) return new Set();
  const rows = await tx
    .selectFrom("notify_contact")
    .select(["person_id", "is_login", "verified_at", "muted_until", "invalid_since"])
    .where("person_id", "in", personIds)
    .execute();
  const isUsable = (row: (typeof rows)[number]): boolean =>
    row.verified_at !== null && row.invalid_since === null && (row.muted_until === null || row.muted_until <= at);
  return new Set(
    personIds.filter((id) => {
      const own = rows.filter((row) => row.person_id === id);
      return own.some(isUsable) || !own.some((row) => row.is_login);
    }),
  );
}
