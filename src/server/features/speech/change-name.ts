import { HinobanError, invalidInput } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { SpokenKind, SpokenName } from "#wire/speech";
import { changing } from "./acting.ts";
import { pageOfNames } from "./read-names.ts";
import { speechTopic } from "./topic.ts";

export interface ChangeName {
  readonly kind: SpokenKind;
  readonly id: string;
  /** Empty removes it. */
  readonly reading: string;
}

/** Kana, with what stands between parts of a name. */
const kana = /^[\p{Script=Hiragana}\p{Script=Katakana}ー・ ]*$/u;

/** Says how a name is read in Japanese. The same reading again changes nothing. @throws "forbidden", "invalid-input", "not-found" */
export function changeName(deps: Deps, actor: Actor, { kind, id, reading: given }: ChangeName): Promise<SpokenName> {
  return changing(deps, actor, async (tx, at) => {
    const reading = given.toWellFormed().normalize("NFKC").replaceAll(/\s+/gu, " ").trim();
    if (!kana.test(reading) || (reading !== "" && !/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(reading)))
      throw invalidInput([{ field: "reading", problem: "must be written in kana (ひらがな or カタカナ), as it is said" }]);
    const { names } = await pageOfNames(tx, { kind, id, offset: 0, limit: 1 });
    const [known] = names;
    if (!known) throw new HinobanError("not-found", `There is no ${kind} ${id}.`, { kind, id });
    if (known.reading === reading) return known;
    if (reading === "") await tx.deleteFrom("speech_name").where("kind", "=", kind).where("thing_id", "=", id).execute();
    else
      await tx
        .insertInto("speech_name")
        .values({ kind, thing_id: id, reading, changed_at: at })
        .onConflict((of) => of.columns(["organisation_id", "kind", "thing_id"]).doUpdateSet({ reading, changed_at: at }))
        .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "speech-name.changed",
      object: `${kind}:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: known.name, reading },
    });
    await publish(tx, speechTopic);
    return { ...known, reading };
  });
}
