import type { ColumnType, Generated } from "kysely";
import type { KeyRights, MemberRole } from "#wire/permissions";
import type { Language } from "#wire/shapes";

export interface IdentitySetupTable {
  /** Always true: there is one row, or none before the first start. */
  id: Generated<boolean>;
  /** The organisation that stands before anybody claimed the installation. */
  first_organisation: string;
  /** SHA-256 of the one-time token. */
  digest: Uint8Array | null;
  claimed_at: number | null;
}

export interface IdentityOrganisationTable {
  id: string;
  name: string;
  display_name: string;
  default_host_status: "working" | "standby" | "maintenance" | "poweroff";
  /** Minutes without data after which a host counts as silent, unless one of its roles says otherwise. */
  no_data_minutes: Generated<number>;
  time_zone: string;
  created_at: number;
  /** Networks from which people may use the organisation; empty: from anywhere. */
  web_networks: Generated<string[]>;
  /** The same for API keys. */
  api_networks: Generated<string[]>;
}

export interface IdentityPersonTable {
  id: string;
  /** For products that want a number; never used twice. */
  num: ColumnType<number, never, never>;
  name: string;
  /** Trimmed and in lower case. Unique among people who have not left. */
  email: string;
  /** Changed by identity_set_state and identity_readmit alone. */
  state: ColumnType<"active" | "suspended" | "left", "active" | undefined, never>;
  language: Language;
  time_zone: string;
  created_at: number;
  last_signed_in_at: number | null;
}

export interface IdentityPasswordTable {
  person_id: string;
  /** argon2id in PHC form. */
  hash: string;
  /** The hashes before it, newest first, at most three: with the present one they are the last four. */
  previous: string[];
  changed_at: number;
}

export interface IdentitySessionTable {
  id: string;
  person_id: string;
  /** SHA-256 of the cookie's token. */
  token_hash: Uint8Array;
  csrf: string;
  created_at: number;
  /** Rounded down to the minute. */
  last_seen_at: number;
  expires_at: number;
  address: string;
  user_agent: string;
}

export interface IdentityMembershipTable {
  organisation_id: Generated<string>;
  person_id: string;
  role: MemberRole;
  joined_at: number;
  /** Set when the membership ended; the row stays, so that the history keeps the name. */
  removed_at: number | null;
}

export interface IdentityInvitationTable {
  id: string;
  organisation_id: Generated<string>;
  /** SHA-256 of the link's token. */
  digest: Uint8Array;
  email: string;
  role: MemberRole;
  invited_by: string;
  created_at: number;
  expires_at: number;
  accepted_at: number | null;
  revoked_at: number | null;
}

export interface IdentityKeyTable {
  id: string;
  organisation_id: Generated<string>;
  name: string;
  /** HMAC-SHA256 of id and secret under the server key. */
  digest: Uint8Array;
  rights: KeyRights;
  networks: string[];
  expires_at: number | null;
  /** The actor as the ledger names it. */
  created_by: string;
  created_at: number;
  /** Rounded down to the minute. */
  last_used_at: number | null;
  revoked_at: number | null;
  purpose: "general" | "local-agent";
}

/** Wrong passwords by person, by address and by unknown name; no organisation's data. */
export interface IdentityAttemptTable {
  /** `person:<id>`, `address:<address or /64>` or `unknown:<keyed hash of the name>`. */
  subject: string;
  failed: number;
  last_at: number;
  next_at: number;
  locked_until: number | null;
}

export interface IdentityTables {
  identity_setup: IdentitySetupTable;
  identity_organisation: IdentityOrganisationTable;
  identity_person: IdentityPersonTable;
  identity_password: IdentityPasswordTable;
  identity_session: IdentitySessionTable;
  identity_membership: IdentityMembershipTable;
  identity_invitation: IdentityInvitationTable;
  identity_key: IdentityKeyTable;
  identity_attempt: IdentityAttemptTable;
}

export const identityMigrations = [
  {
    id: "identity-001",
    sql: `
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
`,
  },
  {
    id: "identity-002",
    sql: `
alter table identity_organisation
  add column no_data_minutes integer not null default 10 check (no_data_minutes between 3 and 10080);
`,
  },
  {
    id: "identity-003",
    sql: `
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
`,
  },
] as const;
