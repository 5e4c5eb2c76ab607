import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { changing } from "./acting.ts";
import { noRecording } from "./read-speech.ts";
import { speechTopic } from "./topic.ts";

/** Deletes a recording; its sentence is spoken again. @throws "forbidden", "not-found" */
export function deleteRecording(deps: Deps, actor: Actor, id: string): Promise<void> {
  return changing(deps, actor, async (tx, at) => {
    const row = await tx.deleteFrom("speech_recording").where("id", "=", id).returning(["key", "language"]).executeTakeFirst();
    if (!row) throw noRecording(id);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "speech-recording.deleted",
      object: `speech-recording:${id}`,
      outcome: "done",
      detail: { sentence: row.key, language: row.language },
    });
    await publish(tx, speechTopic);
  });
}
