import { newId } from "#base/ids";
import { HinobanError, invalidInput } from "#base/errors";
import type { UnixMs } from "#base/duration";
import { record } from "#features/ledger";
import { publish, type Tx } from "#store";
import type { MemberRole } from "#wire/permissions";
import type { Language } from "#wire/shapes";
import { isTimeZone, normalEmail, passwordProblem } from "./password-rules.ts";
import { actAs } from "./within.ts";

export interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly language: Language;
  readonly timeZone: string;
}

/** @throws HinobanError "invalid-input" naming the password or the time zone, as fields of `prefix`. */
export function checkNewPerson(person: NewPerson, prefix: string): void {
  const password = passwordProblem(person.password, person.email);
  if (password !== undefined) throw invalidInput([{ field: `${prefix}.password`, problem: password }]);
  checkTimeZone(person.timeZone, `${prefix}.timeZone`);
}

/** @throws HinobanError "invalid-input" for a name that is no time zone. */
export function checkTimeZone(name: string, field: string): void {
  if (!isTimeZone(name)) throw invalidInput([{ field, problem: "Use a name of the time zone database, such as Asia/Tokyo." }]);
}

/**
 * Adds a person with a password; the rest of the transaction acts as them. Recorded in the organisation in scope.
 * @throws HinobanError "conflict" when the address has an account.
 */
export async function createPerson(tx: Tx, person: NewPerson, hash: string, now: UnixMs): Promise<string> {
  const id = newId();
  await actAs(tx, id);
  const made = await tx
    .insertInto("identity_person")
    .values({
      id,
      name: person.name.trim(),
      email: normalEmail(person.email),
      language: person.language,
      time_zone: person.timeZone,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column("email").where("state", "<>", "left").doNothing())
    .executeTakeFirst();
  if (made.numInsertedOrUpdatedRows === 0n)
    throw new HinobanError("conflict", "This e-mail address has an account already. Sign in with it first.");
  await setPassword(tx, id, hash, now);
  await record(tx, { at: now, actor: `person:${id}`, verb: "person.created", object: `person:${id}`, outcome: "done", detail: {} });
  return id;
}

/** Gives somebody without a password their first. */
export async function setPassword(tx: Tx, personId: string, hash: string, now: UnixMs): Promise<void> {
  await tx.insertInto("identity_password").values({ person_id: personId, hash, previous: [], changed_at: now }).execute();
}

/**
 * Makes somebody a member of the organisation in scope, or a member again.
 * @throws HinobanError "conflict" when they are one.
 */
export async function joinOrganisation(tx: Tx, personId: string, role: MemberRole, now: UnixMs): Promise<void> {
  const joined = await tx
    .insertInto("identity_membership")
    .values({ person_id: personId, role, joined_at: now, removed_at: null })
    .onConflict((conflict) =>
      conflict
        .columns(["organisation_id", "person_id"])
        .doUpdateSet({ role, joined_at: now, removed_at: null })
        .where("identity_membership.removed_at", "is not", null),
    )
    .returning("person_id")
    .executeTakeFirst();
  if (!joined) throw new HinobanError("conflict", "You are a member of this organisation already.");
  await record(tx, {
    at: now,
    actor: `person:${personId}`,
    verb: "member.joined",
    object: `person:${personId}`,
    outcome: "done",
    detail: { role },
  });
  await publish(tx, "people");
}
