import { sql } from "kysely";
import { millis } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Origin } from "#http";
import { installationScope, type Tx } from "#store";
import { claimAttempt, releaseAttempt } from "./attempts.ts";
import { normalEmail } from "./password-rules.ts";
import { openSession, type OpenedSession } from "./session.ts";
import type { Identity } from "./settings.ts";
import { findPersonByEmail } from "./store.ts";
import { unknownName } from "./tokens.ts";
import { recordWrongPassword } from "./wrong-password.ts";

export interface SignIn {
  readonly email: string;
  readonly password: string;
}

type Candidate = NonNullable<Awaited<ReturnType<typeof findPersonByEmail>>>;

/**
 * Signs somebody in with a password. An unknown address and a wrong password get the same answer after the same work, and are counted alike.
 * @throws HinobanError "wrong-credentials", "locked" until a time, "too-many-requests", or "forbidden" for a suspended person.
 */
export async function signIn(identity: Identity, input: SignIn, origin: Origin): Promise<OpenedSession> {
  const startedAt = identity.clock.mono();
  const email = normalEmail(input.email);
  const result = await identity.hasher.inTurn(async () => {
    const { person, attempt } = await identity.db.tx(installationScope, async (tx) => {
      const found = await findPersonByEmail(tx, email);
      const subject = found ? `person:${found.id}` : `unknown:${unknownName(identity.settings.serverKey, email)}`;
      return { person: found, attempt: await claimAttempt(tx, identity.settings, subject, origin.address, identity.clock.now()) };
    });
    const isRight = await identity.hasher.isRight(input.password, person?.hash);
    const fresh =
      isRight && person?.hash && identity.hasher.isOutdated(person.hash) ? await identity.hasher.hash(input.password) : undefined;
    return { person, attempt, isRight, fresh };
  });
  const { person, attempt, isRight, fresh } = result;
  if (!person || !isRight) {
    await recordWrongPassword(identity, {
      personId: person?.id,
      attempt,
      method: "password",
      cause: person ? "wrong-password" : "unknown-name",
      address: origin.address,
    });
    const left = identity.settings.refusalTakes - (identity.clock.mono() - startedAt);
    if (left > 0) await identity.clock.sleep("identity.refusal", millis(left));
    throw new HinobanError("wrong-credentials", "The e-mail address or the password is wrong.");
  }
  if (person.state !== "active") {
    // Counted like a wrong one, for a suspended account is no place to try passwords either.
    await recordWrongPassword(identity, { personId: person.id, attempt, method: "password", cause: person.state, address: origin.address });
    throw new HinobanError("forbidden", "This account is suspended. Ask a manager of your organisation.");
  }
  return identity.db.tx({ ...installationScope, personId: person.id }, async (tx) => {
    await assertUnchanged(tx, person);
    await releaseAttempt(tx, attempt);
    if (fresh !== undefined) await sql`update identity_password set hash = ${fresh} where person_id = ${person.id}`.execute(tx);
    return openSession(identity, tx, person.id, { origin, method: "password" });
  });
}

/** Between the look at the hash and now, the password or the person's state may have changed. Holds both still until the commit. */
async function assertUnchanged(tx: Tx, person: Candidate): Promise<void> {
  const active = await tx
    .selectFrom("identity_person")
    .select("id")
    .where("id", "=", person.id)
    .where("state", "=", "active")
    .forUpdate()
    .executeTakeFirst();
  const password = await tx.selectFrom("identity_password").select("hash").where("person_id", "=", person.id).forShare().executeTakeFirst();
  if (!active || password?.hash !== person.hash)
    throw new HinobanError("wrong-credentials", "The e-mail address or the password is wrong.");
}
