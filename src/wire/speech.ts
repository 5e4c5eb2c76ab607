import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, Language, OrgParams, UnixMsNumber } from "./shapes.ts";

const common = { tag: "Speech", access: "organisation" } as const;
const view = { ...common, needs: "speech.view" } as const;
const change = { ...common, needs: "speech.change" } as const;

export const speechLimits = {
  /** Characters of a word and of how it is said. */
  word: 100,
  /** Words of an organisation. */
  words: 2000,
  /** Characters that can be heard in one go. */
  preview: 1000,
  /** Seconds of an uploaded recording. */
  recordingSeconds: 30,
  /** Bytes of an uploaded file: 30 seconds of 48 kHz, 16 bits, two channels, and its header. */
  recordingBytes: 6 * 1024 * 1024,
} as const;

const SpeechProgram = Type.Object({
  language: Language,
  program: Type.Union([Type.Literal("open_jtalk"), Type.Literal("espeak-ng")]),
  isReady: Type.Boolean(),
  missing: Type.Array(Type.Union([Type.Literal("program"), Type.Literal("dictionary"), Type.Literal("voice")])),
  /** Where each part was found on the server's machine. */
  found: Type.Object({
    program: Type.Optional(Type.String()),
    dictionary: Type.Optional(Type.String()),
    voice: Type.Optional(Type.String()),
  }),
});
export type SpeechProgram = Static<typeof SpeechProgram>;

export const listSpeechPrograms = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/speech/programs",
  summary: "Show with what each language is spoken, and what is missing",
  params: OrgParams,
  response: Type.Object({
    programs: Type.Array(SpeechProgram),
    ownFolder: Type.String({ description: "Folder on the server's machine in which a voice file (*.htsvoice) is found, too." }),
  }),
});

const SpeechPreview = Type.Object({
  sentences: Type.Array(Type.Object({ language: Language, text: Type.String() }), {
    description: "What is handed to the speech programs.",
  }),
  by: Type.Union([Type.Literal("program"), Type.Literal("prompts"), Type.Literal("tone")], {
    description: "Whether a speech program says it, recorded words do, or nothing of it can be said.",
  }),
  milliseconds: Type.Integer({ description: "Length of the sound." }),
  audio: Type.String({ description: "A WAV file (8 kHz, 16 bits, one channel) in base64." }),
});
export type SpeechPreview = Static<typeof SpeechPreview>;

export const previewSpeech = contract({
  ...view,
  method: "POST",
  path: "/orgs/:org/speech/preview",
  summary: "Hear how a text is read out on the phone",
  params: OrgParams,
  body: Type.Object({ text: Type.String({ minLength: 1, maxLength: speechLimits.preview }), language: Language }),
  response: SpeechPreview,
});

const SpeechWord = Type.Object({ id: Id, language: Language, written: Type.String(), spoken: Type.String(), changedAt: UnixMsNumber });
export type SpeechWord = Static<typeof SpeechWord>;

export const listSpeechWords = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/speech/words",
  summary: "List the words of the reading dictionary",
  params: OrgParams,
  response: Type.Object({ words: Type.Array(SpeechWord) }),
});

const WordText = Type.String({ minLength: 1, maxLength: speechLimits.word });
export const putSpeechWord = contract({
  ...change,
  method: "PUT",
  path: "/orgs/:org/speech/words",
  summary: "Say how a word is read; the same word again replaces its reading",
  params: OrgParams,
  body: Type.Object({ language: Language, written: WordText, spoken: WordText }),
  response: SpeechWord,
});

export const deleteSpeechWord = contract({
  ...change,
  method: "DELETE",
  path: "/orgs/:org/speech/words/:id",
  summary: "Take a word out of the reading dictionary",
  params: Type.Object({ ...OrgParams.properties, id: Id }),
  response: Done,
});

export const SpokenKind = Type.Union([Type.Literal("person"), Type.Literal("host"), Type.Literal("service")]);
export type SpokenKind = Static<typeof SpokenKind>;

const SpokenName = Type.Object({
  kind: SpokenKind,
  id: Id,
  name: Type.String(),
  reading: Type.String({ description: "In kana; empty: it is read as it is written." }),
});
export type SpokenName = Static<typeof SpokenName>;

export const listSpokenNames = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/speech/names",
  summary: "List people, hosts and services with the readings of their names",
  params: OrgParams,
  query: Type.Object({
    kind: Type.Optional(SpokenKind),
    text: Type.Optional(Type.String({ maxLength: 100, description: "Part of a name or of a reading." })),
    withReading: Type.Optional(Type.Boolean({ description: "Only those that somebody wrote a reading for." })),
    id: Type.Optional(Id),
    offset: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({ names: Type.Array(SpokenName), total: Type.Integer() }),
});

export const putSpokenName = contract({
  ...change,
  method: "PUT",
  path: "/orgs/:org/speech/names/:kind/:id",
  summary: "Say how the name of a person, a host or a service is read in Japanese",
  params: Type.Object({ ...OrgParams.properties, kind: SpokenKind, id: Id }),
  body: Type.Object({ reading: Type.String({ maxLength: speechLimits.word, description: "In kana; empty removes it." }) }),
  response: SpokenName,
});

const SpeechRecording = Type.Object({
  id: Id,
  key: Type.String({ description: "The sentence of calls that it replaces." }),
  language: Language,
  fileName: Type.String(),
  milliseconds: Type.Integer(),
  changedAt: UnixMsNumber,
});
export type SpeechRecording = Static<typeof SpeechRecording>;

export const listSpeechRecordings = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/speech/recordings",
  summary: "List recordings that replace sentences of calls",
  params: OrgParams,
  response: Type.Object({ recordings: Type.Array(SpeechRecording) }),
});

export const putSpeechRecording = contract({
  ...change,
  method: "PUT",
  path: "/orgs/:org/speech/recordings/:key",
  summary: "Replace a sentence of calls by a recording",
  params: Type.Object({ ...OrgParams.properties, key: Type.String({ maxLength: 40 }) }),
  body: Type.Object({
    language: Language,
    fileName: Type.String({ maxLength: 200 }),
    format: Type.Union([Type.Literal("wav"), Type.Literal("mu-law")], { description: "`mu-law`: 8,000 bytes a second without a header." }),
    sound: Type.String({ description: "The file in base64: at most 30 seconds and 6 MB." }),
  }),
  bodyLimit: Math.ceil(speechLimits.recordingBytes * 1.4),
  response: SpeechRecording,
});

const recordingParams = Type.Object({ ...OrgParams.properties, id: Id });
export const hearSpeechRecording = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/speech/recordings/:id/sound",
  summary: "Hear a recording as calls play it",
  params: recordingParams,
  response: Type.Object({ audio: Type.String({ description: "A WAV file in base64." }), milliseconds: Type.Integer() }),
});

export const deleteSpeechRecording = contract({
  ...change,
  method: "DELETE",
  path: "/orgs/:org/speech/recordings/:id",
  summary: "Delete a recording; the sentence is spoken again",
  params: recordingParams,
  response: Done,
});
