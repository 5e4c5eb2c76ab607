import type { Generated } from "kysely";

/** A link through which anybody who has it sees one graph. Rows stay when they end, so that the history keeps their labels. */
export interface SharingLinkTable {
  id: string;
  organisation_id: Generated<string>;
  /** SHA-256 of the link's token, which is kept nowhere. */
  digest: Uint8Array;
  label: string;
  /** JSON text of a GraphTarget. */
  target: string;
  /** `host:<id>`, `service:<id>` or `role:<id>`: another thing that gets the same name later is not what was shared. */
  owner_id: string;
  owner_name: string;
  period: string;
  width: number;
  height: number;
  theme: "light" | "dark";
  language: "en" | "ja";
  created_by: string;
  created_at: number;
  expires_at: number | null;
  /** Rounded down to the minute. */
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface SharingTables {
  sharing_link: SharingLinkTable;
}

export const sharingMigrations = [
  {
    id: "sharing-001",
    sql: `
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
`,
  },
] as const;
