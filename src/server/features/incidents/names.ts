import type { Tx } from "#store";

/** Names that people know, for ids as the ledger writes them: `alert:`, `incident:` and `alert-group-setting:`. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const of = (kind: string): string[] => ids.filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
  const [alerts, incidents, settings] = [of("alert"), of("incident"), of("alert-group-setting")];
  const names: Record<string, string> = {};
  if (alerts.length > 0) {
    const rows = await tx.selectFrom("incidents_alert").select(["id", "name"]).where("id", "in", alerts).execute();
    for (const row of rows) names[`alert:${row.id}`] = row.name;
  }
  if (incidents.length > 0) {
    const rows = await tx.selectFrom("incidents_incident").select(["id", "number", "title"]).where("id", "in", incidents).execute();
    for (const row of rows) names[`incident:${row.id}`] = `#${row.number} ${row.title}`;
  }
  if (settings.length > 0) {
    const rows = await tx.selectFrom("incidents_alert_group_setting").select(["id", "name"]).where("id", "in", settings).execute();
    for (const row of rows) names[`alert-group-setting:${row.id}`] = row.name;
  }
  return names;
}
