-- Every step of the database's schema in the order in which it runs.
-- Generated from each feature's tables.ts by `npm run generate`; do not edit.

-- foundation-001 --------------------------------------------------------------------------------------
do $$ begin
  if not exists (select from pg_roles where rolname = 'hinoban_app') then
    create role hinoban_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
  end if;
end $$;
grant usage on schema public to hinoban_app;

create function hinoban_organisation() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('hinoban.organisation_id', true), '') $$;
create function hinoban_person() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('hinoban.person_id', true), '') $$;

-- Puts a table behind row-level security: rows of the transaction's organisation and no others.
create procedure hinoban_secure(target regclass, granted text default 'select, insert, update, delete') language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('create policy organisation_rows on %s using (organisation_id = hinoban_organisation()) with check (organisation_id = hinoban_organisation())', target);
  execute format('grant %s on %s to hinoban_app', granted, target);
end $$;

create function hinoban_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'table % is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

-- A row once written stays as it is: refused for everybody, the owner included.
create procedure hinoban_append_only(target regclass) language plpgsql as $$
begin
  execute format('create trigger append_only_rows before update or delete on %s for each row execute function hinoban_refuse_change()', target);
  execute format('create trigger append_only_table before truncate on %s for each statement execute function hinoban_refuse_change()', target);
end $$;

-- ledger-001 ------------------------------------------------------------------------------------------
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

-- identity-001 ----------------------------------------------------------------------------------------
create table identity_organisation (
  id text primary key,
  name text not null unique,
  display_name text not null,
  default_host_status text not null default 'working' check (default_host_status in ('working', 'standby', 'maintenance', 'poweroff')),
  time_zone text not null,
  created_at bigint not null
);

create table identity_setup (
  id boolean primary key default true check (id),
  first_organisation text not null references identity_organisation (id),
  digest bytea,
  claimed_at bigint
);
grant select, insert, update on identity_setup to hinoban_app;

create table identity_person (
  id text primary key,
  num bigint generated always as identity unique,
  name text not null,
  email text not null check (email = lower(email)),
  state text not null default 'active' check (state in ('active', 'suspended', 'left')),
  language text not null check (language in ('en', 'ja')),
  time_zone text not null,
  created_at bigint not null,
  last_signed_in_at bigint
);
create unique index identity_person_email on identity_person (email) where state <> 'left';

create table identity_membership (
  organisation_id text not null default hinoban_organisation() references identity_organisation (id),
  person_id text not null references identity_person (id),
  role text not null check (role in ('viewer', 'collaborator', 'manager', 'owner')),
  joined_at bigint not null,
  removed_at bigint,
  primary key (organisation_id, person_id)
);
create index identity_membership_by_person on identity_membership (person_id);

-- A membership is seen by its organisation and by its person; only the organisation changes it.
alter table identity_membership enable row level security;
create policy seen_by_both on identity_membership for select
  using (organisation_id = hinoban_organisation() or person_id = hinoban_person());
create policy made_by_organisation on identity_membership for insert with check (organisation_id = hinoban_organisation());
create policy changed_by_organisation on identity_membership for update
  using (organisation_id = hinoban_organisation()) with check (organisation_id = hinoban_organisation());
grant select, insert, update on identity_membership to hinoban_app;

-- An organisation is seen from inside and by its members.
alter table identity_organisation enable row level security;
create policy seen_by_members on identity_organisation for select using (id = hinoban_organisation()
  or exists (select from identity_membership m where m.organisation_id = identity_organisation.id and m.person_id = hinoban_person() and m.removed_at is null));
create policy made_from_inside on identity_organisation for insert with check (id = hinoban_organisation());
create policy changed_from_inside on identity_organisation for update using (id = hinoban_organisation()) with check (id = hinoban_organisation());
grant select, insert, update on identity_organisation to hinoban_app;

-- A person is seen by themselves and by every organisation they belong or belonged to; their profile is theirs alone.
alter table identity_person enable row level security;
create policy seen_by_self_and_organisation on identity_person for select using (id = hinoban_person()
  or exists (select from identity_membership m where m.person_id = identity_person.id and m.organisation_id = hinoban_organisation()));
create policy made_by_self on identity_person for insert with check (id = hinoban_person());
create policy changed_by_self on identity_person for update using (id = hinoban_person()) with check (id = hinoban_person());
grant select on identity_person to hinoban_app;
grant insert (id, name, email, language, time_zone, created_at) on identity_person to hinoban_app;
grant update (name, language, time_zone, last_signed_in_at) on identity_person to hinoban_app;

create table identity_password (
  person_id text primary key references identity_person (id),
  hash text not null,
  previous text[] not null default '{}',
  changed_at bigint not null
);
alter table identity_password enable row level security;
create policy own_rows on identity_password using (person_id = hinoban_person()) with check (person_id = hinoban_person());
grant select, insert, update on identity_password to hinoban_app;

create table identity_session (
  id text primary key,
  person_id text not null references identity_person (id),
  token_hash bytea not null unique,
  csrf text not null,
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null,
  address text not null,
  user_agent text not null
);
create index identity_session_by_person on identity_session (person_id);
alter table identity_session enable row level security;
create policy own_rows on identity_session using (person_id = hinoban_person()) with check (person_id = hinoban_person());
grant select, insert, update, delete on identity_session to hinoban_app;

create table identity_invitation (
  id text primary key,
  organisation_id text not null default hinoban_organisation() references identity_organisation (id),
  digest bytea not null unique,
  email text not null,
  role text not null check (role in ('viewer', 'collaborator', 'manager', 'owner')),
  invited_by text not null,
  created_at bigint not null,
  expires_at bigint not null,
  accepted_at bigint,
  revoked_at bigint
);
create unique index identity_invitation_open on identity_invitation (organisation_id, email) where accepted_at is null and revoked_at is null;
call hinoban_secure('identity_invitation', 'select, insert, update');

create table identity_key (
  id text primary key,
  organisation_id text not null default hinoban_organisation() references identity_organisation (id),
  name text not null,
  digest bytea not null,
  rights text not null check (rights in ('read', 'write', 'read-write')),
  networks text[] not null default '{}',
  expires_at bigint,
  created_by text not null,
  created_at bigint not null,
  last_used_at bigint,
  revoked_at bigint,
  purpose text not null default 'general' check (purpose in ('general', 'local-agent'))
);
create index identity_key_by_organisation on identity_key (organisation_id, created_at);
call hinoban_secure('identity_key', 'select, insert, update');

create table identity_attempt (
  subject text primary key,
  failed integer not null,
  last_at bigint not null,
  next_at bigint not null,
  locked_until bigint
);
create index identity_attempt_by_age on identity_attempt (last_at);
grant select, insert, update, delete on identity_attempt to hinoban_app;

-- Look-ups of those who are not yet known to belong anywhere: each by a secret or by one exact value.
create function identity_find_person(by_email text) returns table (id text, state text, hash text)
language sql stable security definer set search_path = public as $$
  select p.id, p.state, w.hash from identity_person p left join identity_password w on w.person_id = p.id
  where p.email = by_email and p.state <> 'left'
$$;
create function identity_find_session(by_hash bytea)
returns table (id text, person_id text, csrf text, last_seen_at bigint, expires_at bigint, state text, language text)
language sql stable security definer set search_path = public as $$
  select s.id, s.person_id, s.csrf, s.last_seen_at, s.expires_at, p.state, p.language
  from identity_session s join identity_person p on p.id = s.person_id where s.token_hash = by_hash
$$;
create function identity_find_key(by_id text)
returns table (id text, organisation_id text, organisation_name text, digest bytea, rights text, networks text[], expires_at bigint, last_used_at bigint, revoked_at bigint)
language sql stable security definer set search_path = public as $$
  select k.id, k.organisation_id, o.name, k.digest, k.rights, k.networks, k.expires_at, k.last_used_at, k.revoked_at
  from identity_key k join identity_organisation o on o.id = k.organisation_id where k.id = by_id
$$;
create function identity_find_invitation(by_digest bytea)
returns table (id text, organisation_id text, email text, role text, invited_by text, expires_at bigint, accepted_at bigint, revoked_at bigint)
language sql stable security definer set search_path = public as $$
  select i.id, i.organisation_id, i.email, i.role, i.invited_by, i.expires_at, i.accepted_at, i.revoked_at from identity_invitation i where i.digest = by_digest
$$;

-- Changes somebody's state on behalf of the transaction's organisation: only of its own member and only while no other organisation has a say;
-- "left" only when nobody has. Unless the person is active afterwards, their sessions end. Says whether anything changed.
create function identity_set_state(of_person text, new_state text) returns boolean
language plpgsql security definer set search_path = public as $$
declare
  here boolean;
begin
  perform 1 from identity_person p where p.id = of_person for update;
  select m.removed_at is null into here from identity_membership m where m.person_id = of_person and m.organisation_id = hinoban_organisation();
  if here is null or here = (new_state = 'left')
    or exists (select from identity_membership m where m.person_id = of_person and m.organisation_id <> hinoban_organisation() and m.removed_at is null) then
    return false;
  end if;
  update identity_person p set state = new_state where p.id = of_person and p.state <> new_state and p.state <> 'left';
  if not found then
    return false;
  end if;
  if new_state <> 'active' then
    delete from identity_session s where s.person_id = of_person;
  end if;
  return true;
end $$;

-- Takes back a person who had left this very organisation, through an open invitation to the same address; their old password is gone.
create function identity_readmit(through_invitation text, at bigint) returns text
language plpgsql security definer set search_path = public as $$
declare
  returned text;
begin
  update identity_person p set state = 'active' where p.id = (
      select q.id from identity_person q
        join identity_membership m on m.person_id = q.id and m.organisation_id = hinoban_organisation()
        join identity_invitation i on i.organisation_id = hinoban_organisation() and i.email = q.email
      where i.id = through_invitation and i.accepted_at is null and i.revoked_at is null and i.expires_at > at and q.state = 'left'
      order by q.num desc limit 1)
    returning p.id into returned;
  delete from identity_password w where w.person_id = returned;
  return returned;
end $$;

-- Forgets what no decision needs any more. Says how many rows went.
create function identity_purge(at bigint, idle_since bigint, attempts_before bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  sessions integer;
  attempts integer;
begin
  delete from identity_session where expires_at <= at or last_seen_at <= idle_since;
  get diagnostics sessions = row_count;
  delete from identity_attempt where last_at < attempts_before and coalesce(locked_until, 0) < at;
  get diagnostics attempts = row_count;
  return sessions + attempts;
end $$;

revoke all on function identity_find_person, identity_find_session, identity_find_key, identity_find_invitation, identity_set_state, identity_readmit, identity_purge from public;
grant execute on function identity_find_person, identity_find_session, identity_find_key, identity_find_invitation, identity_set_state, identity_readmit, identity_purge to hinoban_app;

-- identity-002 ----------------------------------------------------------------------------------------
alter table identity_organisation
  add column no_data_minutes integer not null default 10 check (no_data_minutes between 3 and 10080);

-- identity-003 ----------------------------------------------------------------------------------------
alter table identity_organisation
  add column web_networks text[] not null default '{}',
  add column api_networks text[] not null default '{}';

alter table identity_key drop constraint identity_key_rights_check;
alter table identity_key add constraint identity_key_rights_check check (rights in ('read', 'write', 'read-write', 'administer'));

drop function identity_find_key(text);
create function identity_find_key(by_id text)
returns table (id text, organisation_id text, organisation_name text, digest bytea, rights text, networks text[], expires_at bigint, last_used_at bigint,
  revoked_at bigint, organisation_networks text[])
language sql stable security definer set search_path = public as $$
  select k.id, k.organisation_id, o.name, k.digest, k.rights, k.networks, k.expires_at, k.last_used_at, k.revoked_at,
    -- The server's own agent calls from the machine itself, whatever the networks of the others are.
    case when k.purpose = 'local-agent' then '{}' else o.api_networks end
  from identity_key k join identity_organisation o on o.id = k.organisation_id where k.id = by_id
$$;
revoke all on function identity_find_key from public;
grant execute on function identity_find_key to hinoban_app;

-- inventory-001 ---------------------------------------------------------------------------------------
create table inventory_host (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  display_name text not null default '',
  custom_identifier text,
  memo text not null default '',
  status text not null check (status in ('working', 'standby', 'maintenance', 'poweroff')),
  meta text not null default '{}',
  interfaces text not null default '[]',
  sort_name text collate "C" not null,
  search text not null,
  created_at bigint not null,
  retired_at bigint
);
create index inventory_host_by_name on inventory_host (organisation_id, sort_name, id);
create unique index inventory_host_custom_identifier on inventory_host (organisation_id, custom_identifier)
  where custom_identifier is not null and retired_at is null;
call hinoban_secure('inventory_host', 'select, insert, update');

create table inventory_seen (
  host_id text primary key references inventory_host,
  organisation_id text not null default hinoban_organisation(),
  at bigint not null
) with (fillfactor = 50);
call hinoban_secure('inventory_seen', 'select, insert, update');

create table inventory_service (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text collate "C" not null,
  memo text not null default '',
  created_at bigint not null,
  deleted_at bigint
);
create unique index inventory_service_name on inventory_service (organisation_id, name) where deleted_at is null;
call hinoban_secure('inventory_service', 'select, insert, update');

create table inventory_role (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  service_id text not null references inventory_service,
  name text collate "C" not null,
  memo text not null default '',
  created_at bigint not null,
  deleted_at bigint
);
create unique index inventory_role_name on inventory_role (service_id, name) where deleted_at is null;
call hinoban_secure('inventory_role', 'select, insert, update');

create table inventory_membership (
  organisation_id text not null default hinoban_organisation(),
  host_id text not null references inventory_host,
  role_id text not null references inventory_role,
  from_at bigint not null,
  to_at bigint,
  primary key (host_id, role_id, from_at),
  check (to_at >= from_at)
);
create unique index inventory_membership_present on inventory_membership (host_id, role_id) where to_at is null;
create index inventory_membership_by_role on inventory_membership (role_id, host_id, from_at);
call hinoban_secure('inventory_membership');

create table inventory_metadata (
  organisation_id text not null default hinoban_organisation(),
  owner text not null,
  namespace text collate "C" not null,
  document text not null,
  updated_at bigint not null,
  primary key (organisation_id, owner, namespace)
);
call hinoban_secure('inventory_metadata');

create table inventory_check (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  host_id text not null references inventory_host,
  name text collate "C" not null,
  memo text not null default '',
  status text check (status in ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')),
  message text,
  occurred_at bigint,
  received_at bigint,
  notification_interval integer,
  max_check_attempts integer,
  unique (host_id, name)
);
call hinoban_secure('inventory_check');

create table inventory_check_report (
  organisation_id text not null default hinoban_organisation(),
  host_id text not null references inventory_host,
  name text not null,
  occurred_at bigint not null,
  received_at bigint not null,
  status text not null,
  message text not null,
  primary key (host_id, name, occurred_at)
);
call hinoban_secure('inventory_check_report');

-- inventory-002 ---------------------------------------------------------------------------------------
alter table inventory_seen add column agent_at bigint;
update inventory_seen set agent_at = at;

alter table inventory_role add column no_data_minutes integer check (no_data_minutes between 3 and 10080);

create table inventory_listener (
  device text primary key,
  at bigint not null
) with (fillfactor = 50);
grant select, insert, update, delete on inventory_listener to hinoban_app;

create table inventory_deafness (
  from_at bigint primary key,
  to_at bigint not null check (to_at > from_at)
);
grant select, insert, delete on inventory_deafness to hinoban_app;

-- metrics-001 -----------------------------------------------------------------------------------------
create table metrics_graph_definition (
  organisation_id text not null default hinoban_organisation(),
  name text collate "C" not null,
  display_name text not null default '',
  unit text not null,
  metrics text not null,
  updated_at bigint not null,
  primary key (organisation_id, name)
);
call hinoban_secure('metrics_graph_definition');

-- metrics-002 -----------------------------------------------------------------------------------------
create table metrics_hidden_graph (
  organisation_id text not null default hinoban_organisation(),
  service_id text not null references inventory_service,
  pattern text collate "C" not null,
  hidden_at bigint not null,
  primary key (service_id, pattern)
);
call hinoban_secure('metrics_hidden_graph');

-- receivers-001 ---------------------------------------------------------------------------------------
create table receivers_binding (
  organisation_id text not null default hinoban_organisation(),
  kind text not null,
  name text collate "C" not null,
  host_id text not null references inventory_host,
  created_at bigint not null,
  seen_at bigint not null,
  primary key (organisation_id, kind, name)
) with (fillfactor = 70);
create index receivers_binding_by_host on receivers_binding (host_id);
call hinoban_secure('receivers_binding');

-- receivers-002 ---------------------------------------------------------------------------------------
-- Of all organisations: read and written by the server alone, and the id of a source belongs to one organisation.
create table receivers_counters (
  source text collate "C" primary key,
  body text not null,
  written_at bigint not null
) with (fillfactor = 70);
create index receivers_counters_by_time on receivers_counters (written_at);
grant select, insert, update, delete on receivers_counters to hinoban_app;

-- prometheus-001 --------------------------------------------------------------------------------------
create table prometheus_mapping (
  organisation_id text primary key default hinoban_organisation(),
  revision integer not null,
  settings text not null,
  rules text not null
);
call hinoban_secure('prometheus_mapping');

create table prometheus_target (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  url text not null,
  is_enabled boolean not null,
  interval_seconds integer not null check (interval_seconds >= 15),
  timeout_seconds integer not null check (timeout_seconds > 0),
  host_name text not null,
  auth text not null check (auth in ('none', 'bearer', 'basic')),
  user_name text not null,
  secret bytea,
  verifies_tls boolean not null,
  labels text not null,
  created_at bigint not null,
  due_at bigint not null,
  leased_until bigint not null,
  last_at bigint,
  last_error text,
  last_samples integer,
  last_millis integer,
  host_id text
) with (fillfactor = 70);
create index prometheus_target_due on prometheus_target (due_at) where is_enabled;
create index prometheus_target_by_organisation on prometheus_target (organisation_id, url);
call hinoban_secure('prometheus_target');

-- Takes on targets that are due, of all organisations: whoever gets a row scrapes it, and nobody else does before the lease ends.
-- A scrape that was missed is not made up for; the next one keeps the rhythm.
create function hinoban_lease_prometheus_targets(at bigint, most integer) returns table (id text, organisation_id text)
language sql security definer set search_path = public as $$
  update prometheus_target t
  set leased_until = at + (t.timeout_seconds + 30) * 1000::bigint,
      due_at = t.due_at + (((at - t.due_at) / (t.interval_seconds * 1000::bigint)) + 1) * t.interval_seconds * 1000::bigint
  where t.id in (
    select d.id from prometheus_target d
    where d.is_enabled and d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  returning t.id, t.organisation_id
$$;
revoke all on function hinoban_lease_prometheus_targets(bigint, integer) from public;
grant execute on function hinoban_lease_prometheus_targets(bigint, integer) to hinoban_app;

-- otlp-001 --------------------------------------------------------------------------------------------
create table otlp_mapping (
  organisation_id text primary key default hinoban_organisation(),
  mapping text not null
);
call hinoban_secure('otlp_mapping');

-- dashboards-001 --------------------------------------------------------------------------------------
create table dashboards_dashboard (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  title text not null,
  memo text not null default '',
  url_path text collate "C" not null,
  widgets text not null,
  widget_count integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  unique (organisation_id, url_path)
);
call hinoban_secure('dashboards_dashboard');

create table dashboards_annotation (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  service_id text not null references inventory_service,
  title text not null,
  description text,
  from_at bigint not null,
  to_at bigint not null,
  roles text[],
  created_at bigint not null,
  check (to_at >= from_at)
);
create index dashboards_annotation_by_time on dashboards_annotation (service_id, from_at, to_at);
call hinoban_secure('dashboards_annotation');

-- zabbix-001 ------------------------------------------------------------------------------------------
create table zabbix_psk (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  identity text collate "C" not null,
  host_name text collate "C",
  sealed bytea not null,
  created_by text not null,
  created_at bigint not null,
  last_used_at bigint,
  revoked_at bigint
);
create unique index zabbix_psk_identity on zabbix_psk (identity) where revoked_at is null;
create index zabbix_psk_by_organisation on zabbix_psk (organisation_id, created_at);
call hinoban_secure('zabbix_psk', 'select, insert, update');

create table zabbix_settings (
  organisation_id text primary key default hinoban_organisation(),
  networks text[] not null,
  autoregister boolean not null,
  changed_at bigint not null
);
call hinoban_secure('zabbix_settings', 'select, insert, update');

create table zabbix_host (
  organisation_id text not null default hinoban_organisation(),
  name text collate "C" not null,
  host_id text not null references inventory_host,
  agent text not null check (agent in ('agent', 'agent2', 'sender')),
  version text,
  metadata text,
  address text not null,
  psk_identity text,
  first_at bigint not null,
  seen_at bigint not null,
  data_at bigint,
  clock_offset bigint,
  heartbeat_at bigint,
  heartbeat_every integer,
  knowledge text not null default '{}',
  samples text not null default '{}',
  text_values bigint not null default 0,
  late_values bigint not null default 0,
  primary key (organisation_id, name)
) with (fillfactor = 50);
call hinoban_secure('zabbix_host', 'select, insert, update, delete');

-- A connection shows whose it is by the identity of its key or by its address: both must be looked for in all organisations.
create function zabbix_valid_psks() returns table (id text, organisation_id text, identity text, host_name text, sealed bytea)
language sql stable security definer set search_path = public as $$
  select k.id, k.organisation_id, k.identity, k.host_name, k.sealed from zabbix_psk k where k.revoked_at is null
$$;
create function zabbix_all_settings() returns table (organisation_id text, networks text[], autoregister boolean, is_first boolean)
language sql stable security definer set search_path = public as $$
  select o.id, s.networks, s.autoregister, o.id = (select first_organisation from identity_setup)
  from identity_organisation o left join zabbix_settings s on s.organisation_id = o.id order by o.created_at, o.id
$$;
revoke all on function zabbix_valid_psks, zabbix_all_settings from public;
grant execute on function zabbix_valid_psks, zabbix_all_settings to hinoban_app;

-- sharing-001 -----------------------------------------------------------------------------------------
create table sharing_link (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  digest bytea not null unique,
  label text not null,
  target text not null,
  owner_id text not null,
  owner_name text not null,
  period text not null,
  width integer not null,
  height integer not null,
  theme text not null check (theme in ('light', 'dark')),
  language text not null check (language in ('en', 'ja')),
  created_by text not null,
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint,
  revoked_at bigint
);
create index sharing_link_by_organisation on sharing_link (organisation_id, created_at);
call hinoban_secure('sharing_link', 'select, insert, update');

-- Whose link a token is, for somebody who belongs nowhere.
create function sharing_find_link(by_digest bytea)
returns table (id text, organisation_id text, label text, target text, owner_id text, period text, width integer, height integer, theme text, language text,
  expires_at bigint, last_used_at bigint, revoked_at bigint)
language sql stable security definer set search_path = public as $$
  select l.id, l.organisation_id, l.label, l.target, l.owner_id, l.period, l.width, l.height, l.theme, l.language, l.expires_at, l.last_used_at, l.revoked_at
  from sharing_link l where l.digest = by_digest
$$;
revoke all on function sharing_find_link from public;
grant execute on function sharing_find_link to hinoban_app;
