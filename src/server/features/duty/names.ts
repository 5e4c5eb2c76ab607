import type { Tx } from "#store";

const tables = { team: "duty_team", schedule: "duty_schedule", calendar: "duty_calendar" } as const;

/** Names for `team:`, `schedule:` and `calendar:` as the ledger writes them; deleted ones still have theirs. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const names: Record<string, string> = {};
  for (const [kind, table] of Object.entries(tables)) {
    const wanted = ids.filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
    if (wanted.length === 0) continue;
    for (const row of await tx.selectFrom(table).select(["id", "name"]).where("id", "in", wanted).execute())
      names[`${kind}:${row.id}`] = row.name;
  }
  return names;
}
