import { sql } from "kysely";
import type { Tx } from "#store";

const address = /^[0-9a-f:.]+$/iu;
/** Of one message; what stands behind them finds no host. */
const mostNames = 5000;

/**
 * Hosts that are not retired, by names that somebody else uses for them: id, name, display name, custom identifier or one of its addresses.
 * A name that fits several hosts finds none of them.
 * @returns ids by name
 */
export async function hostsByName(tx: Tx, names: readonly string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(names)].slice(0, mostNames);
  if (wanted.length === 0) return new Map();
  const addresses = wanted.filter((name) => address.test(name) && /[:.]/u.test(name));
  const rows = await sql<{ wanted: string; id: string }>`
    with w as (select unnest(${wanted}::text[]) as name),
      h as (select id, name, display_name, custom_identifier, interfaces from inventory_host where retired_at is null),
      a as (select h.id, m[1] as address from h, regexp_matches(h.interfaces, '"([0-9A-Fa-f:.]+)"', 'g') m where ${addresses.length > 0}::boolean)
    select w.name as wanted, h.id from w join h on h.id = w.name
    union select w.name, h.id from w join h on h.name = w.name
    union select w.name, h.id from w join h on h.display_name = w.name
    union select w.name, h.id from w join h on h.custom_identifier = w.name
    union select w.name, a.id from w join a on a.address = w.name`.execute(tx);
  const found = new Map<string, Set<string>>();
  for (const { wanted: name, id } of rows.rows) found.set(name, (found.get(name) ?? new Set()).add(id));
  return new Map([...found].flatMap(([name, ids]) => (ids.size === 1 ? [...ids].map((id) => [name, id] as const) : [])));
}
