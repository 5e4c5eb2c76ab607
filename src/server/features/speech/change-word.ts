import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { isSpeakable } from "#base/reading/clean";
import { folded } from "#base/reading/words";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { Language } from "#wire/shapes";
import { speechLimits, type SpeechWord } from "#wire/speech";
import { changing } from "./acting.ts";
import { speechTopic } from "./topic.ts";

export interface ChangeWord {
  readonly language: Language;
  readonly written: string;
  readonly spoken: string;
}

const tidy = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim();

/** Says how a word is read; a word that is there already (whatever its case and width) gets the new reading. @throws "forbidden", "invalid-input" */
export function changeWord(deps: Deps, actor: Actor, input: ChangeWord): Promise<SpeechWord> {
  return changing(deps, actor, async (tx, at) => {
    const { language } = input;
    const [written, spoken] = [tidy(input.written), tidy(input.spoken)];
    const key = folded(written.normalize("NFKC"));
    if (key === "") throw invalidInput([{ field: "written", problem: "must hold more than spaces" }]);
    if (!isSpeakable(spoken)) throw invalidInput([{ field: "spoken", problem: "must hold letters or digits that can be said" }]);
    const { count } = await tx
      .selectFrom("speech_word")
      .select((of) => of.fn.countAll<number>().as("count"))
      .where((of) => of.not(of.and({ language, folded: key })))
      .executeTakeFirstOrThrow();
    if (count >= speechLimits.words)
      throw new HinobanError("conflict", `The dictionary holds ${speechLimits.words} words; take one out first.`, {
        most: speechLimits.words,
      });
    const row = await tx
      .insertInto("speech_word")
      .values({ id: newId(), language, written, folded: key, spoken, changed_at: at })
      .onConflict((of) => of.columns(["organisation_id", "language", "folded"]).doUpdateSet({ written, spoken, changed_at: at }))
      .returning(["id", "changed_at"])
      .executeTakeFirstOrThrow();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "speech-word.changed",
      object: `speech-word:${row.id}`,
      outcome: "done",
      detail: { language },
      texts: { written, spoken },
    });
    await publish(tx, speechTopic);
    return { id: row.id, language, written, spoken, changedAt: row.changed_at };
  });
}
