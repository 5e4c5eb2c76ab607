import { HinobanError } from "#base/errors";
import { installationScope, type Tx } from "#store";
import type { OwnSession } from "#wire/identity";
import { addTime, millis, type UnixMs } from "#base/duration";
import { forgetPerson, type Identity } from "./settings.ts";
import { recordForPerson } from "./within.ts";

/** Somebody who is signed in, acting on what is theirs and no organisation's. */
export interface Self {
  readonly personId: string;
  readonly sessionId: string;
}

const ownScope = (self: Self) => ({ ...installationScope, personId: self.personId });

/** Ends the session that the request came with: its person goes, or has just signed in anew. */
export async function signOut(identity: Identity, self: Self, cause: "signed-out" | "replaced"): Promise<void> {
  await endOne(identity, self, self.sessionId, cause);
}

/** Ends one of one's own sessions. @throws HinobanError "not-found" when it is nobody's or somebody else's. */
export async function endSession(identity: Identity, self: Self, sessionId: string): Promise<void> {
  const ended = await endOne(identity, self, sessionId, sessionId === self.sessionId ? "signed-out" : "ended-by-person");
  if (!ended) throw new HinobanError("not-found", "There is no such session.");
}

async function endOne(identity: Identity, self: Self, sessionId: string, cause: string): Promise<boolean> {
  const ended = await identity.db.tx(ownScope(self), async (tx) => {
    const row = await tx
      .deleteFrom("identity_session")
      .where("id", "=", sessionId)
      .where("person_id", "=", self.personId)
      .returning("id")
      .executeTakeFirst();
    if (!row) return false;
    await recordForPerson(tx, self.personId, {
      at: identity.clock.now(),
      actor: `person:${self.personId}`,
      verb: "session.ended",
      object: `session:${sessionId}`,
      outcome: "done",
      detail: { cause },
    });
    return true;
  });
  forgetPerson(identity, self.personId);
  return ended;
}

/** Ends all of one's own sessions but the one the request came with. @returns how many ended. */
export async function endOtherSessions(identity: Identity, self: Self): Promise<number> {
  const ended = await identity.db.tx(ownScope(self), (tx) => endOthers(tx, self, "ended-by-person", identity.clock.now()));
  forgetPerson(identity, self.personId);
  return ended;
}

/** The same inside another act's transaction. */
export async function endOthers(tx: Tx, self: Self, cause: string, now: UnixMs): Promise<number> {
  const rows = await tx
    .deleteFrom("identity_session")
    .where("person_id", "=", self.personId)
    .where("id", "<>", self.sessionId)
    .returning("id")
    .execute();
  if (rows.length === 0) return 0;
  await recordForPerson(tx, self.personId, {
    at: now,
    actor: `person:${self.personId}`,
    verb: "session.ended",
    object: `person:${self.personId}`,
    outcome: "done",
    detail: { cause, count: rows.length },
  });
  return rows.length;
}

/** One's own sessions that have not run out, the one used last first. */
export function listSessions(identity: Identity, self: Self): Promise<OwnSession[]> {
  const now = identity.clock.now();
  return identity.db.tx(ownScope(self), async (tx) => {
    const rows = await tx
      .selectFrom("identity_session")
      .select(["id", "created_at", "last_seen_at", "expires_at", "address", "user_agent"])
      .where("person_id", "=", self.personId)
      .where("expires_at", ">", now)
      .where("last_seen_at", ">", addTime(now, millis(-identity.settings.sessionIdle)))
      .orderBy("last_seen_at", "desc")
      .orderBy("created_at", "desc")
      .limit(200)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      isCurrent: row.id === self.sessionId,
      createdAt: row.created_at,
      lastSeenAt: row.last_seen_at,
      expiresAt: row.expires_at,
      address: row.address,
      userAgent: row.user_agent,
    }));
  });
}
