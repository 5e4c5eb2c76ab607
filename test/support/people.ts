import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { millis, type UnixMs } from "#base/duration";
import { Secret } from "#base/secret";
import {
  createGate,
  ensureLocalOrganisation,
  issueSetupLink,
  openIdentity,
  type Identity,
  type IdentitySettings,
} from "#features/identity";
import type { Actor, Gate, Origin } from "#http";
import { openDb } from "#store";
import type { MemberRole } from "#wire/permissions";
import { acceptAsNewcomer } from "../../src/server/features/identity/accept-invitation.ts";
import { claimSetup } from "../../src/server/features/identity/claim-setup.ts";
import { createOrganisation } from "../../src/server/features/identity/create-organisation.ts";
import { inviteMember } from "../../src/server/features/identity/invite-member.ts";
import type { OpenedSession } from "../../src/server/features/identity/session.ts";
import { withDatabase } from "./database.ts";
import { FakeClock } from "./fake-clock.ts";

/** An act as it stands in the ledger, before or after it got its place. */
export interface RecordedAct {
  readonly organisationId: string;
  readonly wall: UnixMs;
  readonly actor: string;
  readonly verb: string;
  readonly object: string;
  readonly outcome: string;
  readonly rule?: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Somebody of the test: who they are in their organisation, and the session they opened. */
export interface Somebody {
  readonly actor: Extract<Actor, { kind: "person" }>;
  readonly session: OpenedSession;
  readonly email: string;
}

export const goodPassword = "correct horse 42 battery";

export const from = (address = "192.0.2.10"): Origin => ({ address, userAgent: "test browser", isSecure: false });

/** The identity feature over a database of the calling test file. Read the fields inside hooks and tests. */
export interface People {
  readonly clock: FakeClock;
  readonly identity: Identity;
  readonly gate: Gate;
  /** Looks past row-level security. */
  readonly owner: pg.Client;
  /** How another process would reach the database. */
  readonly connection: pg.ClientConfig;
  /** The first organisation, set up by its owner. */
  readonly first: Somebody;
  /** A new organisation of the first owner's. */
  another(name: string): Promise<Somebody>;
  /** A new person, invited into the organisation of `by`. */
  join(by: Somebody, role: MemberRole, email?: string): Promise<Somebody>;
  /** What was recorded since the last call, by all organisations, oldest first. */
  acts(): Promise<RecordedAct[]>;
}

export function withPeople(settings: Partial<IdentitySettings> = {}): People {
  const database = withDatabase();
  const clock = new FakeClock();
  let made: { identity: Identity; gate: Gate; owner: pg.Client; first: Somebody } | undefined;
  const get = (): NonNullable<typeof made> => {
    if (!made) throw new Error("people exist only inside hooks and tests");
    return made;
  };
  beforeAll(async () => {
    const db = openDb({ connection: database.app, device: "server:test", clock, onError: () => undefined });
    const identity = openIdentity({ db, clock }, { serverKey: new Secret("a server key for tests"), refusalTakes: millis(0), ...settings });
    const owner = new pg.Client(database.owner);
    await owner.connect();
    made = { identity, gate: createGate(identity), owner, first: await claimFirst(identity) };
  });
  afterAll(async () => {
    await made?.identity.db.close();
    await made?.owner.end();
  });
  let count = 0;
  return {
    clock,
    get identity() {
      return get().identity;
    },
    get gate() {
      return get().gate;
    },
    get owner() {
      return get().owner;
    },
    get connection() {
      return database.app;
    },
    get first() {
      return get().first;
    },
    another: async (name) => {
      const { identity, gate, first } = get();
      const { personId, sessionId } = first.actor;
      const { id } = await createOrganisation(identity, gate, { personId, sessionId, address: "192.0.2.10" }, { name, displayName: name });
      return { ...first, actor: { ...first.actor, organisationId: id } };
    },
    join: (by, role, email) => {
      count += 1;
      return join(get().identity, by, role, email ?? `person-${count}@example.jp`);
    },
    acts: async () => {
      const { rows } = await get().owner.query<{ organisation_id: string; wall: number; facts: string }>(
        "with taken as (delete from ledger_pending returning id, organisation_id, wall, facts) select * from taken order by id",
      );
      return rows.map((row) => ({ organisationId: row.organisation_id, wall: row.wall, ...JSON.parse(row.facts) }) as RecordedAct); // written by record()
    },
  };
}

export const firstEmail = "owner@example.jp";

async function claimFirst(identity: Identity): Promise<Somebody> {
  await ensureLocalOrganisation(identity, "Asia/Tokyo");
  const link = await issueSetupLink(identity, "");
  const session = await claimSetup(
    identity,
    {
      token: link?.split("#")[1] ?? "",
      organisation: { name: "first", displayName: "First" },
      person: { name: "Hanako Owner", email: firstEmail, password: goodPassword, language: "ja", timeZone: "Asia/Tokyo" },
    },
    from(),
  );
  return somebody(session, "owner", firstEmail);
}

async function join(identity: Identity, by: Somebody, role: MemberRole, email: string): Promise<Somebody> {
  const { path } = await inviteMember(identity, by.actor, { email, role });
  const newcomer = { name: `Name of ${email}`, password: goodPassword, language: "en", timeZone: "Asia/Tokyo" } as const;
  const session = await acceptAsNewcomer(identity, path.split("#")[1] ?? "", newcomer, from());
  return somebody(session, role, email, by.actor.organisationId);
}

function somebody(session: OpenedSession, role: MemberRole, email: string, organisationId?: string): Somebody {
  const { signedIn } = session;
  const personId = signedIn.person.id;
  const organisation = organisationId ?? signedIn.memberships[0]?.organisationId ?? "";
  return {
    actor: { kind: "person", personId, sessionId: "test", organisationId: organisation, state: "active", role, address: "192.0.2.10" },
    session,
    email,
  };
}
