import { recordedSentences } from "#base/reading/sentences";
import type { Tx } from "#store";

/** Names for the history: words as they are written, recordings by the sentence that they replace. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const of = (kind: string): string[] => ids.filter((id) => id.startsWith(`${kind}:`)).map((id) => id.slice(kind.length + 1));
  const [words, recordings] = [of("speech-word"), of("speech-recording")];
  const names: Record<string, string> = {};
  if (words.length > 0) {
    const rows = await tx.selectFrom("speech_word").select(["id", "written"]).where("id", "in", words).execute();
    for (const row of rows) names[`speech-word:${row.id}`] = row.written;
  }
  if (recordings.length > 0) {
    const rows = await tx.selectFrom("speech_recording").select(["id", "key", "language"]).where("id", "in", recordings).execute();
    for (const { id, key, language } of rows)
      names[`speech-recording:${id}`] = new Map(Object.entries(recordedSentences)).get(key)?.[language] ?? key;
  }
  return names;
}
