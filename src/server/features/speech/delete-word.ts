import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { changing } from "./acting.ts";
import { speechTopic } from "./topic.ts";

/** Takes a word out of the dictionary. @throws "forbidden", "not-found" */
export function deleteWord(deps: Deps, actor: Actor, id: string): Promise<void> {
  return changing(deps, actor, async (tx, at) => {
    const row = await tx.deleteFrom("speech_word").where("id", "=", id).returning(["language", "written"]).executeTakeFirst();
    if (!row) throw new HinobanError("not-found", `There is no word ${id} in the reading dictionary.`, { id });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "speech-word.deleted",
      object: `speech-word:${id}`,
      outcome: "done",
      detail: { language: row.language },
      texts: { written: row.written },
    });
    await publish(tx, speechTopic);
  });
}
