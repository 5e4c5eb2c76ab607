import { sql } from "kysely";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { Secret } from "#base/secret";
import { installationScope, publish, type Deps } from "#store";
import { Hasher } from "./hasher.ts";
import { normalEmail, passwordProblem, rememberedPasswords } from "./password-rules.ts";
import { findPersonByEmail } from "./store.ts";
import { recordForPerson } from "./within.ts";

/**
 * Gives somebody a new random password, ends their sessions and lifts a lock. For whoever runs the server's machine, when the only owner
 * forgot the password: nobody can do it over the network.
 * @throws HinobanError "not-found" when nobody signs in with the address.
 */
export async function resetPassword({ db, clock }: Deps, email: string): Promise<Secret> {
  const password = randomPassword(email);
  const hash = await new Hasher().hash(password);
  const person = await db.tx(installationScope, (tx) => findPersonByEmail(tx, normalEmail(email)));
  if (!person) throw new HinobanError("not-found", "Nobody signs in with this e-mail address.");
  await db.tx({ ...installationScope, personId: person.id }, async (tx) => {
    const before = await tx
      .selectFrom("identity_password")
      .select(["hash", "previous"])
      .where("person_id", "=", person.id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const previous = [before.hash, ...before.previous].slice(0, rememberedPasswords - 1);
    const at = clock.now();
    await tx.updateTable("identity_password").set({ hash, previous, changed_at: at }).where("person_id", "=", person.id).execute();
    const ended = await tx.deleteFrom("identity_session").where("person_id", "=", person.id).returning("id").execute();
    await sql`delete from identity_attempt where subject = ${`person:${person.id}`}`.execute(tx);
    const object = `person:${person.id}`;
    const detail = { sessionsEnded: ended.length };
    await recordForPerson(tx, person.id, {
      at,
      actor: "system:operator",
      verb: "person.password-changed",
      object,
      outcome: "done",
      detail,
    });
    await publish(tx, "people"); // every server that runs forgets the sessions it remembers
  });
  return new Secret(password);
}

/** 22 random characters; drawn again in the rare case that they hold no digit or no letter. */
function randomPassword(email: string): string {
  for (;;) {
    const password = `${newId()}-${newId()}`;
    if (passwordProblem(password, email) === undefined) return password;
  }
}
