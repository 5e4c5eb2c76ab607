import type { Tx } from "#store";

/**
 * Names that people know, for ids as the ledger writes them: `person:`, `key:`, `organisation:` and `invitation:`. Ids of other kinds, of
 * other organisations and of things that are forgotten are simply absent. Former members still have their name.
 */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const wanted = new Map<string, Set<string>>();
  for (const text of ids) {
    const [kind = "", id] = text.split(":", 2);
    if (id !== undefined) wanted.set(kind, (wanted.get(kind) ?? new Set()).add(id));
  }
  const of = (kind: string): string[] => [...(wanted.get(kind) ?? [])];
  const names: Record<string, string> = {};
  const add = (kind: string, rows: readonly { id: string; name: string }[]): void => {
    for (const row of rows) names[`${kind}:${row.id}`] = row.name;
  };
  if (wanted.has("person"))
    add("person", await tx.selectFrom("identity_person").select(["id", "name"]).where("id", "in", of("person")).execute());
  if (wanted.has("key")) add("key", await tx.selectFrom("identity_key").select(["id", "name"]).where("id", "in", of("key")).execute());
  if (wanted.has("organisation")) {
    add(
      "organisation",
      await tx.selectFrom("identity_organisation").select(["id", "display_name as name"]).where("id", "in", of("organisation")).execute(),
    );
  }
  if (wanted.has("invitation")) {
    add(
      "invitation",
      await tx.selectFrom("identity_invitation").select(["id", "email as name"]).where("id", "in", of("invitation")).execute(),
    );
  }
  return names;
}
