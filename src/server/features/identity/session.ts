import { addTime, minutes, unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import type { Origin } from "#http";
import { installationScope, type Tx } from "#store";
import type { SignedIn } from "#wire/identity";
import type { Identity } from "./settings.ts";
import { readAccount, readMemberships } from "./store.ts";
import { newToken, tokenDigest } from "./tokens.ts";
import { recordForPerson } from "./within.ts";

/** A session that was just opened: the token goes into the cookie and is kept nowhere. */
export interface OpenedSession {
  readonly token: string;
  readonly signedIn: SignedIn;
}

/** `at` rounded down to the minute: fine enough to see when something was used, coarse enough to be written once a minute. */
export const toTheMinute = (at: UnixMs): UnixMs => unixMs(Math.floor(at / minutes(1)) * minutes(1));

/** Opens a session with a new token for somebody who proved who they are. The transaction must act as that person. */
export async function openSession(
  identity: Identity,
  tx: Tx,
  personId: string,
  { origin, method }: { readonly origin: Origin; readonly method: "password" | "set-up" | "invitation" },
): Promise<OpenedSession> {
  const now = identity.clock.now();
  const token = newToken();
  const id = newId();
  const csrf = newToken();
  const expiresAt = addTime(now, identity.settings.sessionAbsolute);
  await tx
    .insertInto("identity_session")
    .values({
      id,
      person_id: personId,
      token_hash: tokenDigest(token),
      csrf,
      created_at: now,
      last_seen_at: toTheMinute(now),
      expires_at: expiresAt,
      address: origin.address,
      user_agent: origin.userAgent.slice(0, 300),
    })
    .execute();
  await tx.updateTable("identity_person").set({ last_signed_in_at: now }).where("id", "=", personId).execute();
  await recordForPerson(tx, personId, {
    at: now,
    actor: `person:${personId}`,
    verb: "session.opened",
    object: `session:${id}`,
    outcome: "done",
    detail: { method },
    texts: { address: origin.address },
  });
  return { token, signedIn: await describeSession(tx, { personId, csrf, expiresAt }) };
}

/** What the console needs to know about the session that a request came with; undefined when it ended a moment ago. */
export function readSession(
  identity: Identity,
  { personId, sessionId }: { readonly personId: string; readonly sessionId: string },
): Promise<SignedIn | undefined> {
  return identity.db.tx({ ...installationScope, personId }, async (tx) => {
    const row = await tx.selectFrom("identity_session").select(["csrf", "expires_at"]).where("id", "=", sessionId).executeTakeFirst();
    return row && describeSession(tx, { personId, csrf: row.csrf, expiresAt: unixMs(row.expires_at) });
  });
}

async function describeSession(tx: Tx, session: { personId: string; csrf: string; expiresAt: UnixMs }): Promise<SignedIn> {
  const person = await readAccount(tx, session.personId);
  if (!person) throw new HinobanError("unauthenticated", "Sign in first.");
  const memberships = await readMemberships(tx, session.personId);
  return { signedIn: true, person, memberships, csrf: session.csrf, expiresAt: session.expiresAt };
}
