import { HinobanError } from "#base/errors";
import { isSpeakable } from "#base/reading/clean";
import { phoneRate } from "#base/sound/resample";
import { writeWav } from "#base/sound/wav";
import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/speech";
import { changeName } from "./change-name.ts";
import { changeRecording } from "./change-recording.ts";
import { changeWord } from "./change-word.ts";
import type { SpeechContext } from "./context.ts";
import { deleteRecording } from "./delete-recording.ts";
import { deleteWord } from "./delete-word.ts";
import { pageOfNames } from "./read-names.ts";
import { readRecordings, readSound, readWords } from "./read-speech.ts";

const done = { success: true } as const;
const usualPage = 50;

/** Serves readings, the dictionary, recordings, and what can be heard of them. */
export function registerSpeech(served: Served, speech: SpeechContext): void {
  registerHearing(served, speech);
  registerReadings(served, speech);
  registerRecordings(served, speech);
}

/** Sound as the console plays it and the command line saves it. */
const audioOf = (samples: Int16Array): { audio: string; milliseconds: number } => ({
  audio: Buffer.from(writeWav({ rate: phoneRate, samples })).toString("base64"),
  milliseconds: Math.round((samples.length / phoneRate) * 1000),
});

function registerHearing(served: Served, speech: SpeechContext): void {
  serve(served, wire.listSpeechPrograms, async () => ({
    programs: (await speech.speaker.programs()).map(({ missing, found, ...program }) => ({
      ...program,
      isReady: missing.length === 0,
      missing: [...missing],
      found: { ...found },
    })),
    ownFolder: speech.ownFolder,
  }));
  serve(served, wire.previewSpeech, async ({ actor, body }) => {
    const { text, language } = body;
    if (!isSpeakable(text))
      throw new HinobanError("invalid-input", "There is nothing in this text that can be said.", {
        fields: [{ field: "text", problem: "must hold letters or digits" }],
      });
    const { organisationId } = scopeOf(actor);
    const { sentences } = await speech.readingOf(organisationId, text, language);
    const { samples, by } = await speech.voice(organisationId, language).say([{ language, text }]);
    return { sentences: sentences.map((sentence) => ({ ...sentence })), by, ...audioOf(samples) };
  });
}

function registerReadings(served: Served, speech: SpeechContext): void {
  const { db } = speech;
  serve(served, wire.listSpeechWords, async ({ actor }) => ({ words: await db.tx(scopeOf(actor), readWords) }));
  serve(served, wire.putSpeechWord, ({ actor, body }) => changeWord(speech, actor, body));
  serve(served, wire.deleteSpeechWord, async ({ actor, params }) => {
    await deleteWord(speech, actor, params.id);
    return done;
  });
  serve(served, wire.listSpokenNames, ({ actor, query }) =>
    db.tx(scopeOf(actor), (tx) => pageOfNames(tx, { ...query, offset: query.offset ?? 0, limit: query.limit ?? usualPage })),
  );
  serve(served, wire.putSpokenName, ({ actor, params, body }) =>
    changeName(speech, actor, { kind: params.kind, id: params.id, reading: body.reading }),
  );
}

function registerRecordings(served: Served, speech: SpeechContext): void {
  const { db } = speech;
  serve(served, wire.listSpeechRecordings, async ({ actor }) => ({ recordings: await db.tx(scopeOf(actor), readRecordings) }));
  serve(served, wire.putSpeechRecording, ({ actor, params, body }) => changeRecording(speech, actor, { ...body, key: params.key }));
  serve(served, wire.hearSpeechRecording, async ({ actor, params }) =>
    audioOf(await db.tx(scopeOf(actor), (tx) => readSound(tx, params.id))),
  );
  serve(served, wire.deleteSpeechRecording, async ({ actor, params }) => {
    await deleteRecording(speech, actor, params.id);
    return done;
  });
}
