import { invalidInput } from "#base/errors";
import type { Tx } from "#store";

/** Ids of the services with these names. @throws "invalid-input" that names those which do not exist */
export async function existingServiceIds(tx: Tx, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const rows = await tx
    .selectFrom("inventory_service")
    .select(["id", "name"])
    .where("name", "in", names)
    .where("deleted_at", "is", null)
    .execute();
  const found = new Map(rows.map((row) => [row.name, row.id]));
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) throw invalidInput(missing.map((name) => ({ field: "services", problem: `there is no service ${name}` })));
  return [...found.values()];
}
