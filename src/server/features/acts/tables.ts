import type { Generated } from "kysely";

/** A chat's user who is known to be a person. */
export interface ActsChatIdentityTable {
  id: string;
  organisation_id: Generated<string>;
  chat: "slack" | "mattermost";
  /** Which workspace or server, by {@link workspaceOf}: ids of users are theirs. */
  workspace: string;
  user_id: string;
  /** As the chat wrote it when they were connected; only shown. */
  user_name: string;
  person_id: string;
  connected_at: number;
}

/** A link that was shown to a chat's user, by which they say who they are. */
export interface ActsInvitationTable {
  /** SHA-256 of the link's token. */
  digest: Uint8Array;
  organisation_id: Generated<string>;
  chat: "slack" | "mattermost";
  workspace: string;
  user_id: string;
  user_name: string;
  /** Through which the link was asked for. */
  channel_id: string | null;
  /** The channel's own when the link was asked for: the account is known to channels of that one. */
  channel_workspace: string | null;
  /** The chat's server itself said who asked. */
  is_vouched: Generated<boolean>;
  expires_at: number;
  used_at: number | null;
}

/** A request of a chat that was let in: it is let in once. */
export interface ActsRequestTable {
  organisation_id: Generated<string>;
  channel_id: string;
  /** SHA-256 of what makes the request one of its kind. */
  digest: Uint8Array;
  /** Nothing older than this needs to be remembered: its signature is too old. */
  forget_at: number;
}

export interface ActsTables {
  acts_chat_identity: ActsChatIdentityTable;
  acts_invitation: ActsInvitationTable;
  acts_request: ActsRequestTable;
}

export const actsMigrations = [
  {
    id: "acts-001",
    sql: `
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
`,
  },
  {
    id: "acts-002",
    sql: `
alter table acts_invitation add column channel_workspace text, add column is_vouched boolean not null default false;
`,
  },
] as const;
