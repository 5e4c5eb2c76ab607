import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { recordedSentences } from "#base/reading/sentences";
import { levelled, trimmed } from "#base/sound/arrange";
import { decodeMuLaw, encodeMuLaw } from "#base/sound/mu-law";
import { phoneRate, toPhoneRate } from "#base/sound/resample";
import { readWav } from "#base/sound/wav";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { Language } from "#wire/shapes";
import { speechLimits, type SpeechRecording } from "#wire/speech";
import { changing } from "./acting.ts";
import { speechTopic } from "./topic.ts";

export interface ChangeRecording {
  readonly key: string;
  readonly language: Language;
  readonly fileName: string;
  readonly format: "wav" | "mu-law";
  /** The file in base64. */
  readonly sound: string;
}

/** Shorter than this nothing was said. */
const leastSeconds = 0.2;

/** Replaces a sentence of calls by a recording. @throws "forbidden", "not-found", "too-large", "invalid-input" */
export function changeRecording(deps: Deps, actor: Actor, input: ChangeRecording): Promise<SpeechRecording> {
  return changing(deps, actor, async (tx, at) => {
    const { key, language } = input;
    if (!Object.hasOwn(recordedSentences, key))
      throw new HinobanError(
        "not-found",
        `There is no sentence ${key}. Those that can be recorded: ${Object.keys(recordedSentences).join(", ")}.`,
        { key },
      );
    const samples = soundOf(input);
    const fileName = input.fileName
      .toWellFormed()
      .replaceAll(/\p{Cc}/gu, "")
      .slice(0, 200);
    const milliseconds = Math.round((samples.length / phoneRate) * 1000);
    const sound = encodeMuLaw(samples);
    const values = { id: newId(), file_name: fileName, sound, milliseconds, changed_at: at };
    await tx
      .insertInto("speech_recording")
      .values({ ...values, language, key })
      .onConflict((of) => of.columns(["organisation_id", "language", "key"]).doUpdateSet(values))
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "speech-recording.changed",
      object: `speech-recording:${values.id}`,
      outcome: "done",
      detail: { sentence: key, language, milliseconds },
    });
    await publish(tx, speechTopic);
    return { id: values.id, key, language, fileName, milliseconds, changedAt: at };
  });
}

/** The sound as the telephone has it: at the usual level, without the silence at its ends. */
function soundOf({ sound, format }: ChangeRecording): Int16Array {
  const bytes = Buffer.from(sound, "base64");
  if (bytes.length > speechLimits.recordingBytes)
    throw new HinobanError("too-large", `A recording may have ${speechLimits.recordingBytes / 1024 / 1024} MB.`, { bytes: bytes.length });
  const refuse = (problem: string): Error => invalidInput([{ field: "sound", problem }]);
  const { rate, samples } = format === "mu-law" ? { rate: phoneRate, samples: decodeMuLaw(bytes) } : readWav(bytes);
  if (samples.length / rate > speechLimits.recordingSeconds) throw refuse(`may last ${speechLimits.recordingSeconds} seconds`);
  const heard = levelled(trimmed(toPhoneRate({ rate, samples }), 0.05));
  if (heard.length < leastSeconds * phoneRate) throw refuse("holds nothing that could be heard");
  return heard;
}
