import { HinobanError } from "#base/errors";
import { decodeMuLaw } from "#base/sound/mu-law";
import type { Tx } from "#store";
import type { SpeechRecording, SpeechWord } from "#wire/speech";

/** The dictionary, by language and word. */
export async function readWords(tx: Tx): Promise<SpeechWord[]> {
  const rows = await tx
    .selectFrom("speech_word")
    .select(["id", "language", "written", "spoken", "changed_at as changedAt"])
    .orderBy("language", "desc")
    .orderBy("folded")
    .execute();
  return rows;
}

export function readRecordings(tx: Tx): Promise<SpeechRecording[]> {
  return tx
    .selectFrom("speech_recording")
    .select(["id", "key", "language", "file_name as fileName", "milliseconds", "changed_at as changedAt"])
    .orderBy("key")
    .orderBy("language")
    .execute();
}

export const noRecording = (id: string): HinobanError => new HinobanError("not-found", `There is no recording ${id}.`, { id });

/** @throws "not-found" */
export async function readSound(tx: Tx, id: string): Promise<Int16Array> {
  const row = await tx.selectFrom("speech_recording").select("sound").where("id", "=", id).executeTakeFirst();
  if (!row) throw noRecording(id);
  return decodeMuLaw(row.sound);
}
