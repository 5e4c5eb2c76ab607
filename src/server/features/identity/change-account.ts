import { HinobanError } from "#base/errors";
import { installationScope } from "#store";
import type { Account } from "#wire/identity";
import type { Language } from "#wire/shapes";
import type { Self } from "./end-sessions.ts";
import { checkTimeZone } from "./people.ts";
import { forgetPerson, type Identity } from "./settings.ts";
import { readAccount } from "./store.ts";
import { recordForPerson } from "./within.ts";

export interface ChangeAccount {
  readonly name: string;
  readonly language: Language;
  readonly timeZone: string;
}

/** Changes one's own name, language and time zone. Nothing is recorded when nothing differs. */
export async function changeAccount(identity: Identity, self: Self, input: ChangeAccount): Promise<Account> {
  checkTimeZone(input.timeZone, "timeZone");
  const name = input.name.trim();
  const account = await identity.db.tx({ ...installationScope, personId: self.personId }, async (tx) => {
    const before = await tx
      .selectFrom("identity_person")
      .select(["name", "language", "time_zone"])
      .where("id", "=", self.personId)
      .forUpdate()
      .executeTakeFirst();
    if (!before) throw new HinobanError("unauthenticated", "Sign in first.");
    const fields = [
      ...(before.name === name ? [] : ["name"]),
      ...(before.language === input.language ? [] : ["language"]),
      ...(before.time_zone === input.timeZone ? [] : ["timeZone"]),
    ];
    if (fields.length > 0) {
      await tx
        .updateTable("identity_person")
        .set({ name, language: input.language, time_zone: input.timeZone })
        .where("id", "=", self.personId)
        .execute();
      const actor = `person:${self.personId}`;
      await recordForPerson(tx, self.personId, {
        at: identity.clock.now(),
        actor,
        verb: "person.changed",
        object: actor,
        outcome: "done",
        detail: { fields },
      });
    }
    return readAccount(tx, self.personId);
  });
  forgetPerson(identity, self.personId);
  if (!account) throw new HinobanError("unauthenticated", "Sign in first.");
  return account;
}
