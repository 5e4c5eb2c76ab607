import { sql, type RawBuilder } from "kysely";
import type { Tx } from "#store";
import type { SpokenKind, SpokenName } from "#wire/speech";

export interface NamesQuery {
  readonly kind?: SpokenKind | undefined;
  readonly id?: string | undefined;
  /** Part of a name or of a reading. */
  readonly text?: string | undefined;
  readonly withReading?: boolean | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** Where each kind of thing has its names; only those that are there now. */
const sources: Readonly<Record<SpokenKind, RawBuilder<unknown>>> = {
  person: sql`select 'person' as kind, p.id, p.name, p.name as sort from identity_person p
    join identity_membership m on m.person_id = p.id and m.organisation_id = hinoban_organisation() and m.removed_at is null
    where p.state = 'active'`,
  host: sql`select 'host' as kind, h.id, case when h.display_name = '' then h.name else h.display_name end as name, h.sort_name as sort
    from inventory_host h where h.retired_at is null`,
  service: sql`select 'service' as kind, s.id, s.name, s.name as sort from inventory_service s where s.deleted_at is null`,
};

/** One page of people, services and hosts, in this order, with their readings. Row-level security keeps hosts and services to the organisation. */
export async function pageOfNames(tx: Tx, query: NamesQuery): Promise<{ names: SpokenName[]; total: number }> {
  const kinds: readonly SpokenKind[] = query.kind === undefined ? ["person", "service", "host"] : [query.kind];
  const text = (query.text ?? "").toLowerCase();
  const { rows } = await sql<SpokenName & { total: number }>`
    with things as (${sql.join(
      kinds.map((kind) => sources[kind]),
      sql` union all `,
    )})
    select t.kind, t.id, t.name, coalesce(n.reading, '') as reading, (count(*) over ())::integer as total
    from things t left join speech_name n on n.kind = t.kind and n.thing_id = t.id
    where (${query.id ?? null}::text is null or t.id = ${query.id ?? null}::text)
      and (${text} = '' or position(${text} in lower(t.name || ' ' || coalesce(n.reading, ''))) > 0)
      and (not ${query.withReading ?? false}::boolean or n.reading is not null)
    order by array_position(array['person', 'service', 'host'], t.kind), t.sort collate "C", t.id
    offset ${query.offset} limit ${query.limit}`.execute(tx);
  return { names: rows.map(({ kind, id, name, reading }) => ({ kind, id, name, reading })), total: rows[0]?.total ?? 0 };
}
