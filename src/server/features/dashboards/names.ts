import type { Tx } from "#store";

/** Names that people know, for ids as the ledger writes them: `dashboard:` and `annotation:`. What is deleted is simply absent. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const of = (kind: string): string[] => ids.filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
  const [dashboards, annotations] = [of("dashboard"), of("annotation")];
  const names: Record<string, string> = {};
  if (dashboards.length > 0) {
    for (const row of await tx.selectFrom("dashboards_dashboard").select(["id", "title"]).where("id", "in", dashboards).execute())
      names[`dashboard:${row.id}`] = row.title;
  }
  if (annotations.length > 0) {
    for (const row of await tx.selectFrom("dashboards_annotation").select(["id", "title"]).where("id", "in", annotations).execute())
      names[`annotation:${row.id}`] = row.title;
  }
  return names;
}
