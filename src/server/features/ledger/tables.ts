import type { ColumnType, Generated } from "kysely";

/** Written by acts inside their transactions; emptied only by the function `ledger_seal`. */
export interface LedgerPendingTable {
  id: Generated<number>;
  organisation_id: Generated<string>;
  device: Generated<string>;
  mono: Generated<number>;
  wall: number;
  /** Canonical JSON of what the act said. */
  facts: string;
}

/** The record itself: append-only for everybody. */
export interface LedgerEntryTable {
  organisation_id: string;
  /** Place in the organisation's order of arrival, dense from 1. */
  seq: number;
  device: string;
  /** Place in the device's own chain, dense from 1. */
  dseq: number;
  wall: number;
  verb: string;
  actor: string;
  object: string;
  outcome: string;
  /** SHA-256 of `bytes`. */
  hash: Uint8Array;
  /** The canonical bytes, exactly as hashed. */
  bytes: string;
}

/** Names and free text that entries refer to by salted hash, so that a person can be forgotten without breaking a proof. */
export interface LedgerTextTable {
  organisation_id: Generated<string>;
  commitment: string;
  salt: Uint8Array;
  text: string;
}

export interface LedgerTables {
  ledger_pending: LedgerPendingTable;
  ledger_entry: { [K in keyof LedgerEntryTable]: ColumnType<LedgerEntryTable[K], never, never> };
  ledger_text: LedgerTextTable;
}

export const ledgerMigrations = [
  {
    id: "ledger-001",
    sql: `
create table ledger_pending (
  id bigint generated always as identity primary key,
  organisation_id text not null default hinoban_organisation(),
  device text not null default current_setting('hinoban.device'),
  mono bigint not null default current_setting('hinoban.mono')::bigint,
  wall bigint not null,
  facts text not null
);
call hinoban_secure('ledger_pending', 'insert');

create table ledger_entry (
  organisation_id text not null,
  seq bigint not null,
  device text not null,
  dseq bigint not null,
  wall bigint not null,
  verb text not null,
  actor text not null,
  object text not null,
  outcome text not null,
  hash bytea not null,
  bytes text not null,
  primary key (organisation_id, seq),
  unique (organisation_id, device, dseq)
);
create index ledger_entry_by_object on ledger_entry (organisation_id, object, seq);
create index ledger_entry_by_actor on ledger_entry (organisation_id, actor, seq);
create index ledger_entry_by_verb on ledger_entry (organisation_id, verb, seq);
create index ledger_entry_by_wall on ledger_entry (organisation_id, wall, seq);
call hinoban_secure('ledger_entry', 'select');
call hinoban_append_only('ledger_entry');

create table ledger_text (
  organisation_id text not null default hinoban_organisation(),
  commitment text not null,
  salt bytea not null,
  text text not null,
  primary key (organisation_id, commitment)
);
call hinoban_secure('ledger_text', 'select, insert, delete');

-- Heads: the last number and hash of each chain. Only ledger_seal writes them.
create table ledger_chain (
  organisation_id text not null,
  device text not null,
  dseq bigint not null,
  hash bytea not null,
  primary key (organisation_id, device)
);
create table ledger_order (organisation_id text primary key, seq bigint not null);

-- What one device still has to chain, oldest first, with the head of the chain each row will continue.
create function ledger_take(for_device text, most integer)
returns table (id bigint, organisation_id text, wall bigint, mono bigint, facts text, head_dseq bigint, head_hash bytea)
language sql security definer set search_path = public as $$
  select p.id, p.organisation_id, p.wall, p.mono, p.facts, coalesce(c.dseq, 0), c.hash
  from ledger_pending p left join ledger_chain c on c.organisation_id = p.organisation_id and c.device = p.device
  where p.device = for_device order by p.id limit most
$$;

-- Moves pending rows into the record. Every row must continue its chain and must still be pending, or nothing happens.
create function ledger_seal(for_device text, ids bigint[], organisations text[], dseqs bigint[], walls bigint[], verbs text[], actors text[],
  objects text[], outcomes text[], hashes bytea[], texts text[]) returns void
language plpgsql security definer set search_path = public as $$
declare
  organisation text;
  head bigint;
  taken bigint;
begin
  for organisation in select distinct o from unnest(organisations) o order by o loop
    insert into ledger_order (organisation_id, seq) values (organisation, 0) on conflict do nothing;
    select l.seq into head from ledger_order l where l.organisation_id = organisation for update;
    insert into ledger_entry (organisation_id, seq, device, dseq, wall, verb, actor, object, outcome, hash, bytes)
      select organisation, head + row_number() over (order by r.dseq), for_device, r.dseq, r.wall, r.verb, r.actor, r.object, r.outcome, r.hash, r.bytes
      from unnest(organisations, dseqs, walls, verbs, actors, objects, outcomes, hashes, texts)
        as r (o, dseq, wall, verb, actor, object, outcome, hash, bytes)
      where r.o = organisation;
    get diagnostics taken = row_count;
    update ledger_order set seq = head + taken where organisation_id = organisation;
    insert into ledger_chain (organisation_id, device, dseq, hash)
      select organisation, for_device, r.dseq, r.hash from unnest(organisations, dseqs, hashes) as r (o, dseq, hash)
      where r.o = organisation order by r.dseq desc limit 1
      on conflict (organisation_id, device) do update set dseq = excluded.dseq, hash = excluded.hash
        where ledger_chain.dseq = excluded.dseq - taken;
    if not found then
      raise exception 'the chain of device % does not continue', for_device using errcode = 'serialization_failure';
    end if;
  end loop;
  delete from ledger_pending where device = for_device and id = any (ids);
  get diagnostics taken = row_count;
  if taken <> cardinality(ids) then
    raise exception 'some entries were chained already' using errcode = 'serialization_failure';
  end if;
end $$;

-- How long the oldest act of any organisation has waited for its place, for the health of the record.
create function ledger_waiting() returns table (entries bigint, oldest_wall bigint)
language sql security definer set search_path = public as $$ select count(*), min(wall) from ledger_pending $$;

-- Which chains there are, for verification over all organisations.
create function ledger_organisations() returns setof text
language sql security definer set search_path = public as $$ select organisation_id from ledger_order order by organisation_id $$;

revoke all on function ledger_take, ledger_seal, ledger_waiting, ledger_organisations from public;
grant execute on function ledger_take, ledger_seal, ledger_waiting, ledger_organisations to hinoban_app;
`,
  },
] as const;
