import { sql } from "kysely";
import type { Tx } from "#store";

const address = /^[0-9a-f:.]+$/iu;

/**
 * Hosts that are not retired, by names that somebody else uses for them: id, name, display name, custom identifier or one of its addresses.
 * A name that fits several hosts finds none of them.
 * @returns ids by name
 */
export async function hostsByName(tx: Tx, names: readonly string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(names)];
  if (wanted.length === 0) return new Map();
  const addresses = wanted.filter((name) => address.test(name) && /[:.]/u.test(name));
  const rows = await sql<{ wanted: string; id: string }>`
    select w.name as wanted, h.id
    from unnest(${wanted}::text[]) as w(name)
    join inventory_host h on h.id = w.name or h.name = w.name or h.display_name = w.name or h.custom_identifier = w.name
    where h.retired_at is null
    union
    select w.name, h.id
    from unnest(${addresses}::text[]) as w(name)
    join inventory_host h on h.interfaces like '%"' || w.name || '"%'
    where h.retired_at is null`.execute(tx);
  const found = new Map<string, Set<string>>();
  for (const { wanted: name, id } of rows.rows) found.set(name, (found.get(name) ?? new Set()).add(id));
  return new Map([...found].flatMap(([name, ids]) => (ids.size === 1 ? [...ids].map((id) => [name, id] as const) : [])));
}
