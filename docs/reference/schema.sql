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

-- downtimes-001 ---------------------------------------------------------------------------------------
create table downtimes_downtime (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  memo text,
  start_at bigint not null,
  duration_minutes integer not null check (duration_minutes > 0),
  recurrence text,
  scopes text not null,
  names_hosts boolean not null,
  cut_at bigint,
  next_end_at bigint,
  created_at bigint not null
);
create index downtimes_downtime_by_organisation on downtimes_downtime (organisation_id, created_at);
create index downtimes_downtime_by_end on downtimes_downtime (next_end_at) where next_end_at is not null;
call hinoban_secure('downtimes_downtime');

-- Organisations in which a downtime has ended, and the moment when the next one ends.
create function downtimes_due(at bigint) returns table (organisation_id text, next_end_at bigint)
language sql stable security definer set search_path = public as $$
  select d.organisation_id, min(d.next_end_at) from downtimes_downtime d where d.next_end_at <= at group by d.organisation_id
  union all
  select null, min(d.next_end_at) from downtimes_downtime d where d.next_end_at > at
$$;
revoke all on function downtimes_due(bigint) from public;
grant execute on function downtimes_due(bigint) to hinoban_app;

-- notify-001 ------------------------------------------------------------------------------------------
create table notify_channel (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  type text not null,
  settings text not null,
  secrets bytea,
  workspace text,
  language text not null check (language in ('en', 'ja')),
  revision integer not null default 1,
  created_at bigint not null,
  suspended_at bigint,
  suspended_because text,
  failures integer not null default 0,
  failing_since bigint,
  last_at bigint,
  last_state text,
  last_problem text
) with (fillfactor = 70);
create index notify_channel_by_organisation on notify_channel (organisation_id, name collate "C", id);
call hinoban_secure('notify_channel');

create table notify_mail_server (
  organisation_id text primary key default hinoban_organisation(),
  host text not null,
  port integer not null check (port between 1 and 65535),
  security text not null check (security in ('tls', 'starttls', 'opportunistic', 'none')),
  verifies_tls boolean not null,
  user_name text not null,
  password bytea,
  from_address text not null,
  from_name text not null,
  bounce_address text not null,
  encoding text not null check (encoding in ('utf-8', 'iso-2022-jp')),
  updated_at bigint not null
);
call hinoban_secure('notify_mail_server');

create table notify_mail_health (
  organisation_id text primary key default hinoban_organisation(),
  failures integer not null,
  failing_since bigint,
  told_at bigint,
  last_ok_at bigint,
  last_problem text
) with (fillfactor = 50);
call hinoban_secure('notify_mail_health');

create table notify_contact (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  kind text not null check (kind in ('mail', 'phone', 'chat')),
  address text not null,
  is_login boolean not null default false,
  label text not null,
  workspace text,
  encoding text not null default 'utf-8' check (encoding in ('utf-8', 'iso-2022-jp')),
  position integer not null,
  created_at bigint not null,
  verified_at bigint,
  code_digest bytea,
  code_expires_at bigint,
  code_tries integer not null default 0,
  muted_until bigint,
  bounces integer not null default 0,
  invalid_since bigint
);
create unique index notify_contact_once on notify_contact (organisation_id, person_id, kind, address, coalesce(workspace, ''));
call hinoban_secure('notify_contact');

create table notify_rule (
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  rules text not null,
  updated_at bigint not null,
  primary key (organisation_id, person_id)
);
call hinoban_secure('notify_rule');

create table notify_delivery (
  seq bigint generated always as identity primary key,
  id text not null unique,
  organisation_id text not null default hinoban_organisation(),
  key text not null,
  about text not null,
  kind text not null check (kind in ('post', 'edit', 'test')),
  channel_id text,
  person_id text,
  medium text check (medium in ('mail', 'chat', 'phone')),
  lane text not null,
  lane_width smallint not null,
  rank smallint not null,
  is_urgent boolean not null,
  severity text not null,
  tone text not null,
  title text not null,
  thread text,
  notice bytea,
  state text not null check (state in ('pending', 'held', 'claimed', 'retrying', 'sent', 'failed', 'cancelled', 'unknown')),
  created_at bigint not null,
  due_at bigint not null,
  leased_until bigint not null default 0,
  lane_until bigint not null default 0,
  claimed_by text,
  claims integer not null default 0,
  tries integer not null default 0,
  ended_at bigint,
  progress text not null default '[]',
  place text,
  target_id text,
  problem text,
  check ((channel_id is null) <> (person_id is null))
) with (fillfactor = 70);
create unique index notify_delivery_key on notify_delivery (organisation_id, key);
create index notify_delivery_open on notify_delivery (lane, rank, due_at, seq) where state in ('pending', 'held', 'retrying', 'claimed');
create index notify_delivery_due on notify_delivery (due_at) where state in ('pending', 'held', 'retrying');
create index notify_delivery_leased on notify_delivery (leased_until) where state = 'claimed';
create index notify_delivery_claimed on notify_delivery (lane) where state = 'claimed';
create index notify_delivery_silent on notify_delivery (lane, lane_until) where state = 'retrying' and lane_until > 0;
create index notify_delivery_by_age on notify_delivery (organisation_id, seq);
create index notify_delivery_by_channel on notify_delivery (organisation_id, channel_id, seq) where channel_id is not null;
create index notify_delivery_by_person on notify_delivery (organisation_id, person_id, seq) where person_id is not null;
create index notify_delivery_by_about on notify_delivery (organisation_id, about, seq);
create index notify_delivery_by_thread on notify_delivery (organisation_id, thread, seq) where thread is not null;
create index notify_delivery_ended on notify_delivery (ended_at) where ended_at is not null;
call hinoban_secure('notify_delivery');

-- Takes on what is due, of all organisations: whoever gets a row sends it, and nobody else does before the lease ends. Each lane gives as
-- many as it is wide, so that a slow one keeps no other waiting; a message waits for an older one of its thread to the same recipient
-- that is about to be sent. was_claimed: somebody claimed it before and never said what became of it.
create function hinoban_claim_deliveries(at bigint, most integer, lease bigint)
returns table (id text, organisation_id text, claims integer, was_claimed boolean)
language sql security definer set search_path = public as $$
  with recursive lanes as (
    (select d.lane from notify_delivery d where d.state in ('pending', 'held', 'retrying', 'claimed') order by d.lane limit 1)
    union all
    select (select d.lane from notify_delivery d where d.state in ('pending', 'held', 'retrying', 'claimed') and d.lane > l.lane order by d.lane limit 1)
    from lanes l where l.lane is not null
  ), candidates as (
    select c.seq, c.rank, c.due_at from lanes l cross join lateral (
      select d.seq, d.rank, d.due_at from notify_delivery d
      where d.lane = l.lane and d.state in ('pending', 'held', 'retrying', 'claimed')
        and ((d.state <> 'claimed' and d.due_at <= at) or (d.state = 'claimed' and d.leased_until <= at))
        and (d.thread is null or not exists (
          select from notify_delivery o
          where o.organisation_id = d.organisation_id and o.thread = d.thread and o.seq < d.seq and o.lane = d.lane
            and o.person_id is not distinct from d.person_id and o.channel_id is not distinct from d.channel_id
            and ((o.state = 'claimed' and o.leased_until > at) or (o.state in ('pending', 'retrying') and o.due_at <= at))))
      order by d.rank, d.due_at, d.seq
      limit (select case
        when exists (select from notify_delivery u where u.lane = l.lane and u.state = 'retrying' and u.lane_until > at and u.lane_until > 0) then 0
        else greatest(0,
          (select w.lane_width from notify_delivery w where w.lane = l.lane and w.state in ('pending', 'held', 'retrying', 'claimed') limit 1)
          - (select count(*) from notify_delivery w where w.lane = l.lane and w.state = 'claimed' and w.leased_until > at)) end)
    ) c where l.lane is not null order by c.rank, c.due_at, c.seq limit most
  ), locked as (
    select d.seq, d.state = 'claimed' as was_claimed from notify_delivery d
    where d.seq in (select c.seq from candidates c)
      and ((d.state in ('pending', 'held', 'retrying') and d.due_at <= at) or (d.state = 'claimed' and d.leased_until <= at))
    for update skip locked
  )
  update notify_delivery d set state = 'claimed', leased_until = at + lease, lane_until = 0, claimed_by = current_setting('hinoban.device'), claims = d.claims + 1
  from locked k where d.seq = k.seq
  returning d.id, d.organisation_id, d.claims, k.was_claimed
$$;

-- A process that starts is alone on its device: what stands there as claimed by it belongs to one that ended. Says how many.
create function hinoban_release_deliveries() returns integer
language plpgsql security definer set search_path = public as $$
declare
  released integer;
begin
  update notify_delivery set leased_until = 0 where state = 'claimed' and claimed_by = current_setting('hinoban.device');
  get diagnostics released = row_count;
  return released;
end $$;

-- When the next delivery falls due after that moment, or a lease ends. Null: nothing waits.
create function hinoban_next_delivery(at bigint) returns bigint
language sql stable security definer set search_path = public as $$
  select least(
    (select min(d.due_at) from notify_delivery d where d.state in ('pending', 'held', 'retrying') and d.due_at > at),
    (select min(d.leased_until) from notify_delivery d where d.state = 'claimed' and d.leased_until > at))
$$;

-- Forgets deliveries that ended before that moment. Says how many went.
create function hinoban_purge_deliveries(before bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  gone integer;
begin
  delete from notify_delivery where ended_at < before;
  get diagnostics gone = row_count;
  return gone;
end $$;

revoke all on function hinoban_claim_deliveries, hinoban_release_deliveries, hinoban_next_delivery, hinoban_purge_deliveries from public;
grant execute on function hinoban_claim_deliveries, hinoban_release_deliveries, hinoban_next_delivery, hinoban_purge_deliveries to hinoban_app;

-- notify-002 ------------------------------------------------------------------------------------------
alter table notify_delivery add column sent_to text;

-- notify-003-media ------------------------------------------------------------------------------------
alter table notify_contact drop constraint notify_contact_kind_check;
alter table notify_contact add constraint notify_contact_kind_check check (kind in ('mail', 'phone', 'chat', 'push'));
alter table notify_delivery drop constraint notify_delivery_medium_check;
alter table notify_delivery add constraint notify_delivery_medium_check check (medium in ('mail', 'chat', 'phone', 'sms', 'push'));

-- notify-004-calling ----------------------------------------------------------------------------------
alter table notify_delivery drop constraint notify_delivery_state_check;
alter table notify_delivery add constraint notify_delivery_state_check
  check (state in ('pending', 'held', 'claimed', 'calling', 'retrying', 'sent', 'failed', 'cancelled', 'unknown'));

-- notify-005-push -------------------------------------------------------------------------------------
-- By which browsers and push services know this installation: one pair for all organisations.
create table notify_push_key (
  id text primary key check (id = 'vapid'),
  public_key text not null,
  private_key bytea not null,
  created_at bigint not null
);
grant select, insert on notify_push_key to hinoban_app;

create table notify_push (
  contact_id text primary key references notify_contact on delete cascade,
  organisation_id text not null default hinoban_organisation(),
  subscription bytea not null
);
call hinoban_secure('notify_push');

-- A browser shows messages of one person, in whatever organisations they come from: those of whoever used it before end.
create function hinoban_leave_browser(browser text, keeper text) returns integer
language plpgsql security definer set search_path = public as $$
declare
  gone integer;
begin
  delete from notify_contact where kind = 'push' and address = browser and person_id <> keeper;
  get diagnostics gone = row_count;
  return gone;
end $$;
revoke all on function hinoban_leave_browser from public;
grant execute on function hinoban_leave_browser to hinoban_app;

-- speech-001 ------------------------------------------------------------------------------------------
create table speech_word (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  language text not null check (language in ('en', 'ja')),
  written text not null,
  folded text not null,
  spoken text not null,
  changed_at bigint not null,
  unique (organisation_id, language, folded)
);
call hinoban_secure('speech_word');

create table speech_name (
  organisation_id text not null default hinoban_organisation(),
  kind text not null check (kind in ('person', 'host', 'service')),
  thing_id text not null,
  reading text not null check (reading <> ''),
  changed_at bigint not null,
  primary key (organisation_id, kind, thing_id)
);
call hinoban_secure('speech_name');

create table speech_recording (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  language text not null check (language in ('en', 'ja')),
  key text not null,
  file_name text not null,
  sound bytea not null check (length(sound) between 1 and 240000),
  milliseconds integer not null,
  changed_at bigint not null,
  unique (organisation_id, language, key)
);
call hinoban_secure('speech_recording');

-- duty-001 --------------------------------------------------------------------------------------------
create table duty_team (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  memo text not null default '',
  lead_id text,
  created_at bigint not null,
  deleted_at bigint
);
create unique index duty_team_name on duty_team (organisation_id, name) where deleted_at is null;
call hinoban_secure('duty_team', 'select, insert, update');

create table duty_member (
  organisation_id text not null default hinoban_organisation(),
  team_id text not null references duty_team,
  person_id text not null,
  position integer not null,
  primary key (team_id, person_id)
);
call hinoban_secure('duty_member');

create table duty_calendar (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  memo text not null default '',
  versions text not null,
  created_at bigint not null,
  deleted_at bigint
);
create unique index duty_calendar_name on duty_calendar (organisation_id, name) where deleted_at is null;
call hinoban_secure('duty_calendar', 'select, insert, update');

create table duty_schedule (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  memo text not null default '',
  time_zone text not null,
  team_id text references duty_team,
  layers text not null,
  revision integer not null default 1,
  tells_people boolean not null,
  channel_id text,
  created_at bigint not null,
  deleted_at bigint,
  due_at bigint not null,
  leased_until bigint not null default 0,
  seen_people text[]
);
create unique index duty_schedule_name on duty_schedule (organisation_id, name) where deleted_at is null;
create index duty_schedule_due on duty_schedule (due_at) where deleted_at is null;
call hinoban_secure('duty_schedule', 'select, insert, update');

create table duty_override (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  schedule_id text not null references duty_schedule,
  kind text not null check (kind in ('add', 'remove', 'replace')),
  person_id text not null,
  instead_of text,
  from_at bigint not null,
  to_at bigint not null check (to_at > from_at),
  reason text not null default '',
  swap_id text,
  created_by text not null,
  created_at bigint not null,
  num bigint generated always as identity
);
create index duty_override_by_schedule on duty_override (schedule_id, to_at);
call hinoban_secure('duty_override');

create table duty_swap (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  schedule_id text not null references duty_schedule,
  person_id text not null,
  give_from bigint not null,
  give_to bigint not null check (give_to > give_from),
  other_id text not null check (other_id <> person_id),
  take_from bigint,
  take_to bigint check (take_to > take_from),
  reason text not null default '',
  state text not null default 'proposed' check (state in ('proposed', 'accepted', 'declined', 'withdrawn')),
  person_accepted_at bigint,
  other_accepted_at bigint,
  created_by text not null,
  created_at bigint not null,
  decided_at bigint,
  check ((take_from is null) = (take_to is null)),
  check (state <> 'accepted' or (person_accepted_at is not null and other_accepted_at is not null))
);
create index duty_swap_by_schedule on duty_swap (schedule_id, created_at);
call hinoban_secure('duty_swap', 'select, insert, update');

create table duty_absence (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  from_at bigint not null,
  to_at bigint not null check (to_at > from_at),
  note text not null default '',
  source text,
  created_at bigint not null
);
create index duty_absence_by_person on duty_absence (organisation_id, person_id, to_at);
call hinoban_secure('duty_absence');

create table duty_feed (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  digest bytea not null unique,
  schedule_id text references duty_schedule,
  person_id text,
  created_by text not null,
  created_at bigint not null,
  last_read_at bigint,
  revoked_at bigint,
  check ((schedule_id is null) <> (person_id is null))
);
call hinoban_secure('duty_feed', 'select, insert, update');

create table duty_told (
  organisation_id text not null default hinoban_organisation(),
  key text not null,
  schedule_id text not null references duty_schedule,
  at bigint not null,
  primary key (organisation_id, key)
);
call hinoban_secure('duty_told');

-- Takes on schedules whose people on duty may have changed, of all organisations; whoever gets a row looks at it, for a minute nobody else.
create function hinoban_lease_duty_schedules(at bigint, most integer) returns table (id text, organisation_id text)
language sql security definer set search_path = public as $$
  update duty_schedule s set leased_until = at + 60000
  where s.id in (
    select d.id from duty_schedule d
    where d.deleted_at is null and d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  returning s.id, s.organisation_id
$$;
create function hinoban_next_duty_look() returns bigint language sql stable security definer set search_path = public as $$
  select min(greatest(due_at, leased_until)) from duty_schedule where deleted_at is null
$$;
-- The one look-up that must cross organisations: whoever reads a feed says nothing but its token.
create function hinoban_find_duty_feed(by_digest bytea) returns table (id text, organisation_id text)
language sql stable security definer set search_path = public as $$
  select f.id, f.organisation_id from duty_feed f where f.digest = by_digest and f.revoked_at is null
$$;
revoke all on function hinoban_lease_duty_schedules(bigint, integer), hinoban_next_duty_look(), hinoban_find_duty_feed(bytea) from public;
grant execute on function hinoban_lease_duty_schedules(bigint, integer), hinoban_next_duty_look(), hinoban_find_duty_feed(bytea) to hinoban_app;

-- incidents-001 ---------------------------------------------------------------------------------------
create table incidents_alert (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity,
  origin_kind text not null check (origin_kind in ('monitor', 'check', 'source', 'system')),
  origin_id text not null,
  key text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')),
  severity text not null check (severity in ('information', 'warning', 'error', 'critical')),
  type text not null,
  name text not null,
  message text not null,
  value double precision,
  host_id text,
  service_id text,
  group_key text,
  means_down boolean not null,
  inhibited_by text,
  detail text not null,
  is_muted boolean not null,
  was_critical boolean not null,
  memo text not null default '',
  reason text,
  trigger text not null,
  opened_at bigint not null,
  changed_at bigint not null,
  closed_at bigint,
  check ((status = 'OK') = (closed_at is not null))
) with (fillfactor = 80);
create unique index incidents_alert_open on incidents_alert (organisation_id, origin_kind, origin_id, key) where closed_at is null;
create index incidents_alert_closed on incidents_alert (organisation_id, origin_kind, origin_id, key, closed_at) where closed_at is not null;
create index incidents_alert_newest on incidents_alert (organisation_id, seq);
create index incidents_alert_open_newest on incidents_alert (organisation_id, seq) where closed_at is null;
create index incidents_alert_by_host on incidents_alert (organisation_id, host_id, seq) where host_id is not null;
create index incidents_alert_down on incidents_alert (organisation_id, host_id) where closed_at is null and means_down;
create index incidents_alert_inhibited on incidents_alert (organisation_id, inhibited_by) where closed_at is null and inhibited_by is not null;
call hinoban_secure('incidents_alert', 'select, insert, update');

-- Alerts are never deleted, so nothing checks again for each of ten thousand rows whether its alert is there.
create table incidents_alert_log (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity,
  alert_id text not null,
  status text not null,
  trigger text not null,
  value double precision,
  message text not null,
  created_at bigint not null
);
create index incidents_alert_log_by_alert on incidents_alert_log (alert_id, seq);
call hinoban_secure('incidents_alert_log', 'select, insert');
call hinoban_append_only('incidents_alert_log');

create table incidents_rule_change (
  organisation_id text not null default hinoban_organisation(),
  origin_id text not null,
  at bigint not null,
  primary key (organisation_id, origin_id)
);
call hinoban_secure('incidents_rule_change', 'select, insert, update');

create table incidents_incident (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  number integer not null,
  state text not null check (state in ('open', 'taken', 'resolved')),
  severity text not null check (severity in ('information', 'warning', 'error', 'critical')),
  title text not null,
  description text not null default '',
  is_manual boolean not null,
  opened_by text not null,
  responder_id text references identity_person (id),
  taken_at bigint,
  taken_via text,
  last_responder_id text references identity_person (id),
  opened_at bigint not null,
  joined_at bigint not null,
  resolved_at bigint,
  resolved_by text,
  snoozed_until bigint,
  settles_at bigint,
  returns integer not null default 0,
  is_flapping boolean not null default false,
  service_ids text[] not null default '{}',
  merged_into text references incidents_incident,
  version integer not null default 1,
  unique (organisation_id, number),
  check ((state = 'taken') = (responder_id is not null)),
  check ((state = 'taken') = (taken_at is not null)),
  check ((state = 'resolved') = (resolved_at is not null)),
  check (state <> 'resolved' or (snoozed_until is null and settles_at is null)),
  check (merged_into is null or state = 'resolved')
) with (fillfactor = 80);
create index incidents_incident_live on incidents_incident (organisation_id, number) where state <> 'resolved';
create index incidents_incident_due on incidents_incident (least(snoozed_until, settles_at)) where snoozed_until is not null or settles_at is not null;
create index incidents_incident_by_responder on incidents_incident (organisation_id, responder_id) where responder_id is not null;
call hinoban_secure('incidents_incident', 'select, insert, update');

create table incidents_membership (
  organisation_id text not null default hinoban_organisation(),
  alert_id text not null,
  incident_id text not null references incidents_incident,
  why text not null check (why in ('first', 'again', 'host', 'role', 'service', 'dependency', 'source', 'split', 'merged')),
  joined_at bigint not null,
  left_at bigint
);
-- An alert is in one incident at a time: the database keeps it.
create unique index incidents_membership_present on incidents_membership (alert_id) where left_at is null;
create index incidents_membership_by_incident on incidents_membership (incident_id) where left_at is null;
call hinoban_secure('incidents_membership', 'select, insert, update');

create table incidents_responder_change (
  organisation_id text not null default hinoban_organisation(),
  incident_id text not null references incidents_incident,
  n integer not null,
  from_id text,
  to_id text,
  by text not null,
  via text not null,
  at bigint not null,
  primary key (incident_id, n)
);
call hinoban_secure('incidents_responder_change', 'select, insert');
call hinoban_append_only('incidents_responder_change');

create table incidents_timeline (
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity primary key,
  incident_id text not null references incidents_incident,
  at bigint not null,
  kind text not null,
  by text not null,
  via text not null,
  person_id text,
  text text not null default '',
  detail text not null default '{}'
);
create index incidents_timeline_by_incident on incidents_timeline (incident_id, seq);
call hinoban_secure('incidents_timeline', 'select, insert');

create table incidents_dependency (
  organisation_id text not null default hinoban_organisation(),
  host_id text not null references inventory_host,
  depends_on_id text not null references inventory_host,
  created_at bigint not null,
  primary key (host_id, depends_on_id),
  check (host_id <> depends_on_id)
);
create index incidents_dependency_by_organisation on incidents_dependency (organisation_id, depends_on_id);
call hinoban_secure('incidents_dependency', 'select, insert, delete');

create table incidents_settings (
  organisation_id text primary key default hinoban_organisation(),
  settings text not null
);
call hinoban_secure('incidents_settings', 'select, insert, update');

create table incidents_number (
  organisation_id text primary key default hinoban_organisation(),
  last integer not null
);
call hinoban_secure('incidents_number', 'select, insert, update');

create table incidents_used_token (
  organisation_id text not null default hinoban_organisation(),
  digest bytea not null,
  expires_at bigint not null,
  primary key (organisation_id, digest)
);
call hinoban_secure('incidents_used_token', 'select, insert, delete');

create table incidents_alert_group_setting (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity,
  name text not null,
  document text not null
);
create index incidents_alert_group_setting_by_organisation on incidents_alert_group_setting (organisation_id, seq);
call hinoban_secure('incidents_alert_group_setting');

-- Incidents of all organisations whose snooze is over, or which flapped and have been quiet since.
create function incidents_due(at bigint, most integer) returns table (organisation_id text, incident_id text)
language sql stable security definer set search_path = public as $$
  select i.organisation_id, i.id from incidents_incident i
  where (i.snoozed_until is not null or i.settles_at is not null) and least(i.snoozed_until, i.settles_at) <= at
  order by least(i.snoozed_until, i.settles_at) limit most
$$;
create function incidents_next_due() returns bigint
language sql stable security definer set search_path = public as $$
  select min(least(i.snoozed_until, i.settles_at)) from incidents_incident i where i.snoozed_until is not null or i.settles_at is not null
$$;
revoke all on function incidents_due, incidents_next_due from public;
grant execute on function incidents_due, incidents_next_due to hinoban_app;

-- escalation-001 --------------------------------------------------------------------------------------
create table escalation_policy (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  version integer not null default 1,
  document text not null,
  created_at bigint not null,
  changed_at bigint not null,
  deleted_at bigint
);
create unique index escalation_policy_name on escalation_policy (organisation_id, name) where deleted_at is null;
call hinoban_secure('escalation_policy', 'select, insert, update');

create table escalation_binding (
  organisation_id text not null default hinoban_organisation(),
  service_id text not null,
  severity text not null check (severity in ('', 'information', 'warning', 'error', 'critical')),
  policy_id text not null references escalation_policy,
  primary key (organisation_id, service_id, severity)
);
create index escalation_binding_by_policy on escalation_binding (policy_id);
call hinoban_secure('escalation_binding');

create table escalation_run (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  incident_id text not null references incidents_incident,
  snapshot text not null,
  policy_id text,
  policy_name text not null,
  policy_version integer not null,
  severity text not null check (severity in ('information', 'warning', 'error', 'critical')),
  state text not null check (state in ('active', 'paused', 'done')),
  result text,
  ladder integer not null,
  round integer not null,
  step integer not null,
  target integer not null,
  is_delayed boolean not null,
  has_told boolean not null,
  acts integer not null,
  next_at bigint,
  planned_at bigint not null,
  is_anchored boolean not null,
  asked_version integer,
  started_at bigint not null,
  ended_at bigint,
  failures integer not null default 0,
  restarts integer not null default 0,
  restarts_since bigint not null default 0,
  check (state <> 'active' or next_at is not null),
  check (state <> 'done' or (next_at is null and ended_at is not null))
) with (fillfactor = 70);
-- An incident is walked once at a time: the database keeps it.
create unique index escalation_run_live on escalation_run (incident_id) where state <> 'done';
create index escalation_run_due on escalation_run (next_at) where next_at is not null;
create index escalation_run_planned on escalation_run (planned_at) where next_at is not null;
create index escalation_run_by_incident on escalation_run (organisation_id, incident_id, started_at);
call hinoban_secure('escalation_run', 'select, insert, update');

create table escalation_attempt (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  run_id text not null references escalation_run,
  incident_id text not null,
  ladder integer not null,
  round integer not null,
  step integer not null,
  pos integer not null,
  n integer not null,
  act integer not null,
  person_id text,
  channel_id text,
  medium text check (medium in ('mail', 'chat', 'phone')),
  state text not null check (state in ('pending', 'held', 'claimed', 'retrying', 'sent', 'failed', 'cancelled', 'unknown', 'skipped')),
  problem text,
  is_fallback boolean not null,
  is_unanswered boolean not null default false,
  key text,
  created_at bigint not null,
  changed_at bigint not null,
  -- Whoever comes second fails here: nothing is made twice for the same step.
  unique (run_id, ladder, round, step, pos, n)
) with (fillfactor = 70);
create unique index escalation_attempt_key on escalation_attempt (organisation_id, key) where key is not null;
create index escalation_attempt_by_incident on escalation_attempt (organisation_id, incident_id, created_at);
create index escalation_attempt_unanswered on escalation_attempt (changed_at) where is_unanswered;
call hinoban_secure('escalation_attempt', 'select, insert, update');

create table escalation_skip (
  organisation_id text not null default hinoban_organisation(),
  run_id text not null references escalation_run,
  ladder integer not null,
  round integer not null,
  person_id text not null,
  at bigint not null,
  primary key (run_id, ladder, round, person_id)
);
call hinoban_secure('escalation_skip', 'select, insert');

create table escalation_audit (
  organisation_id text primary key default hinoban_organisation(),
  at bigint not null,
  findings integer not null,
  overdue integer not null,
  without_next integer not null
) with (fillfactor = 50);
call hinoban_secure('escalation_audit', 'select, insert, update');

create table escalation_report (
  organisation_id text not null default hinoban_organisation(),
  origin_id text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL')),
  severity text not null check (severity in ('information', 'warning', 'error', 'critical')),
  name text not null,
  message text not null,
  at bigint not null,
  primary key (organisation_id, origin_id)
);
call hinoban_secure('escalation_report');

-- Organisations of which something waits to become an alert.
create function hinoban_waiting_escalation_reports() returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select distinct r.organisation_id from escalation_report r
$$;

-- Runs of all organisations that are due, or of which a notification failed without anybody having seen to it. Only a hint: whoever goes
-- on with a run locks its row and looks again.
create function hinoban_due_escalation_runs(at bigint, most integer) returns table (id text, organisation_id text)
language sql stable security definer set search_path = public as $$
  (select r.id, r.organisation_id from escalation_run r where r.next_at <= at order by r.failures, r.next_at limit most)
  union
  (select a.run_id, a.organisation_id from escalation_attempt a where a.is_unanswered order by a.changed_at limit most)
$$;
create function hinoban_next_escalation(at bigint) returns bigint
language sql stable security definer set search_path = public as $$
  select min(r.next_at) from escalation_run r where r.next_at > at
$$;

-- The clock of this machine was set: whoever was given two minutes still has them, no more and no less. Rows that were settled after the
-- jump stay, so that it does not matter how many processes notice.
create function hinoban_shift_escalation_runs(planned_after bigint, planned_until bigint, moved bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  moved_rows integer;
begin
  update escalation_run set next_at = next_at + moved, planned_at = planned_at + moved
  where next_at is not null and not is_anchored and planned_at > planned_after and planned_at <= planned_until;
  get diagnostics moved_rows = row_count;
  return moved_rows;
end $$;

-- The clock of the machine that settled it was ahead, or was set back while nobody looked: nobody waits longer than was settled.
create function hinoban_mend_escalation_runs(at bigint, slack bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  mended integer;
begin
  update escalation_run set next_at = at + (next_at - planned_at), planned_at = at
  where next_at is not null and not is_anchored and planned_at > at + slack;
  get diagnostics mended = row_count;
  return mended;
end $$;

-- Organisations that the auditor has to look at.
create function hinoban_escalation_organisations() returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select i.organisation_id from incidents_incident i where i.state <> 'resolved'
  union select p.organisation_id from escalation_policy p where p.deleted_at is null
  union select r.organisation_id from escalation_run r where r.state <> 'done'
  union select a.organisation_id from escalation_audit a where a.findings > 0
$$;

-- For the figures of all organisations together.
create function hinoban_escalation_figures(at bigint) returns table (active bigint, oldest_due bigint, without_next bigint)
language sql stable security definer set search_path = public as $$
  select (select count(*) from escalation_run r where r.state = 'active'),
    (select min(r.next_at) from escalation_run r where r.next_at <= at),
    (select count(*) from incidents_incident i where i.state = 'open' and i.snoozed_until is null
      and not exists (select from escalation_run r where r.incident_id = i.id and r.state = 'active'))
$$;

revoke all on function hinoban_waiting_escalation_reports, hinoban_due_escalation_runs, hinoban_next_escalation, hinoban_shift_escalation_runs, hinoban_mend_escalation_runs,
  hinoban_escalation_organisations, hinoban_escalation_figures from public;
grant execute on function hinoban_waiting_escalation_reports, hinoban_due_escalation_runs, hinoban_next_escalation, hinoban_shift_escalation_runs, hinoban_mend_escalation_runs,
  hinoban_escalation_organisations, hinoban_escalation_figures to hinoban_app;

-- escalation-002-media --------------------------------------------------------------------------------
alter table escalation_attempt drop constraint escalation_attempt_medium_check;
alter table escalation_attempt add constraint escalation_attempt_medium_check check (medium in ('mail', 'chat', 'phone', 'sms', 'push'));

-- escalation-003-calls --------------------------------------------------------------------------------
alter table escalation_attempt drop constraint escalation_attempt_state_check;
alter table escalation_attempt add constraint escalation_attempt_state_check
  check (state in ('pending', 'held', 'claimed', 'calling', 'retrying', 'sent', 'failed', 'cancelled', 'unknown', 'skipped'));
-- Asked and not taking it: nobody waits for them.
alter table escalation_attempt add column goes_on boolean not null default false;
-- Left out until the incident is over, rather than for the round.
alter table escalation_skip add column is_whole_run boolean not null default false;

-- routing-001 -----------------------------------------------------------------------------------------
create table routing_group (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  seq bigint generated always as identity,
  is_default boolean not null,
  name text not null,
  document text not null,
  created_at bigint not null
);
create index routing_group_by_organisation on routing_group (organisation_id, seq);
create unique index routing_group_default on routing_group (organisation_id) where is_default;
call hinoban_secure('routing_group');

create table routing_settings (
  organisation_id text primary key default hinoban_organisation(),
  settings text not null
);
call hinoban_secure('routing_settings');

create table routing_reminder (
  alert_id text primary key,
  organisation_id text not null default hinoban_organisation(),
  every_minutes integer not null check (every_minutes > 0),
  count integer not null default 0,
  due_at bigint not null,
  downtime_id text
) with (fillfactor = 70);
create index routing_reminder_due on routing_reminder (due_at);
call hinoban_secure('routing_reminder');

create table routing_alert_group (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  setting_id text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')),
  was_critical boolean not null,
  created_at bigint not null,
  closed_at bigint,
  due_at bigint,
  told integer not null default 0,
  channel_ids text[] not null default '{}'
) with (fillfactor = 70);
create unique index routing_alert_group_open on routing_alert_group (organisation_id, setting_id) where closed_at is null;
create index routing_alert_group_due on routing_alert_group (due_at) where due_at is not null;
call hinoban_secure('routing_alert_group');

create table routing_alert_group_member (
  organisation_id text not null default hinoban_organisation(),
  group_id text not null references routing_alert_group on delete cascade,
  alert_id text not null,
  status text not null check (status in ('WARNING', 'CRITICAL', 'UNKNOWN')),
  primary key (group_id, alert_id)
);
create index routing_alert_group_member_by_alert on routing_alert_group_member (alert_id);
call hinoban_secure('routing_alert_group_member');

create table routing_pace (
  channel_id text primary key,
  organisation_id text not null default hinoban_organisation(),
  since bigint not null,
  count integer not null,
  summaries integer not null,
  due_at bigint,
  collected text
) with (fillfactor = 50);
create index routing_pace_due on routing_pace (due_at) where due_at is not null;
call hinoban_secure('routing_pace');

-- Organisations in which something is due to be told, and the moment when the next thing is.
create function routing_due(at bigint) returns table (organisation_id text, due_at bigint)
language sql stable security definer set search_path = public as $$
  with due as (
    select r.organisation_id, r.due_at from routing_reminder r
    union all select g.organisation_id, g.due_at from routing_alert_group g where g.due_at is not null
    union all select p.organisation_id, p.due_at from routing_pace p where p.due_at is not null)
  select d.organisation_id, min(d.due_at) from due d where d.due_at <= at group by d.organisation_id
  union all
  select null, min(d.due_at) from due d where d.due_at > at
$$;
revoke all on function routing_due(bigint) from public;
grant execute on function routing_due(bigint) to hinoban_app;

-- acts-001 --------------------------------------------------------------------------------------------
create table acts_chat_identity (
  id text not null unique,
  organisation_id text not null default hinoban_organisation(),
  chat text not null check (chat in ('slack', 'mattermost')),
  workspace text not null,
  user_id text not null,
  user_name text not null,
  person_id text not null,
  connected_at bigint not null,
  primary key (organisation_id, chat, workspace, user_id),
  foreign key (organisation_id, person_id) references identity_membership (organisation_id, person_id)
);
create index acts_chat_identity_by_person on acts_chat_identity (organisation_id, person_id);
call hinoban_secure('acts_chat_identity');

create table acts_invitation (
  digest bytea primary key,
  organisation_id text not null default hinoban_organisation(),
  chat text not null check (chat in ('slack', 'mattermost')),
  workspace text not null,
  user_id text not null,
  user_name text not null,
  channel_id text,
  expires_at bigint not null,
  used_at bigint
);
create index acts_invitation_by_age on acts_invitation (organisation_id, expires_at);
call hinoban_secure('acts_invitation');

create table acts_request (
  organisation_id text not null default hinoban_organisation(),
  channel_id text not null,
  digest bytea not null,
  forget_at bigint not null,
  primary key (channel_id, digest)
);
create index acts_request_by_age on acts_request (organisation_id, forget_at);
call hinoban_secure('acts_request', 'select, insert, delete');

-- A chat's request names a channel and nothing else: whose it is must be known before its signature can be judged.
create function acts_channel_organisation(by_id text) returns text
language sql stable security definer set search_path = public as $$
  select c.organisation_id from notify_channel c where c.id = by_id
$$;
revoke all on function acts_channel_organisation from public;
grant execute on function acts_channel_organisation to hinoban_app;

-- acts-002 --------------------------------------------------------------------------------------------
alter table acts_invitation add column channel_workspace text, add column is_vouched boolean not null default false;

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

-- sources-001 -----------------------------------------------------------------------------------------
create table sources_source (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  kind text not null check (kind in ('alertmanager', 'grafana', 'zabbix', 'mackerel', 'generic', 'heartbeat')),
  name text not null,
  memo text not null,
  service_id text,
  default_severity text not null check (default_severity in ('information', 'warning', 'error', 'critical')),
  mapping text,
  beat_interval_seconds integer check (beat_interval_seconds >= 30),
  beat_grace_seconds integer check (beat_grace_seconds >= 0),
  digest bytea not null unique,
  old_digest bytea unique,
  state text not null check (state in ('waiting', 'ok', 'unread', 'missed')),
  last_at bigint,
  due_at bigint,
  muted_until bigint,
  mute_reason text not null,
  created_at bigint not null,
  check ((kind = 'heartbeat') = (beat_interval_seconds is not null and beat_grace_seconds is not null))
) with (fillfactor = 70);
create index sources_source_by_organisation on sources_source (organisation_id, name);
create index sources_source_due on sources_source (due_at) where due_at is not null;
call hinoban_secure('sources_source');

create table sources_item (
  organisation_id text not null default hinoban_organisation(),
  source_id text not null references sources_source on delete cascade,
  key text not null,
  started_at bigint not null,
  seen_at bigint not null,
  primary key (source_id, key)
) with (fillfactor = 70);
create index sources_item_seen on sources_item (source_id, seen_at);
call hinoban_secure('sources_item');

create table sources_signal (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  source_id text not null references sources_source on delete cascade,
  received_at bigint not null,
  effect text not null check (effect in ('taken', 'repeated', 'ignored', 'test', 'unread')),
  opened integer not null,
  closed integer not null,
  problem text,
  body text not null,
  is_cut boolean not null,
  seq bigint generated always as identity
);
create unique index sources_signal_by_source on sources_signal (source_id, seq);
call hinoban_secure('sources_signal');

create table sources_outgoing (
  organisation_id text primary key default hinoban_organisation(),
  sealed bytea not null,
  interval_seconds integer not null check (interval_seconds >= 60),
  is_enabled boolean not null,
  due_at bigint not null,
  last_at bigint,
  last_error text,
  failures integer not null
) with (fillfactor = 70);
call hinoban_secure('sources_outgoing');

-- Whose address a token is, for somebody who belongs nowhere.
create function hinoban_find_source(by_digest bytea) returns table (id text, organisation_id text, kind text)
language sql stable security definer set search_path = public as $$
  select s.id, s.organisation_id, s.kind from sources_source s where s.digest = by_digest or s.old_digest = by_digest
$$;
revoke all on function hinoban_find_source(bytea) from public;
grant execute on function hinoban_find_source(bytea) to hinoban_app;

-- Heartbeats of all organisations that stayed away, and when the next one would.
create function hinoban_due_heartbeats(most integer) returns table (id text, organisation_id text, due_at bigint)
language sql stable security definer set search_path = public as $$
  select s.id, s.organisation_id, s.due_at from sources_source s where s.due_at is not null order by s.due_at limit most
$$;
revoke all on function hinoban_due_heartbeats(integer) from public;
grant execute on function hinoban_due_heartbeats(integer) to hinoban_app;

-- Takes on heartbeats that are to be sent: whoever gets a row sends it, and nobody else does before the next one is due.
create function hinoban_lease_outgoing_heartbeats(at bigint) returns table (organisation_id text, sealed bytea)
language sql security definer set search_path = public as $$
  update sources_outgoing o
  set due_at = at + o.interval_seconds * 1000::bigint
  where o.organisation_id in (select d.organisation_id from sources_outgoing d where d.is_enabled and d.due_at <= at for update skip locked)
  returning o.organisation_id, o.sealed
$$;
revoke all on function hinoban_lease_outgoing_heartbeats(bigint) from public;
grant execute on function hinoban_lease_outgoing_heartbeats(bigint) to hinoban_app;

-- sources-002-mailbox ---------------------------------------------------------------------------------
alter table sources_source drop constraint sources_source_kind_check;
alter table sources_source add constraint sources_source_kind_check
  check (kind in ('alertmanager', 'grafana', 'zabbix', 'mackerel', 'pagerduty', 'opsgenie', 'mail', 'generic', 'heartbeat'));

create table sources_mailbox (
  source_id text primary key references sources_source on delete cascade,
  organisation_id text not null default hinoban_organisation(),
  host text not null,
  port integer not null check (port between 1 and 65535),
  security text not null check (security in ('tls', 'starttls', 'none')),
  verifies_tls boolean not null,
  user_name text not null,
  password bytea not null,
  folder text not null,
  marks_seen boolean not null,
  unmatched text not null check (unmatched in ('alert', 'ignore')),
  rules text not null,
  revision integer not null default 1,
  validity text,
  last_uid bigint not null default 0,
  begun_at bigint,
  since bigint not null default 0,
  looked_at bigint,
  problem text,
  failing_since bigint,
  failures integer not null default 0,
  due_at bigint not null default 0,
  leased_until bigint not null default 0,
  holder text
) with (fillfactor = 50);
create index sources_mailbox_due on sources_mailbox (due_at);
call hinoban_secure('sources_mailbox');

create table sources_mail (
  organisation_id text not null default hinoban_organisation(),
  source_id text not null references sources_source on delete cascade,
  digest bytea not null,
  taken_at bigint not null,
  primary key (source_id, digest)
);
create index sources_mail_taken on sources_mail (source_id, taken_at);
call hinoban_secure('sources_mail');

-- Takes on mailboxes of all organisations that nobody reads: whoever gets a row reads it as long as the lease is renewed.
create function hinoban_lease_mailboxes(at bigint, most integer, lease bigint) returns table (source_id text, organisation_id text, revision integer)
language sql security definer set search_path = public as $$
  update sources_mailbox m set leased_until = at + lease, holder = current_setting('hinoban.device')
  where m.source_id in (
    select d.source_id from sources_mailbox d where d.due_at <= at and d.leased_until <= at order by d.due_at limit most for update skip locked)
  returning m.source_id, m.organisation_id, m.revision
$$;
revoke all on function hinoban_lease_mailboxes(bigint, integer, bigint) from public;
grant execute on function hinoban_lease_mailboxes(bigint, integer, bigint) to hinoban_app;

-- monitors-001 ----------------------------------------------------------------------------------------
create table monitors_monitor (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  type text collate "C" not null,
  name text collate "C" not null,
  is_muted boolean not null,
  settings text not null,
  version integer not null,
  created_at bigint not null,
  updated_at bigint not null
);
create index monitors_monitor_by_name on monitors_monitor (organisation_id, type, name, id);
call hinoban_secure('monitors_monitor');

create table monitors_state (
  organisation_id text not null default hinoban_organisation(),
  monitor_id text not null references monitors_monitor on delete cascade,
  target text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')),
  attempts integer not null,
  message text not null,
  judged_at bigint not null,
  changed_at bigint not null,
  closed_at bigint,
  primary key (monitor_id, target)
) with (fillfactor = 70);
create index monitors_state_by_target on monitors_state (organisation_id, target);
call hinoban_secure('monitors_state');

create table monitors_schedule (
  organisation_id text primary key default hinoban_organisation(),
  due_at bigint not null,
  leased_until bigint not null,
  has_first_rules boolean not null,
  expressions_at bigint not null
) with (fillfactor = 50);
call hinoban_secure('monitors_schedule', 'select, update');

create table monitors_model (
  organisation_id text not null default hinoban_organisation(),
  monitor_id text primary key references monitors_monitor on delete cascade,
  trained_at bigint not null,
  samples integer not null,
  days integer not null,
  model text
);
call hinoban_secure('monitors_model');

-- Takes on the organisations whose periodic rules are due: whoever gets one judges it, and nobody else does before the lease ends.
create function hinoban_lease_monitor_schedules(at bigint, most integer) returns table (organisation_id text)
language plpgsql security definer set search_path = public as $$
begin
  insert into monitors_schedule (organisation_id, due_at, leased_until, has_first_rules, expressions_at)
  select o.id, at, 0, false, 0 from identity_organisation o
  where not exists (select from monitors_schedule s where s.organisation_id = o.id)
  on conflict do nothing;
  return query
  update monitors_schedule s
  set leased_until = at + 120000, due_at = (at / 60000 + 1) * 60000
  where s.organisation_id in (
    select d.organisation_id from monitors_schedule d
    where d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  returning s.organisation_id;
end $$;
revoke all on function hinoban_lease_monitor_schedules(bigint, integer) from public;
grant execute on function hinoban_lease_monitor_schedules(bigint, integer) to hinoban_app;

-- probes-001 ------------------------------------------------------------------------------------------
create table probes_task (
  organisation_id text not null default hinoban_organisation(),
  monitor_id text not null,
  vantage text not null,
  version integer not null,
  plan text not null,
  interval_seconds integer not null check (interval_seconds >= 10),
  due_at bigint not null,
  leased_until bigint not null,
  assigned_at bigint not null,
  last_at bigint,
  last_verdict text,
  since bigint,
  silent_at bigint,
  primary key (organisation_id, monitor_id, vantage)
) with (fillfactor = 60);
create index probes_task_due on probes_task (due_at) where vantage = 'server';
create index probes_task_by_vantage on probes_task (organisation_id, vantage);
call hinoban_secure('probes_task');

create table probes_result (
  organisation_id text not null default hinoban_organisation(),
  monitor_id text not null,
  vantage text not null,
  slot integer not null check (slot between 0 and 99),
  at bigint not null,
  verdict text not null,
  outcome text not null,
  primary key (organisation_id, monitor_id, vantage, slot)
) with (fillfactor = 80);
call hinoban_secure('probes_result');

create table probes_run (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  vantage text not null,
  spec text not null,
  state text not null check (state in ('waiting', 'running', 'done')),
  asked_at bigint not null,
  asked_by text not null,
  steps text not null,
  outcome text,
  seq bigint generated always as identity
);
create index probes_run_by_time on probes_run (organisation_id, asked_at, seq);
call hinoban_secure('probes_run');

create table probes_agent (
  organisation_id text not null default hinoban_organisation(),
  host_id text not null,
  seen_at bigint not null,
  primary key (organisation_id, host_id)
);
call hinoban_secure('probes_agent');

-- Takes on what the server itself is to probe, of all organisations: whoever gets a row probes it, and nobody else does before the lease ends.
-- What was missed is not made up for; the next one keeps the rhythm, so that probes stay spread.
create function hinoban_lease_probe_tasks(at bigint, most integer) returns table (organisation_id text, monitor_id text, version integer, plan text, due_at bigint)
language sql security definer set search_path = public as $$
  with due as (
    select d.organisation_id, d.monitor_id, d.due_at from probes_task d
    where d.vantage = 'server' and d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  update probes_task t
  set leased_until = at + 90000,
      due_at = t.due_at + (((at - t.due_at) / (t.interval_seconds * 1000::bigint)) + 1) * t.interval_seconds * 1000::bigint
  from due
  where t.organisation_id = due.organisation_id and t.monitor_id = due.monitor_id and t.vantage = 'server'
  returning t.organisation_id, t.monitor_id, t.version, t.plan, due.due_at
$$;
revoke all on function hinoban_lease_probe_tasks(bigint, integer) from public;
grant execute on function hinoban_lease_probe_tasks(bigint, integer) to hinoban_app;

-- Hosts that should have reported and did not, of all organisations; each is given out once an interval until it reports again.
create function hinoban_silent_probe_tasks(at bigint, most integer) returns table (organisation_id text, monitor_id text, vantage text, version integer)
language sql security definer set search_path = public as $$
  with silent as (
    select d.organisation_id, d.monitor_id, d.vantage from probes_task d
    where d.vantage <> 'server' and coalesce(d.silent_at, 0) <= at - d.interval_seconds * 1000::bigint
      and greatest(coalesce(d.last_at, 0), d.assigned_at) < at - greatest(300000, 5 * d.interval_seconds * 1000::bigint)
    limit most for update skip locked)
  update probes_task t set silent_at = at from silent
  where t.organisation_id = silent.organisation_id and t.monitor_id = silent.monitor_id and t.vantage = silent.vantage
  returning t.organisation_id, t.monitor_id, t.vantage, t.version
$$;
revoke all on function hinoban_silent_probe_tasks(bigint, integer) from public;
grant execute on function hinoban_silent_probe_tasks(bigint, integer) to hinoban_app;

-- Removes what nobody asks for any more: runs of yesterday, agents that stayed away.
create function hinoban_expire_probe_runs(before bigint) returns void
language sql security definer set search_path = public as $$
  delete from probes_run where asked_at < before;
  delete from probes_agent where seen_at < before
$$;
revoke all on function hinoban_expire_probe_runs(bigint) from public;
grant execute on function hinoban_expire_probe_runs(bigint) to hinoban_app;

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

-- reports-001 -----------------------------------------------------------------------------------------
create table reports_report (
  seq bigint generated always as identity,
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  period text not null,
  language text not null check (language in ('en', 'ja')),
  model text not null,
  is_complete boolean not null,
  incidents integer not null,
  made_at bigint not null,
  made_by text not null
);
create index reports_report_by_age on reports_report (organisation_id, seq);
call hinoban_secure('reports_report', 'select, insert, delete');

create table reports_setting (
  organisation_id text primary key default hinoban_organisation(),
  settings text not null,
  next_at bigint,
  leased_until bigint not null default 0
) with (fillfactor = 50);
create index reports_setting_due on reports_setting (next_at) where next_at is not null;
call hinoban_secure('reports_setting', 'select, insert, update');

create table reports_sending (
  seq bigint generated always as identity,
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  report_id text not null references reports_report,
  kind text not null check (kind in ('person', 'address', 'channel')),
  recipient text not null,
  name text not null,
  language text not null check (language in ('en', 'ja')),
  state text not null default 'pending' check (state in ('pending', 'sent', 'failed')),
  problem text,
  tries integer not null default 0,
  created_at bigint not null,
  due_at bigint,
  leased_until bigint not null default 0,
  ended_at bigint,
  delivery_id text
) with (fillfactor = 70);
create index reports_sending_by_report on reports_sending (report_id, seq);
create index reports_sending_due on reports_sending (due_at) where due_at is not null;
create index reports_sending_by_delivery on reports_sending (delivery_id) where delivery_id is not null;
call hinoban_secure('reports_sending', 'select, insert, update');

-- Organisations whose report is due: whoever gets one makes it, and nobody else tries before the lease ends.
create function hinoban_lease_reports(at bigint, lease bigint) returns table (organisation_id text)
language sql security definer set search_path = public as $$
  update reports_setting s set leased_until = at + lease
  where s.organisation_id in (
    select d.organisation_id from reports_setting d where d.next_at <= at and d.leased_until <= at
    order by d.next_at limit 1 for update skip locked)
  returning s.organisation_id
$$;

-- One mail that is due: whoever gets it sends it, and nobody else does before the lease ends.
create function hinoban_claim_report_sending(at bigint, lease bigint) returns table (id text, organisation_id text)
language sql security definer set search_path = public as $$
  update reports_sending s set leased_until = at + lease
  where s.id in (
    select d.id from reports_sending d where d.due_at <= at and d.leased_until <= at
    order by d.due_at limit 1 for update skip locked)
  returning s.id, s.organisation_id
$$;

-- When the next report or mail falls due, or a lease ends. Null: nothing waits.
create function hinoban_next_report(at bigint) returns bigint
language sql stable security definer set search_path = public as $$
  select least(
    (select min(greatest(s.next_at, s.leased_until)) from reports_setting s where s.next_at is not null),
    (select min(greatest(s.due_at, s.leased_until)) from reports_sending s where s.due_at is not null))
$$;

revoke all on function hinoban_lease_reports, hinoban_claim_report_sending, hinoban_next_report from public;
grant execute on function hinoban_lease_reports, hinoban_claim_report_sending, hinoban_next_report to hinoban_app;

-- calls-001 -------------------------------------------------------------------------------------------
create table calls_line (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  name text not null,
  kind text not null check (kind in ('sip', 'twilio', 'vonage', 'http')),
  priority integer not null,
  capacity integer not null check (capacity > 0),
  settings text not null,
  secrets bytea,
  is_on boolean not null default true,
  revision integer not null default 1,
  created_at bigint not null,
  deleted_at bigint,
  leased_by text,
  leased_until bigint not null default 0,
  state text not null default 'off' check (state in ('off', 'connecting', 'ready', 'failed')),
  state_at bigint not null default 0,
  problem text,
  registered_until bigint,
  failures integer not null default 0,
  failing_since bigint,
  suspended_until bigint not null default 0,
  is_told boolean not null default false
) with (fillfactor = 70);
create index calls_line_by_organisation on calls_line (organisation_id, priority, id) where deleted_at is null;
call hinoban_secure('calls_line');

create table calls_call (
  seq bigint generated always as identity primary key,
  id text not null unique,
  organisation_id text not null default hinoban_organisation(),
  kind text not null check (kind in ('incident', 'code', 'test', 'weekly', 'incoming')),
  person_id text,
  contact_id text,
  number text not null,
  further text not null default '[]',
  language text not null check (language in ('en', 'ja')),
  time_zone text not null,
  wanted_line_id text,
  line_id text,
  tried_lines text not null default '[]',
  state text not null check (state in ('queued', 'claimed', 'dialing', 'ringing', 'talking', 'over')),
  severity text not null,
  rank smallint not null,
  ring_ms integer not null,
  longest_ms integer not null,
  take_key text,
  content bytea,
  asked_at bigint not null,
  due_at bigint not null,
  dialled_at bigint,
  rang_at bigint,
  answered_at bigint,
  ended_at bigint,
  talked_ms bigint,
  cause text,
  result text,
  problem text,
  sip_code integer,
  cost double precision,
  currency text,
  pressed text not null default '',
  stage text,
  turn integer not null default 0,
  last_turn text,
  pending text,
  saved text,
  leased_by text,
  leased_until bigint not null default 0,
  claims integer not null default 0,
  recover_at bigint,
  recoveries integer not null default 0,
  unwanted text check (unwanted in ('taken', 'ended')),
  followed_by text,
  check ((state = 'over') = (ended_at is not null))
) with (fillfactor = 60);
-- Never two calls at once to one person or number, whichever organisations ask, whatever the code above believes.
create unique index calls_call_one_person on calls_call (person_id) where state in ('claimed', 'dialing', 'ringing', 'talking') and kind <> 'incoming';
create unique index calls_call_one_number on calls_call (number) where state in ('claimed', 'dialing', 'ringing', 'talking') and kind <> 'incoming';
-- What waits for a person is told in one call.
create unique index calls_call_one_queued on calls_call (organisation_id, person_id) where state = 'queued' and kind = 'incident';
create index calls_call_open on calls_call (state, due_at) where state <> 'over';
create index calls_call_pending on calls_call (leased_until) where pending is not null;
create index calls_call_by_line on calls_call (line_id, seq);
create index calls_call_by_age on calls_call (organisation_id, seq);
create index calls_call_by_person on calls_call (organisation_id, person_id, seq) where person_id is not null;
create index calls_call_by_number on calls_call (organisation_id, number, seq) where kind = 'incoming';
create index calls_call_incoming on calls_call (organisation_id, line_id, asked_at) where kind = 'incoming';
call hinoban_secure('calls_call');

create table calls_topic (
  organisation_id text not null default hinoban_organisation(),
  call_id text not null references calls_call (id) on delete cascade,
  incident_id text not null,
  delivery_id text,
  asked_at bigint not null,
  state text not null default 'open'
    check (state in ('open', 'taken', 'declined', 'next', 'elsewhere', 'over', 'unanswered', 'cancelled', 'unreached', 'moved')),
  told_at bigint,
  stepped_at bigint,
  settlement text,
  primary key (call_id, incident_id)
) with (fillfactor = 70);
create index calls_topic_by_incident on calls_topic (organisation_id, incident_id, call_id);
create unique index calls_topic_by_delivery on calls_topic (organisation_id, delivery_id) where delivery_id is not null and state <> 'moved';
create index calls_topic_unsettled on calls_topic (organisation_id) where settlement is not null;
call hinoban_secure('calls_topic');

create table calls_event (
  seq bigint generated always as identity primary key,
  organisation_id text not null default hinoban_organisation(),
  call_id text not null references calls_call (id) on delete cascade,
  at bigint not null,
  kind text not null,
  said text,
  detail text not null
);
create index calls_event_by_call on calls_event (call_id, seq);
call hinoban_secure('calls_event', 'select, insert, delete');

create table calls_pin (
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  is_incoming boolean not null,
  failures integer not null,
  locked_until bigint not null,
  primary key (organisation_id, person_id, is_incoming)
);
call hinoban_secure('calls_pin');

-- Opens and keeps the lines of all organisations: those that nobody has, and those that this device has. What was switched off or deleted
-- is let go. at: now, as this device has it; now: as all devices have it, for leases; opened: lines that are open here. Whatever a line said
-- of itself before it was opened here was said of another process.
create function hinoban_lease_call_lines(at bigint, now bigint, lease bigint, opened text[])
returns table (id text, organisation_id text, revision integer)
language plpgsql security definer set search_path = public as $$
declare
  device text := current_setting('hinoban.device');
begin
  update calls_line l set leased_by = null, leased_until = 0, state = 'off', state_at = at, problem = null, registered_until = null
    where l.leased_by = device and (not l.is_on or l.deleted_at is not null);
  update calls_line l set leased_by = device, leased_until = now + lease,
    state = case when w.is_new then 'connecting' else l.state end,
    state_at = case when w.is_new then at else l.state_at end
  from (
    select o.id, o.leased_by is distinct from device or (o.state = 'ready' and not o.id = any(opened)) as is_new from calls_line o
    where o.is_on and o.deleted_at is null and (o.leased_by = device or o.leased_until <= now)
    for update skip locked) w
  where l.id = w.id;
  -- A line whose row is being written at this moment stays ours: its lease holds until the next look.
  return query select l.id, l.organisation_id, l.revision from calls_line l
    where l.leased_by = device and l.leased_until > now and l.is_on and l.deleted_at is null;
end $$;

-- This device closes its lines: another one may open them at once.
create function hinoban_release_call_lines(at bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  released integer;
begin
  update calls_line l set leased_by = null, leased_until = 0, state = 'off', state_at = at, registered_until = null
    where l.leased_by = current_setting('hinoban.device');
  get diagnostics released = row_count;
  update calls_call c set leased_until = 0 where c.leased_by = current_setting('hinoban.device') and c.state <> 'over';
  return released;
end $$;

-- Takes on calls that are due, for those lines of this device that are open in the process that asks (opened), the best line first. A call
-- waits while its person or number is on the telephone, and for a better line that has room. Whoever gets a row dials it, by that claim.
create function hinoban_claim_calls(at bigint, now bigint, lease bigint, opened text[])
returns table (id text, organisation_id text, claims integer)
language plpgsql security definer set search_path = public as $$
declare
  device text := current_setting('hinoban.device');
  line record;
  waiting record;
  room integer;
begin
  for line in
    select l.id, l.organisation_id, l.priority, l.capacity from calls_line l
    where l.id = any(opened) and l.leased_by = device and l.leased_until > now
      and l.is_on and l.deleted_at is null and l.state = 'ready' and l.suspended_until <= at
      and exists (select from calls_call q where q.organisation_id = l.organisation_id and q.state = 'queued' and q.due_at <= at)
    order by l.organisation_id, l.priority, l.id
  loop
    select line.capacity - count(*) into room from calls_call c
      where c.line_id = line.id and c.state in ('claimed', 'dialing', 'ringing', 'talking');
    for waiting in
      select q.id, q.person_id, q.number from calls_call q
      where q.organisation_id = line.organisation_id and q.state = 'queued' and q.due_at <= at and q.unwanted is null
        and coalesce(q.wanted_line_id, line.id) = line.id and not (q.tried_lines::jsonb ? line.id)
        and not exists (
          select from calls_call o where o.state in ('claimed', 'dialing', 'ringing', 'talking')
            and (o.number = q.number or (q.person_id is not null and o.person_id = q.person_id)))
        and not exists (
          select from calls_line b where b.organisation_id = line.organisation_id and b.id <> line.id and b.priority < line.priority
            and coalesce(q.wanted_line_id, b.id) = b.id and not (q.tried_lines::jsonb ? b.id)
            and b.is_on and b.deleted_at is null and b.state = 'ready' and b.suspended_until <= at and b.leased_until > now
            and (b.leased_by <> device or b.id = any(opened))
            and b.capacity > (select count(*) from calls_call c where c.line_id = b.id and c.state in ('claimed', 'dialing', 'ringing', 'talking')))
      order by q.rank, q.asked_at, q.seq
      for update skip locked
    loop
      exit when room <= 0;
      begin
        update calls_call c set state = 'claimed', line_id = line.id, leased_by = device, leased_until = now + lease, claims = c.claims + 1
          where c.id = waiting.id returning c.claims into claims;
        room := room - 1;
        id := waiting.id;
        organisation_id := line.organisation_id;
        return next;
      exception when unique_violation then
        null; -- this person, or this number, is being called by somebody else at this very moment
      end;
    end loop;
  end loop;
end $$;

-- Keeps calls that are on here. Says which of them are still ours, and whether anybody still needs them. A row that is being written at this
-- moment is kept by the next look.
create function hinoban_renew_calls(now bigint, lease bigint, ids text[])
returns table (id text, organisation_id text, state text, unwanted text)
language plpgsql security definer set search_path = public as $$
declare
  device text := current_setting('hinoban.device');
begin
  update calls_call c set leased_until = now + lease where c.id in (
    select o.id from calls_call o
    where o.id = any(ids) and o.state in ('claimed', 'dialing', 'ringing', 'talking') and o.leased_by = device
    for update skip locked);
  return query select c.id, c.organisation_id, c.state, c.unwanted from calls_call c
    where c.id = any(ids) and c.state in ('claimed', 'dialing', 'ringing', 'talking') and c.leased_by = device;
end $$;

-- Calls whose process ended: of lines that are open here, or that nobody can open any more. mine: those that this process knows.
create function hinoban_lost_calls(at bigint, now bigint, lease bigint, mine text[])
returns table (id text, organisation_id text)
language sql security definer set search_path = public as $$
  update calls_call c set leased_by = current_setting('hinoban.device'), leased_until = now + lease
  where c.id in (
    select o.id from calls_call o left join calls_line l on l.id = o.line_id
    where (o.state in ('claimed', 'dialing', 'ringing', 'talking') or (o.state = 'over' and o.pending is not null))
      and not o.id = any(mine)
      and (o.leased_until <= now or o.leased_by = current_setting('hinoban.device'))
      and coalesce(o.recover_at, 0) <= at
      and (l.id is null or not l.is_on or l.deleted_at is not null or l.leased_by = current_setting('hinoban.device') or l.leased_until <= now)
    for update of o skip locked)
  returning c.id, c.organisation_id
$$;

-- Calls that tell something of which somebody else took care meanwhile: their notification was taken back, or came too late for that.
create function hinoban_unwanted_calls() returns table (id text, organisation_id text)
language sql stable security definer set search_path = public as $$
  select distinct c.id, c.organisation_id
  from calls_call c join calls_topic t on t.call_id = c.id join notify_delivery d on d.id = t.delivery_id
    left join incidents_incident i on i.id = t.incident_id
  where c.state <> 'over' and t.state = 'open' and (d.state = 'cancelled' or i.state is distinct from 'open')
$$;

-- Organisations in which calls wait, or in which somebody is still to be told what became of one, or that a line fails.
create function hinoban_waiting_calls(at bigint) returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select q.organisation_id from calls_call q where q.state = 'queued' and q.due_at <= at
  union
  select t.organisation_id from calls_topic t where t.settlement is not null
  union
  select l.organisation_id from calls_line l
    where (l.is_told and (l.failing_since is null or not l.is_on or l.deleted_at is not null))
      or (not l.is_told and l.is_on and l.deleted_at is null and l.failing_since is not null
        and (l.failures >= 2 or l.failing_since <= at - 30000))
$$;

-- When the next call falls due after that moment, one whose fate is unknown is asked for again, or a notification that is just being handed
-- on can be told what became of it. Null: nothing waits.
create function hinoban_next_call(at bigint) returns bigint
language sql stable security definer set search_path = public as $$
  select least(
    (select min(q.due_at) from calls_call q where q.state = 'queued' and q.due_at > at),
    (select min(c.recover_at) from calls_call c where c.state in ('claimed', 'dialing', 'ringing', 'talking') and c.recover_at > at),
    (select min(l.suspended_until) from calls_line l where l.is_on and l.suspended_until > at),
    (select at + 1000 where exists (
      select from calls_topic t join notify_delivery d on d.id = t.delivery_id where t.settlement is not null and d.state = 'claimed')))
$$;

-- Forgets calls that ended before that moment. Says how many went.
create function hinoban_purge_calls(before bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  gone integer;
begin
  delete from calls_call where ended_at < before;
  get diagnostics gone = row_count;
  return gone;
end $$;

revoke all on function hinoban_lease_call_lines, hinoban_release_call_lines, hinoban_claim_calls, hinoban_renew_calls, hinoban_lost_calls, hinoban_unwanted_calls,
  hinoban_waiting_calls, hinoban_next_call, hinoban_purge_calls from public;
grant execute on function hinoban_lease_call_lines, hinoban_release_call_lines, hinoban_claim_calls, hinoban_renew_calls, hinoban_lost_calls, hinoban_unwanted_calls,
  hinoban_waiting_calls, hinoban_next_call, hinoban_purge_calls to hinoban_app;

-- lines-001 -------------------------------------------------------------------------------------------
create table calls_setting (
  organisation_id text primary key default hinoban_organisation(),
  countries text not null,
  updated_at bigint not null
);
call hinoban_secure('calls_setting');

create table calls_person (
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  language text check (language in ('en', 'ja')),
  ring_seconds integer check (ring_seconds between 10 and 120),
  has_random_digit boolean not null default false,
  pin_digest bytea,
  pin_length smallint check (pin_length between 4 and 8),
  primary key (organisation_id, person_id),
  check ((pin_digest is null) = (pin_length is null))
);
call hinoban_secure('calls_person');

create table calls_weekly (
  organisation_id text not null default hinoban_organisation(),
  person_id text not null,
  is_on boolean not null,
  weekday smallint not null check (weekday between 0 and 6),
  time text not null,
  due_at bigint,
  leased_until bigint not null default 0,
  last_at bigint,
  last_call_id text,
  last_outcome text check (last_outcome in ('passed', 'failed', 'running', 'impossible')),
  last_problem text,
  primary key (organisation_id, person_id)
) with (fillfactor = 70);
create index calls_weekly_due on calls_weekly (due_at) where due_at is not null;
call hinoban_secure('calls_weekly');

create table calls_usage (
  organisation_id text not null default hinoban_organisation(),
  line_id text not null,
  month text not null,
  calls integer not null default 0,
  answered integer not null default 0,
  minutes integer not null default 0,
  cost double precision not null default 0,
  currency text not null default '',
  told smallint not null default 0,
  primary key (organisation_id, line_id, month)
) with (fillfactor = 70);
call hinoban_secure('calls_usage');

create index calls_usage_told on calls_usage (organisation_id) where told > 0;

create table calls_report (
  organisation_id text not null default hinoban_organisation(),
  origin_id text not null,
  status text not null check (status in ('OK', 'WARNING', 'CRITICAL')),
  severity text not null check (severity in ('warning', 'error')),
  name text not null,
  message text not null,
  at bigint not null,
  primary key (organisation_id, origin_id)
);
call hinoban_secure('calls_report');

create table calls_recording (
  organisation_id text not null default hinoban_organisation(),
  call_id text primary key references calls_call (id) on delete cascade,
  sound bytea not null,
  expires_at bigint not null
);
create index calls_recording_by_end on calls_recording (expires_at);
call hinoban_secure('calls_recording');

-- Forgets recordings whose time is over. Says how many went.
create function hinoban_purge_call_recordings(at bigint) returns integer
language plpgsql security definer set search_path = public as $$
declare
  gone integer;
begin
  delete from calls_recording where expires_at <= at;
  get diagnostics gone = row_count;
  return gone;
end $$;

create function hinoban_waiting_calls_reports() returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select distinct r.organisation_id from calls_report r
$$;

-- Organisations in which somebody was told of a limit: it may hold no longer.
create function hinoban_told_line_limits() returns table (organisation_id text)
language sql stable security definer set search_path = public as $$
  select distinct u.organisation_id from calls_usage u where u.told > 0
$$;

-- Takes on the weekly tests that are due, of all organisations, for a minute.
create function hinoban_lease_weekly_calls(at bigint, most integer) returns table (organisation_id text, person_id text)
language sql security definer set search_path = public as $$
  update calls_weekly p set leased_until = at + 60000
  where (p.organisation_id, p.person_id) in (
    select d.organisation_id, d.person_id from calls_weekly d
    where d.due_at <= at and d.leased_until <= at
    order by d.due_at limit most for update skip locked)
  returning p.organisation_id, p.person_id
$$;
create function hinoban_next_weekly_call() returns bigint language sql stable security definer set search_path = public as $$
  select min(greatest(due_at, leased_until)) from calls_weekly where due_at is not null
$$;
revoke all on function hinoban_purge_call_recordings(bigint), hinoban_waiting_calls_reports(), hinoban_told_line_limits(), hinoban_lease_weekly_calls(bigint, integer), hinoban_next_weekly_call() from public;
grant execute on function hinoban_purge_call_recordings(bigint), hinoban_waiting_calls_reports(), hinoban_told_line_limits(), hinoban_lease_weekly_calls(bigint, integer), hinoban_next_weekly_call() to hinoban_app;

-- carriers-001 ----------------------------------------------------------------------------------------
create table carriers_call (
  organisation_id text not null default hinoban_organisation(),
  call_id text not null,
  line_id text not null,
  provider_id text not null,
  has_finished boolean not null default false,
  at bigint not null,
  primary key (organisation_id, call_id)
);
create index carriers_call_by_time on carriers_call (at);
call hinoban_secure('carriers_call');

create table carriers_seen (
  organisation_id text not null default hinoban_organisation(),
  key text not null,
  at bigint not null,
  primary key (organisation_id, key)
);
create index carriers_seen_by_time on carriers_seen (at);
call hinoban_secure('carriers_seen');

create table carriers_sms_sender (
  organisation_id text primary key default hinoban_organisation(),
  kind text not null check (kind in ('twilio', 'http')),
  settings text not null,
  secrets bytea,
  changed_at bigint not null,
  last_ok_at bigint,
  failing_since bigint,
  last_problem text
) with (fillfactor = 70);
call hinoban_secure('carriers_sms_sender');

create table carriers_sms_message (
  id text primary key,
  organisation_id text not null default hinoban_organisation(),
  person_id text,
  number text not null,
  provider_id text not null,
  at bigint not null,
  segments smallint not null,
  encoding text not null check (encoding in ('gsm-7', 'ucs-2')),
  cost double precision,
  currency text,
  state text not null check (state in ('sent', 'delivered', 'failed')),
  told_at bigint,
  problem text
) with (fillfactor = 80);
create index carriers_sms_message_by_time on carriers_sms_message (organisation_id, at desc, id);
call hinoban_secure('carriers_sms_message');

-- Forgets what nobody asks for any more, of all organisations.
create function hinoban_purge_carriers(told_before bigint, sent_before bigint) returns void
language sql security definer set search_path = public as $$
  delete from carriers_seen where at < told_before;
  delete from carriers_call where at < told_before;
  delete from carriers_sms_message where at < sent_before;
$$;
revoke all on function hinoban_purge_carriers from public;
grant execute on function hinoban_purge_carriers to hinoban_app;
