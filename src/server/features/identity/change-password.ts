import { HinobanError, invalidInput } from "#base/errors";
import { installationScope } from "#store";
import { claimAttempt, releaseAttempt } from "./attempts.ts";
import { endOthers, type Self } from "./end-sessions.ts";
import { passwordProblem, rememberedPasswords } from "./password-rules.ts";
import { forgetPerson, type Identity } from "./settings.ts";
import { readAccount } from "./store.ts";
import { recordForPerson } from "./within.ts";
import { recordWrongPassword } from "./wrong-password.ts";

export interface ChangePassword {
  readonly current: string;
  readonly next: string;
}

/**
 * Changes one's own password and ends one's other sessions. The present password is asked for again and its wrong tries count as at the
 * sign-in, so that a session left open is no way to guess it.
 * @returns how many sessions ended.
 * @throws HinobanError "invalid-input" for `current` or `next`, "locked", "too-many-requests", "conflict" when it was changed meanwhile.
 */
export async function changePassword(identity: Identity, self: Self, input: ChangePassword, address: string): Promise<number> {
  const { known, hash, attempt } = await identity.hasher.inTurn(() => checkAndHash(identity, self, input, address));
  const ended = await identity.db.tx({ ...installationScope, personId: self.personId }, async (tx) => {
    const now = identity.clock.now();
    const won = await tx
      .updateTable("identity_password")
      .set({ hash, previous: [known.hash, ...known.previous].slice(0, rememberedPasswords - 1), changed_at: now })
      .where("person_id", "=", self.personId)
      .where("hash", "=", known.hash)
      .returning("person_id")
      .executeTakeFirst();
    if (!won) throw new HinobanError("conflict", "The password was changed somewhere else at this moment.");
    await releaseAttempt(tx, attempt);
    const count = await endOthers(tx, self, "password-changed", now);
    const actor = `person:${self.personId}`;
    await recordForPerson(tx, self.personId, {
      at: now,
      actor,
      verb: "person.password-changed",
      object: actor,
      outcome: "done",
      detail: { sessionsEnded: count },
    });
    return count;
  });
  forgetPerson(identity, self.personId);
  return ended;
}

async function checkAndHash(identity: Identity, self: Self, input: ChangePassword, address: string) {
  const scope = { ...installationScope, personId: self.personId };
  const { known, account, attempt } = await identity.db.tx(scope, async (tx) => ({
    known: await tx.selectFrom("identity_password").select(["hash", "previous"]).where("person_id", "=", self.personId).executeTakeFirst(),
    account: await readAccount(tx, self.personId),
    attempt: await claimAttempt(tx, identity.settings, `person:${self.personId}`, address, identity.clock.now()),
  }));
  if (!known || !account || !(await identity.hasher.isRight(input.current, known.hash))) {
    await recordWrongPassword(identity, { personId: self.personId, attempt, method: "password-change", cause: "wrong-password", address });
    throw invalidInput([{ field: "current", problem: "This is not your present password." }]);
  }
  // The present one was right, so a refusal of the new one does not count as a wrong try.
  const release = (): Promise<void> => identity.db.tx(scope, (tx) => releaseAttempt(tx, attempt));
  const problem = passwordProblem(input.next, account.email);
  if (problem !== undefined) {
    await release();
    throw invalidInput([{ field: "next", problem }]);
  }
  for (const old of [known.hash, ...known.previous]) {
    if (!(await identity.hasher.isRight(input.next, old))) continue;
    await release();
    throw invalidInput([{ field: "next", problem: `Do not use one of your last ${rememberedPasswords} passwords.` }]);
  }
  return { known, attempt, hash: await identity.hasher.hash(input.next) };
}
