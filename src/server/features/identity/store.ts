import type { Secret } from "#base/secret";
import { sql } from "kysely";
import { unixMs, type UnixMs } from "#base/duration";
import { installationScope, type Db, type Tx } from "#store";
import type { Account, Membership, Organisation, PersonState } from "#wire/identity";
import type { KeyRights, MemberRole } from "#wire/permissions";
import type { Language } from "#wire/shapes";

/** A session as requests meet it. `lastSeenAt` moves on while it is remembered. */
export interface KnownSession {
  readonly sessionId: string;
  readonly personId: string;
  readonly csrf: string;
  readonly state: PersonState;
  readonly language: Language;
  readonly expiresAt: UnixMs;
  lastSeenAt: UnixMs;
}

export interface KnownKey {
  readonly keyId: string;
  readonly organisationId: string;
  readonly organisationName: string;
  readonly digest: Uint8Array;
  readonly rights: KeyRights;
  readonly networks: readonly string[];
  /** Networks from which the organisation lets keys in; empty: from anywhere. */
  readonly organisationNetworks: readonly string[];
  readonly expiresAt: UnixMs | undefined;
  readonly isRevoked: boolean;
  lastUsedAt: UnixMs | undefined;
  /** The secret that was proven against the digest, so that the next posts of an agent need no HMAC. Forgotten with this record, after seconds. */
  proven?: Secret;
}

export interface KnownMembership {
  readonly personId: string;
  readonly organisationId: string;
  readonly role: MemberRole;
  /** Networks from which the organisation lets people in; empty: from anywhere. */
  readonly organisationNetworks: readonly string[];
}

export interface KnownInvitation {
  readonly id: string;
  readonly organisationId: string;
  readonly email: string;
  readonly role: MemberRole;
  readonly invitedBy: string;
  readonly expiresAt: UnixMs;
  readonly isOpen: boolean;
}

const point = (at: number | null): UnixMs | undefined => (at === null ? undefined : unixMs(at));

/** By primary key of the token's hash. */
export function findSession(db: Db, tokenHash: Buffer): Promise<KnownSession | undefined> {
  interface Row {
    id: string;
    person_id: string;
    csrf: string;
    last_seen_at: number;
    expires_at: number;
    state: PersonState;
    language: Language;
  }
  return db.tx(installationScope, async (tx) => {
    const { rows } = await sql<Row>`select * from identity_find_session(${tokenHash})`.execute(tx);
    const row = rows[0];
    return (
      row && {
        sessionId: row.id,
        personId: row.person_id,
        csrf: row.csrf,
        state: row.state,
        language: row.language,
        lastSeenAt: unixMs(row.last_seen_at),
        expiresAt: unixMs(row.expires_at),
      }
    );
  });
}

export function findKey(db: Db, keyId: string): Promise<KnownKey | undefined> {
  interface Row {
    id: string;
    organisation_id: string;
    organisation_name: string;
    digest: Uint8Array;
    rights: KeyRights;
    networks: string[];
    expires_at: number | null;
    last_used_at: number | null;
    revoked_at: number | null;
    organisation_networks: string[];
  }
  return db.tx(installationScope, async (tx) => {
    const { rows } = await sql<Row>`select * from identity_find_key(${keyId})`.execute(tx);
    const row = rows[0];
    return (
      row && {
        keyId: row.id,
        organisationId: row.organisation_id,
        organisationName: row.organisation_name,
        digest: row.digest,
        rights: row.rights,
        networks: row.networks,
        organisationNetworks: row.organisation_networks,
        expiresAt: point(row.expires_at),
        lastUsedAt: point(row.last_used_at),
        isRevoked: row.revoked_at !== null,
      }
    );
  });
}

/** The person's membership of the organisation of that name; undefined also when there is no such organisation. */
export function findMembership(db: Db, personId: string, organisation: string): Promise<KnownMembership | undefined> {
  return db.tx({ ...installationScope, personId }, async (tx) => {
    const row = await tx
      .selectFrom("identity_membership as m")
      .innerJoin("identity_organisation as o", "o.id", "m.organisation_id")
      .select(["m.organisation_id", "m.role", "o.web_networks"])
      .where("m.person_id", "=", personId)
      .where("m.removed_at", "is", null)
      .where("o.name", "=", organisation)
      .executeTakeFirst();
    return row && { personId, organisationId: row.organisation_id, role: row.role, organisationNetworks: row.web_networks };
  });
}

/** The person who signs in with this address, unless they left. */
export async function findPersonByEmail(
  tx: Tx,
  email: string,
): Promise<{ id: string; state: PersonState; hash: string | null } | undefined> {
  const { rows } = await sql<{ id: string; state: PersonState; hash: string | null }>`select * from identity_find_person(${email})`.execute(
    tx,
  );
  return rows[0];
}

export async function findInvitation(tx: Tx, digest: Buffer): Promise<KnownInvitation | undefined> {
  interface Row {
    id: string;
    organisation_id: string;
    email: string;
    role: MemberRole;
    invited_by: string;
    expires_at: number;
    accepted_at: number | null;
    revoked_at: number | null;
  }
  const { rows } = await sql<Row>`select * from identity_find_invitation(${digest})`.execute(tx);
  const row = rows[0];
  return (
    row && {
      id: row.id,
      organisationId: row.organisation_id,
      email: row.email,
      role: row.role,
      invitedBy: row.invited_by,
      expiresAt: unixMs(row.expires_at),
      isOpen: row.accepted_at === null && row.revoked_at === null,
    }
  );
}

/** Somebody's own profile, in a transaction of theirs. */
export async function readAccount(tx: Tx, personId: string): Promise<Account | undefined> {
  const row = await tx
    .selectFrom("identity_person")
    .select(["id", "num", "name", "email", "language", "time_zone"])
    .where("id", "=", personId)
    .executeTakeFirst();
  return row && { id: row.id, num: row.num, name: row.name, email: row.email, language: row.language, timeZone: row.time_zone };
}

/** Somebody's own memberships, in a transaction of theirs, by display name. */
export async function readMemberships(tx: Tx, personId: string): Promise<Membership[]> {
  return tx
    .selectFrom("identity_membership as m")
    .innerJoin("identity_organisation as o", "o.id", "m.organisation_id")
    .select(["o.id as organisationId", "o.name", "o.display_name as displayName", "m.role"])
    .where("m.person_id", "=", personId)
    .where("m.removed_at", "is", null)
    .orderBy(sql`o.display_name collate "C"`)
    .orderBy("o.id")
    .execute();
}

/** The organisation that the transaction works for. */
export async function findOrganisation(tx: Tx): Promise<Organisation | undefined> {
  const row = await tx
    .selectFrom("identity_organisation")
    .selectAll()
    .where(sql<boolean>`id = hinoban_organisation()`)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      name: row.name,
      displayName: row.display_name,
      defaultHostStatus: row.default_host_status,
      noDataMinutes: row.no_data_minutes,
      timeZone: row.time_zone,
      createdAt: row.created_at,
    }
  );
}
