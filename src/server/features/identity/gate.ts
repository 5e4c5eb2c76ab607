import { parseCookie } from "cookie";
import { sql } from "kysely";
import { addTime, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor, type Credentials, type Gate, type Principal } from "#http";
import { installationScope } from "#store";
import { sessionTokenOf } from "./cookies.ts";
import { demand } from "./demand.ts";
import { toTheMinute } from "./session.ts";
import type { Identity } from "./settings.ts";
import { findKey, findMembership, findSession, type KnownKey, type KnownSession } from "./store.ts";
import { isSameDigest, keyDigest, keyIdOf, tokenDigest } from "./tokens.ts";

/** What the HTTP layer asks, answered from the database or from what was looked up a moment ago. */
export function createGate(identity: Identity): Gate {
  return {
    authenticate: (credentials) => authenticate(identity, credentials),
    enter: (principal, organisation, address) => enter(identity, principal, organisation, address),
    demand: (actor, permission, object) => demand(actor, permission, object, identity.clock.now()),
    recordRefusal: (actor, refusal) => recordRefusal(identity, actor, refusal),
  };
}

async function authenticate(identity: Identity, credentials: Credentials): Promise<Principal | undefined> {
  if (credentials.apiKey !== undefined) return authenticateKey(identity, credentials.apiKey);
  const token = sessionTokenOf(parseCookie(credentials.cookie ?? ""));
  return token === undefined ? undefined : authenticateSession(identity, token, credentials.isIdle ?? false);
}

async function authenticateKey(identity: Identity, secret: string): Promise<Principal> {
  const id = keyIdOf(secret);
  const key = id === undefined ? undefined : await identity.recent.keys.get(id, () => findKey(identity.db, id));
  // The digest first: whoever does not hold the secret learns nothing about the key.
  if (!key || !isProven(identity, key, secret) || key.isRevoked) {
    throw new HinobanError("unauthenticated", "The API key is not valid.");
  }
  const now = identity.clock.now();
  if (key.expiresAt !== undefined && now >= key.expiresAt) throw new HinobanError("unauthenticated", "The API key has expired.");
  await touchKey(identity, key, now);
  const { keyId, organisationId, organisationName, rights, expiresAt, networks, organisationNetworks } = key;
  return { kind: "key", keyId, organisationId, organisationName, rights, expiresAt, networks, organisationNetworks };
}

function isProven(identity: Identity, key: KnownKey, secret: string): boolean {
  if (key.proven !== undefined && isSameDigest(Buffer.from(key.proven.reveal()), Buffer.from(secret))) return true;
  if (!isSameDigest(key.digest, keyDigest(identity.settings.serverKey, secret))) return false;
  key.proven = new Secret(secret);
  return true;
}

async function authenticateSession(identity: Identity, token: string, isIdle: boolean): Promise<Principal> {
  const hash = tokenDigest(token);
  const session = await identity.recent.sessions.get(hash.toString("hex"), () => findSession(identity.db, hash));
  const now = identity.clock.now();
  if (!session || session.state !== "active" || hasEnded(identity, session, now)) {
    throw new HinobanError("session-expired", "Your session has ended. Sign in again.");
  }
  if (!isIdle) await touchSession(identity, session, now);
  const { personId, sessionId, csrf, state, language } = session;
  return { kind: "person", personId, sessionId, csrf, state, language };
}

/** Whether a text is an API key that would be let in now. */
export async function isKeyValid(identity: Identity, secret: string): Promise<boolean> {
  try {
    await authenticateKey(identity, secret);
    return true;
  } catch (error) {
    if (error instanceof HinobanError && error.code === "unauthenticated") return false;
    throw error;
  }
}

const hasEnded = (identity: Identity, session: KnownSession, now: UnixMs): boolean =>
  now >= session.expiresAt || now >= addTime(session.lastSeenAt, identity.settings.sessionIdle);

/** Once a minute at most, so that a busy key costs no writes. */
async function touchKey(identity: Identity, key: KnownKey, now: UnixMs): Promise<void> {
  const minute = toTheMinute(now);
  if (key.lastUsedAt !== undefined && key.lastUsedAt >= minute) return;
  key.lastUsedAt = minute; // before the wait, so that the requests behind this one do not write it again
  await identity.db.tx({ organisationId: key.organisationId }, (tx) =>
    sql`update identity_key set last_used_at = ${minute} where id = ${key.keyId} and (last_used_at is null or last_used_at < ${minute})`.execute(
      tx,
    ),
  );
}

async function touchSession(identity: Identity, session: KnownSession, now: UnixMs): Promise<void> {
  const minute = toTheMinute(now);
  if (session.lastSeenAt >= minute) return;
  session.lastSeenAt = minute;
  await identity.db.tx({ ...installationScope, personId: session.personId }, (tx) =>
    sql`update identity_session set last_seen_at = ${minute} where id = ${session.sessionId} and last_seen_at < ${minute}`.execute(tx),
  );
}

async function enter(identity: Identity, principal: Principal, organisation: string, address: string): Promise<Actor> {
  if (principal.kind === "key") {
    if (principal.organisationName !== organisation) throw noSuchOrganisation();
    const { keyId, organisationId, rights, expiresAt, networks, organisationNetworks } = principal;
    return { kind: "key", keyId, organisationId, rights, expiresAt, networks, organisationNetworks, address };
  }
  const { personId, sessionId, state } = principal;
  const membership = await identity.recent.memberships.get(`${personId} ${organisation}`, () =>
    findMembership(identity.db, personId, organisation),
  );
  if (!membership) throw noSuchOrganisation();
  const { organisationId, role, organisationNetworks } = membership;
  return { kind: "person", personId, sessionId, organisationId, state, role, organisationNetworks, address };
}

/** The same for one that does not exist and one that the caller does not belong to. */
const noSuchOrganisation = (): HinobanError => new HinobanError("not-found", "There is no such organisation among yours.");

async function recordRefusal(identity: Identity, actor: Actor, refusal: HinobanError): Promise<void> {
  const { permission, object, rule, missing } = refusal.facts;
  await identity.db.tx(scopeOf(actor), (tx) =>
    record(tx, {
      at: identity.clock.now(),
      actor: actorId(actor),
      verb: "permission.refused",
      object: typeof object === "string" ? object : `organisation:${actor.organisationId}`,
      outcome: "refused",
      rule: typeof rule === "string" ? rule : undefined,
      detail: {
        verb: typeof permission === "string" ? permission : undefined,
        missing: Array.isArray(missing) ? missing.map(String) : undefined,
      },
    }),
  );
}
