import type { Tx } from "#store";

/** Names for the history: telephone lines, also deleted ones, and calls by whom they are to or from. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const of = (kind: string): string[] => ids.filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
  const [lines, calls] = [of("line"), of("call")];
  const names: Record<string, string> = {};
  if (lines.length > 0) {
    const rows = await tx.selectFrom("calls_line").select(["id", "name"]).where("id", "in", lines).execute();
    for (const row of rows) names[`line:${row.id}`] = row.name;
  }
  if (calls.length > 0) {
    const rows = await tx
      .selectFrom("calls_call as c")
      .innerJoin("identity_person as p", "p.id", "c.person_id")
      .select(["c.id", "p.name"])
      .where("c.id", "in", calls)
      .execute();
    for (const row of rows) names[`call:${row.id}`] = row.name;
  }
  return names;
}
