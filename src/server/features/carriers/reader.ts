import type { Actor } from "#http";
import type { Language } from "#wire/shapes";
import type { CarriersContext } from "./context.ts";

/** The language of whoever asks; a key's is English. */
export async function readersLanguage({ db }: Pick<CarriersContext, "db">, actor: Actor): Promise<Language> {
  if (actor.kind !== "person") return "en";
  return db.tx({ organisationId: actor.organisationId }, async (tx) => {
    const row = await tx.selectFrom("identity_person").select("language").where("id", "=", actor.personId).executeTakeFirst();
    return row?.language ?? "en";
  });
}
